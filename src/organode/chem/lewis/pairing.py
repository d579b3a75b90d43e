"""Find the paths along the bonds of a molecule on which two unpaired electrons can pair.

Two radical centres pair along a path on which bond orders alternately rise and fall by one:
`A•–x=y–B•` becomes `A=x–y=B`. Such paths are the augmenting paths of matching theory: when no such
path is left, no other arrangement of double bonds pairs more electrons (Berge, PNAS 43 (1957)
842, doi 10.1073/pnas.43.9.842). Sulfur and phosphorus, which may exceed the octet, and nitrogen,
which may give up its lone pair, allow further paths.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from enum import IntEnum

from organode.chem.lewis.formula import Lewis, LewisSkeleton

CARBON, NITROGEN, OXYGEN, SILICON, PHOSPHORUS, SULFUR = 6, 7, 8, 14, 15, 16

# Valences of elements that may exceed the octet; the first is the normal valence. Without chlorine,
# since RDKit writes its oxides with charges.
EXPANDING = {PHOSPHORUS: (3, 5), SULFUR: (2, 4, 6)}
# Valence of N and O in positive ions. An uncharged atom with this valence has one bond too many: a
# path may end there only with a falling bond order.
ONIUM_VALENCE = {NITROGEN: 4, OXYGEN: 3}

# Far more than real molecules need: these limit the time for absurd ones.
MOST_PATHS = 20_000
MOST_STRUCTURES = 50


class Reach(IntEnum):
    """How unusual the chemistry may be by which two electrons pair along a path of bonds.

    A level also allows what lower levels allow.
    """

    CONJUGATED = 0  # bond orders alternately rise and fall
    HYPERVALENT_END = 1  # the path may end in a bond that makes S or P hypervalent
    HYPERVALENT = 2  # S or P on the path may gain two bonds: O•–S–O• becomes O=S=O
    NEAR_CHARGES = 3  # an end may take the lone pair of the nitrogen beside it: [O-]–[N+]
    FAR_CHARGES = 4  # an end O• or S• may take the lone pair of any nitrogen


@dataclass(frozen=True)
class Path:
    """A path of bonds between two unpaired electrons, or the first part of such a path.

    Attributes
    ----------
    atoms : tuple of int
        Indices of the atoms on the path, in order. When the electrons pair, the first and the last
        atom lose an unpaired electron each.
    changes : tuple of (int, int)
        Index of each bond on the path, and the change of the order of this bond, +1 or −1.
    direction : int
        Change, +1 or −1, of the order of the next bond if the path is made longer.
    donations : tuple of (int, int)
        For each lone pair that moves: index of the atom that takes the lone pair, and index of the
        nitrogen that gives it.
    reach : Reach
        Level of the search that found the path.
    """

    atoms: tuple[int, ...]
    changes: tuple[tuple[int, int], ...]
    direction: int
    donations: tuple[tuple[int, int], ...]
    reach: Reach


def pairings(
    skeleton: LewisSkeleton, lewis: Lewis, furthest: Reach
) -> list[tuple[Lewis, tuple[Path, ...]]]:
    """Pair unpaired electrons, two at a time, until no path between two of them is left.

    Each step uses the shortest paths at the lowest level of `Reach` at which there is a path;
    `furthest` is the highest level that is tried.

    Returns
    -------
    list of (Lewis, tuple of Path)
        The Lewis structures with the fewest unpaired electrons, each with the paths along which
        electrons were paired. There are several structures if equally short paths lead to different
        structures.
    """
    ends: dict[Lewis, tuple[Path, ...]] = {}
    current: dict[Lewis, tuple[Path, ...]] = {lewis: ()}
    while current:
        following: dict[Lewis, tuple[Path, ...]] = {}
        for structure, paths in current.items():
            steps = next_paths(skeleton, structure, furthest)
            if not steps:
                ends[structure] = paths
            for path in steps:
                following.setdefault(_after(structure, path), (*paths, path))
        current = dict(sorted(following.items(), key=lambda item: item[0])[:MOST_STRUCTURES])
    fewest = min(sum(structure.unpaired) for structure in ends)
    return [item for item in ends.items() if sum(item[0].unpaired) == fewest]


def next_paths(skeleton: LewisSkeleton, lewis: Lewis, furthest: Reach) -> list[Path]:
    """Return the shortest paths on which two unpaired electrons of a Lewis structure can pair.

    The paths are those at the lowest level of `Reach` at which there is a path. The list is empty
    if there is no path at any level up to `furthest`.
    """
    if sum(lewis.unpaired) < 2:
        return []
    for reach in Reach:
        if reach <= furthest:
            paths = _Search(skeleton, lewis, reach).run()
            if paths:
                return paths
    return []


def _after(lewis: Lewis, path: Path) -> Lewis:
    """Return the Lewis structure that results when two electrons pair along a path."""
    orders, unpaired, charges = list(lewis.orders), list(lewis.unpaired), list(lewis.charges)
    for bond, change in path.changes:
        orders[bond] += change
    unpaired[path.atoms[0]] -= 1
    unpaired[path.atoms[-1]] -= 1
    for acceptor, donor in path.donations:
        charges[acceptor] -= 1
        charges[donor] += 1
    return Lewis(tuple(orders), tuple(unpaired), tuple(charges))


class _Search:
    """Breadth-first search for paths on which two electrons can pair at one level of `Reach`."""

    def __init__(self, skeleton: LewisSkeleton, lewis: Lewis, reach: Reach) -> None:
        self.skeleton, self.lewis, self.reach = skeleton, lewis, reach
        self.valences = skeleton.valences(lewis)

    def run(self) -> list[Path]:
        """Return all complete paths of the shortest length; an empty list if there is no path."""
        growing = list(self._starts())
        while growing:
            steps = [step for path in growing for step in self._longer(path)]
            complete = [path for done, path in steps if done]
            if complete:
                return complete
            growing = [path for _, path in steps][:MOST_PATHS]
        return []

    def _starts(self) -> Iterator[Path]:
        for atom, unpaired in enumerate(self.lewis.unpaired):
            if unpaired:
                for direction in (1, -1):
                    if self._may_end(atom, direction):
                        yield Path((atom,), (), direction, (), self.reach)
                for donor in self._donors(atom):
                    yield Path((atom, donor), (), 1, ((atom, donor),), self.reach)

    def _longer(self, path: Path) -> Iterator[tuple[bool, Path]]:
        """Yield pairs (complete, path) with the paths that continue the given path by a bond.

        `complete`: whether the longer path ends at an unpaired electron that can pair.
        """
        direction = path.direction
        for atom, bond in self.skeleton.bonds[path.atoms[-1]]:
            if not 1 <= self.lewis.orders[bond] + direction <= 3:
                continue
            if atom in path.atoms and not self._pairs_with_itself(path, atom):
                continue
            longer = replace(
                path,
                atoms=(*path.atoms, atom),
                changes=(*path.changes, (bond, direction)),
                direction=-direction,
            )
            if self._pairs(path, atom) and self._may_end(atom, direction, path.donations):
                yield True, longer
            elif atom not in path.atoms:
                yield False, longer
                yield from self._after_rise(longer) if direction == 1 else self._after_fall(longer)

    def _after_rise(self, path: Path) -> Iterator[tuple[bool, Path]]:
        """Yield pairs (complete, path) with unusual continuations after a bond whose order rose.

        The last atom of the given path is S or P and may gain a second bond, or is a nitrogen that
        gives its lone pair after another nitrogen gave a lone pair. `complete`: see `_longer`.
        """
        atom = path.atoms[-1]
        if self._may_gain_two(atom):
            yield False, replace(path, direction=1)
        if path.donations and self._has_lone_pair(atom):
            # Two N–O• in a ring: both nitrogens give their lone pair, and their new bonds meet.
            for end, _ in self.skeleton.bonds[atom]:
                if self._accepts(end) and end not in path.atoms:
                    donations = (*path.donations, (end, atom))
                    yield True, replace(path, atoms=(*path.atoms, end), donations=donations)

    def _after_fall(self, path: Path) -> Iterator[tuple[bool, Path]]:
        """Yield (False, path) for paths on which a carbonyl oxygen takes a nitrogen's lone pair.

        The oxygen is the last atom of the given path; the nitrogen is added to the path. False
        means that the path is not yet complete.
        """
        before, atom = path.atoms[-2:]
        elements = self.skeleton.elements
        carbonyl = (elements[before], elements[atom]) == (CARBON, OXYGEN)
        if self.reach == Reach.FAR_CHARGES and carbonyl and not path.donations:
            # In a resonance form, the unpaired electron is on this oxygen, which takes a lone pair.
            for donor in filter(self._has_lone_pair, range(len(elements))):
                if donor not in path.atoms:
                    atoms, donations = (*path.atoms, donor), ((atom, donor),)
                    yield False, replace(path, atoms=atoms, donations=donations)

    def _pairs(self, path: Path, atom: int) -> bool:
        ions = self.skeleton.ions
        return self.lewis.unpaired[atom] > 0 and ions[path.atoms[0]] * ions[atom] <= 0

    def _pairs_with_itself(self, path: Path, atom: int) -> bool:
        # A carbene: one electron is for the donated lone pair, the other for the new bond.
        return atom == path.atoms[0] and self.lewis.unpaired[atom] == 2 and bool(path.donations)

    def _may_end(
        self, atom: int, direction: int, donations: Collection[tuple[int, int]] = ()
    ) -> bool:
        element, valence = self.skeleton.elements[atom], self.valences[atom]
        if element in EXPANDING:
            ordinary = EXPANDING[element][0]
            if direction == -1:
                return valence > ordinary
            return valence < ordinary or self.reach >= Reach.HYPERVALENT_END
        if valence == ONIUM_VALENCE.get(element) and not self.lewis.charges[atom]:
            return direction == -1
        # A nitrogen that gives its lone pair to a distant atom does not form N+=O.
        far = self.reach == Reach.FAR_CHARGES and bool(donations)
        return direction == 1 and not (far and element == OXYGEN)

    def _may_gain_two(self, atom: int) -> bool:
        return (
            self.reach >= Reach.HYPERVALENT
            and self.valences[atom] + 2 in EXPANDING.get(self.skeleton.elements[atom], ())
            and not self.lewis.charges[atom]
        )

    def _donors(self, centre: int) -> Iterator[int]:
        """Yield indices of the nitrogens whose lone pair the radical centre `centre` may take."""
        if self.reach < Reach.NEAR_CHARGES:
            return
        near = [atom for atom, _ in self.skeleton.bonds[centre] if self._has_lone_pair(atom)]
        if self._accepts(centre) or self._is_singlet(centre, near):
            yield from near
        terminal = len(self.skeleton.bonds[centre]) == 1
        element = self.skeleton.elements[centre]
        if self.reach >= Reach.FAR_CHARGES and terminal and element in (OXYGEN, SULFUR):
            yield from filter(self._has_lone_pair, range(len(self.valences)))

    def _accepts(self, atom: int) -> bool:
        return (
            self.lewis.unpaired[atom] > 0
            and self.skeleton.elements[atom] in (NITROGEN, OXYGEN, SULFUR)
            and not self.lewis.charges[atom]
        )

    def _is_singlet(self, atom: int, donors: Collection[int]) -> bool:
        """Return whether an atom is C of an isocyanide, or a carbene or silylene between two N.

        `donors`: indices of the neighbours that are nitrogens with a lone pair.
        """
        return (
            self.lewis.unpaired[atom] == 2
            and self.skeleton.elements[atom] in (CARBON, SILICON)
            and (len(self.skeleton.bonds[atom]) == 1 or len(donors) == 2)
        )

    def _has_lone_pair(self, atom: int) -> bool:
        return (
            self.skeleton.elements[atom] == NITROGEN
            and self.valences[atom] == 3
            and not self.lewis.charges[atom]
            and not self.lewis.unpaired[atom]
        )
