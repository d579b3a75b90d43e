"""Find the paths along the bonds of a molecule on which two unpaired electrons can pair.

Two radical centres pair along a path on which bond orders alternately rise and fall by one:
`A•–x=y–B•` becomes `A=x–y=B`. These are the augmenting paths of matching theory: when there are
no more of them, no other arrangement of double bonds pairs more electrons (Berge, PNAS 43 (1957)
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
    """What a path may use to pair two electrons; each level includes the ones before it."""

    CONJUGATED = 0  # bond orders alternately rise and fall
    HYPERVALENT_END = 1  # the path may end in a bond that makes S or P hypervalent
    HYPERVALENT = 2  # S or P on the path may gain two bonds: O•–S–O• becomes O=S=O
    NEAR_CHARGES = 3  # an end may take the lone pair of the nitrogen beside it: [O-]–[N+]
    FAR_CHARGES = 4  # an end O• or S• may take that of any other nitrogen


@dataclass(frozen=True)
class Path:
    """A path between two unpaired electrons, complete or partial.

    Attributes
    ----------
    atoms : tuple of int
        Indices of its atoms, in order; the first and the last each lose an unpaired electron.
    changes : tuple of (int, int)
        Index of each bond on the path, and the change of its order, +1 or −1.
    direction : int
        Change of the order of the bond that would come next, +1 or −1.
    donations : tuple of (int, int)
        Pairs of atoms: one that takes a lone pair, and the nitrogen that gives it.
    reach : Reach
        What the search that found the path was allowed to use.
    """

    atoms: tuple[int, ...]
    changes: tuple[tuple[int, int], ...]
    direction: int
    donations: tuple[tuple[int, int], ...]
    reach: Reach


def pairings(
    skeleton: LewisSkeleton, lewis: Lewis, furthest: Reach
) -> list[tuple[Lewis, tuple[Path, ...]]]:
    """Pair electrons along the shortest paths of the lowest `Reach`, until no path is left.

    A `Reach` is a level of unusual chemistry; `furthest` is the highest that is tried.

    Returns
    -------
    list of (Lewis, tuple of Path)
        The Lewis structures with the fewest unpaired electrons, each with the paths that led to it;
        several where equally short paths lead to different structures.
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
    """Return the shortest paths at the lowest `Reach` that has any; none beyond `furthest`."""
    if sum(lewis.unpaired) < 2:
        return []
    for reach in Reach:
        if reach <= furthest:
            paths = _Search(skeleton, lewis, reach).run()
            if paths:
                return paths
    return []


def _after(lewis: Lewis, path: Path) -> Lewis:
    """Return the structure after pairing two electrons along a path."""
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
    """Breadth-first search for paths that pair two electrons by what a `Reach` allows."""

    def __init__(self, skeleton: LewisSkeleton, lewis: Lewis, reach: Reach) -> None:
        self.skeleton, self.lewis, self.reach = skeleton, lewis, reach
        self.valences = skeleton.valences(lewis)

    def run(self) -> list[Path]:
        """Return all complete paths of the shortest length; none if there is no path."""
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
        """Yield each path that is longer by one bond, after whether it is complete."""
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
        """Yield paths on which S or P gains two bonds, or a second nitrogen gives its lone pair."""
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
        """Yield longer paths that go on from a carbonyl oxygen by taking a nitrogen's lone pair."""
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
        """Yield the nitrogens whose lone pair a radical centre may take."""
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
        """Return whether an atom is C of an isocyanide, or a carbene or silylene between two N."""
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
