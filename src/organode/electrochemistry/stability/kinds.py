"""What SMARTS patterns demand of single atoms and bonds of a molecule.

A pattern demands something of each of its atoms (element, aromaticity, hydrogens, neighbours,
valence, charge, multiple bonds, whether it is in a ring) and of each of its bonds (its order and
its two atoms). An atom with several bonds in the pattern also has to have all these bonds: a star.
Such a demand defines a kind of atom, bond or star. A molecule with fewer atoms, bonds or stars of a
kind than the pattern does not have the pattern. A required environment, ``$(…)``, is a pattern
itself, whose atoms and bonds must be in the molecule too.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import chain, product
from typing import Any, NamedTuple

import numpy as np
from rdkit import Chem

from organode.chem.graph import Atom

ALIPHATIC = {"C": 6, "N": 7, "O": 8, "F": 9, "P": 15, "S": 16, "Cl": 17, "Br": 35, "I": 53}
AROMATIC = {"c": 6, "n": 7, "o": 8, "s": 16, "se": 34}
COUNTS = {"H": "hydrogens", "X": "neighbours", "v": "valence"}
CHARGES = {"+0": 0, "+": 1, "-": -1}
ANY, ANY_BOND = "*", "~"
RING = "R"
UNSATURATED = "u"  # not in SMARTS: `u2` demands a valence that exceeds the neighbours by 2 or more
ORDERS = {"-": {1.0}, ":": {1.5}, "=": {2.0}, "#": {3.0}}
ALL = {1.0, 1.5, 2.0, 3.0}
MULTIPLE = {"=": 1, "#": 2}  # valence that a bond uses beyond the first
OUTLINE = 4  # atoms, see `outline`
MOST = 16  # alternatives of a pattern that are kept apart; choices beyond are not used


class BondKind(NamedTuple):
    """What a pattern demands of a bond: the kinds of its two atoms, and its SMARTS."""

    begin: str
    bond: str
    end: str


class StarKind(NamedTuple):
    """What a pattern demands of an atom and its bonds, read from this atom on.

    Attributes
    ----------
    arms : tuple of (BondKind, int)
        The kinds of the atom's bonds in the pattern, and how many bonds of each kind there are.
    """

    arms: tuple[tuple[BondKind, int], ...]


# Least number of atoms, bonds and stars of each kind; an atom's is its SMARTS without brackets.
Demand = Counter[str | BondKind | StarKind]


class Bonds:
    """Tells of which of several kinds bonds are.

    Parameters
    ----------
    of_atoms : sequence of str
        Kinds of atoms.
    kinds : sequence of BondKind
        The kinds of bonds between such atoms.
    """

    def __init__(self, of_atoms: Sequence[str], kinds: Sequence[BondKind]) -> None:
        place = {kind: index for index, kind in enumerate(of_atoms)}
        self._begin = np.array([place[kind.begin] for kind in kinds], np.intp)
        self._end = np.array([place[kind.end] for kind in kinds], np.intp)
        self._has_order = {
            order: np.array([_has_order(kind.bond, order) for kind in kinds], bool) for order in ALL
        }

    def of(self, first: np.ndarray, second: np.ndarray, order: float) -> np.ndarray:
        """Return whether a bond is of each kind, read from its first atom on, bool.

        `first` and `second` are what `Kinds.of_atom` returned for its atoms.
        """
        return np.asarray(first[self._begin] & second[self._end] & self._has_order[order])


class Minima:
    """Tells which of several lists of least numbers are reached by given numbers.

    Parameters
    ----------
    lists : sequence of mapping
        Least numbers by name; a name that a list lacks may have any number.
    names : sequence
        All names, in the order of given numbers.
    """

    def __init__(self, lists: Sequence[Mapping[Any, int]], names: Sequence[Any]) -> None:
        demands = list({item for each in lists for item in each.items()})
        place = {name: index for index, name in enumerate(names)}
        self._place = np.array([place[name] for name, _ in demands], np.intp)
        self._least = np.array([least for _, least in demands], np.int64)
        number = {demand: index for index, demand in enumerate(demands)}
        of_lists = [[number[item] for item in each.items()] for each in lists]
        self._demands = np.array([*chain.from_iterable(of_lists)], np.intp)
        self._first = np.cumsum([0, *map(len, of_lists)])[: len(lists)]  # demand of each list

    def reached(self, numbers: np.ndarray) -> np.ndarray:
        """Return which of the m lists n rows of numbers reach: shape (n, m), bool.

        `numbers` has a column for each name, shape (n, n_names).
        """
        if not len(self._first):
            return np.zeros((len(numbers), 0), bool)
        lacking = np.packbits(numbers.T[self._place] < self._least[:, None], axis=1)
        lacking = np.bitwise_or.reduceat(lacking[self._demands], self._first)
        return np.asarray(np.unpackbits(lacking, axis=1, count=len(numbers)).T == 0)


class Kinds:
    """The kinds of atoms, bonds and stars that p patterns demand.

    A pattern is demanded in one or several alternative ways, one of which a molecule that has the
    pattern fulfils.

    Parameters
    ----------
    patterns : sequence of Chem.Mol
        The p patterns, made from SMARTS.

    Attributes
    ----------
    of_atoms : list of str
        The kinds of atoms.
    of_bonds : list of BondKind
        The kinds of bonds.
    of_stars : list of StarKind
        The kinds of stars.
    bonds, arms : Bonds
        Tell of which kinds in `of_bonds` bonds are, and of which kinds that stars demand.
    n_arms : int
        How many kinds of bonds stars demand.
    """

    def __init__(self, patterns: Sequence[Chem.Mol]) -> None:
        of_patterns = [_ways(pattern) for pattern in patterns]
        ways = [demand for of_pattern in of_patterns for demand in of_pattern]
        kinds = {kind for demand in ways for kind in demand}
        self.of_atoms = sorted(kind for kind in kinds if isinstance(kind, str))
        self.of_bonds = sorted(kind for kind in kinds if isinstance(kind, BondKind))
        self.of_stars = sorted(kind for kind in kinds if isinstance(kind, StarKind))
        arms = sorted({arm for star in self.of_stars for arm, _ in star.arms})
        self.n_arms = len(arms)
        self.bonds, self.arms = Bonds(self.of_atoms, self.of_bonds), Bonds(self.of_atoms, arms)
        self._known: dict[Atom, np.ndarray] = {}
        self._stars = Minima([dict(star.arms) for star in self.of_stars], arms)
        self._ways = Minima(ways, self.ordered)
        self._first = np.cumsum([0, *map(len, of_patterns[:-1])])  # way of each pattern

    @property
    def ordered(self) -> list[str | BondKind | StarKind]:
        """The kinds of atoms, then those of bonds, then those of stars."""
        return [*self.of_atoms, *self.of_bonds, *self.of_stars]

    def of_atom(self, atom: Atom) -> np.ndarray:
        """Return whether an atom is of each kind of atoms, bool; found out once for equal atoms."""
        if atom not in self._known:
            self._known[atom] = np.array([_is_kind(kind, atom) for kind in self.of_atoms], bool)
        return self._known[atom]

    def stars(self, arms: np.ndarray) -> np.ndarray:
        """Return of which kinds of stars m atoms are the centre: shape (m, n_stars), bool.

        `arms`, shape (m, n_arms), are sums over the bonds of each atom of what `self.arms` tells.
        """
        return self._stars.reached(arms)

    def may_have(self, counts: np.ndarray) -> np.ndarray:
        """Return which of the p patterns each of n molecules may have, shape (n, p), bool.

        `counts`, shape (n, n_kinds): number of atoms, bonds and stars of each kind, in the order of
        `ordered`, of each molecule.
        """
        return np.logical_or.reduceat(self._ways.reached(counts), self._first, axis=1)


def outline(pattern: Chem.Mol) -> Chem.Mol | None:
    """Return a pattern's atoms and bonds without what it demands of their environments.

    A molecule that has the pattern has its outline, which is several times faster to search. The
    result is None if the pattern demands nothing of environments, or if most molecules that may
    have the pattern have its outline, which is so if this has fewer than `OUTLINE` (4) atoms.

    Examples
    --------
    >>> Chem.MolToSmarts(outline(Chem.MolFromSmarts("[#6;$(CF)](=O)[#6;!$(CF)]=O")))
    '[#6&C](=O)[#6]=O'
    """
    if pattern.GetNumAtoms() < OUTLINE or "$(" not in Chem.MolToSmarts(pattern):
        return None
    bare = Chem.RWMol(pattern)
    for atom in pattern.GetAtoms():
        smarts = atom.GetSmarts().removeprefix("[").removesuffix("]")
        plain, _ = _without_environments(smarts)
        bare.ReplaceAtom(atom.GetIdx(), Chem.AtomFromSmarts(f"[{plain}]"))
    return bare.GetMol()


def _ways(pattern: Chem.Mol) -> list[Demand]:
    """Return alternative demands of a pattern: least numbers of atoms, bonds and stars by kind.

    A molecule that has the pattern fulfils at least one of the demands. Several demands come from
    alternative environments of an atom, as in ``[$(CO),$(CN)]``.
    """
    choices: list[list[Demand]] = []
    kinds = []
    Chem.FastFindRings(pattern)
    for atom in pattern.GetAtoms():
        smarts = atom.GetSmarts().removeprefix("[").removesuffix("]")
        plain, environments = _without_environments(smarts)
        spare = sum(MULTIPLE.get(bond.GetSmarts(), 0) for bond in atom.GetBonds())
        kinds.append(plain + f";{UNSATURATED}{spare}" * (spare > 0) + f";{RING}" * atom.IsInRing())
        choices += [demands for demands in environments if demands]
    whole: Demand = Counter(kinds)
    for bond in pattern.GetBonds():
        begin, end = sorted((kinds[bond.GetBeginAtomIdx()], kinds[bond.GetEndAtomIdx()]))
        whole[BondKind(begin, bond.GetSmarts(), end)] += 1  # type: ignore[call-arg]
    whole.update(_star(atom, kinds) for atom in pattern.GetAtoms() if atom.GetDegree() > 1)
    ways = [whole]
    for choice in choices:
        if len(ways) * len(choice) <= MOST:
            # The larger of both numbers, not the sum: an environment may share atoms with the rest.
            ways = [demand | further for demand, further in product(ways, choice)]
    return ways


def _star(atom: Chem.Atom, kinds: Sequence[str]) -> StarKind:
    """Return what a pattern demands of one of its atoms' bonds; `kinds`: those of all its atoms."""
    centre = kinds[atom.GetIdx()]
    arms: Counter[BondKind] = Counter()
    for bond in atom.GetBonds():
        end = kinds[bond.GetOtherAtomIdx(atom.GetIdx())]
        arms[BondKind(centre, bond.GetSmarts(), end)] += 1
    # An atom's bond may be of several kinds, but two bonds to atoms of a kind remain two.
    ends = Counter(arm.end for arm in arms.elements())
    arms |= Counter({BondKind(centre, ANY_BOND, end): number for end, number in ends.items()})
    return StarKind(tuple(sorted(arms.items())))


def _without_environments(smarts: str) -> tuple[str, list[list[Demand]]]:
    """Split an atom's SMARTS into conditions on the atom itself, and demands of environments.

    An environment is written as ``$(…)``. Each list of demands is for alternative environments of
    the atom: a molecule that has the pattern fulfils at least one demand of each list.
    """
    plain = ""
    environments: list[str] = []
    while smarts:
        head, has_environment, rest = smarts.partition("$(")
        if not has_environment:
            plain += smarts
            break
        end = _closing(rest)
        denied = head.endswith("!")
        plain += (head[:-1] if denied else head) + (ANY if denied else f"${len(environments)}")
        environments.append(rest[:end])
        smarts = rest[end + 1 :]
    queries = [Chem.MolFromSmarts(environment) for environment in environments]
    demands = []
    for part in plain.split(";"):
        options = [re.findall(r"\$(\d+)", option) for option in part.split(",")]
        if all(options):  # else some option needs no environment
            chosen = [queries[int(option[0])] for option in options]
            demands.append([demand for query in chosen for demand in _ways(query)])
    plain = re.sub(r"\$(\d+)", lambda found: _first(queries[int(found[1])]), plain)
    # The same first atom in several environments: a kind has one name.
    unique = (",".join(dict.fromkeys(part.split(","))) for part in plain.split(";"))
    return ";".join(unique), demands


def _first(environment: Chem.Mol) -> str:
    """Return what an environment demands of its first atom, if that has no alternatives."""
    smarts = environment.GetAtomWithIdx(0).GetSmarts().removeprefix("[").removesuffix("]")
    return ANY if re.search(r"[,;$]", smarts) else smarts


def _has_order(smarts: str, order: float) -> bool:
    """Return whether a bond of an order may match a bond's SMARTS, such as ``-,:``."""
    if not smarts:
        return order in (1.0, 1.5)
    return any(order in ORDERS.get(option, ALL) for option in smarts.split(","))


def _closing(text: str) -> int:
    """Return the position in `text` of the ``)`` that closes a ``(`` just before the text."""
    depth = 1
    for position, sign in enumerate(text):
        depth += (sign == "(") - (sign == ")")
        if not depth:
            return position
    raise ValueError(f"not a SMARTS: '{text}'")


def _is_kind(kind: str, atom: Atom) -> bool:
    """Return whether an atom may match `kind`, the SMARTS of an atom without brackets."""
    return all(
        any(all(_matches(word, atom) for word in option.split("&")) for option in part.split(","))
        for part in kind.split(";")
    )


def _matches(word: str, atom: Atom) -> bool:  # noqa: PLR0911 (a return for each primitive)
    """Return whether a SMARTS primitive, such as ``H1``, may match an atom.

    The result is True if the properties in `Atom` cannot decide, as for a primitive on rings.
    """
    if word[0] == "!":
        return not _is_decidable(word[1:]) or not _matches(word[1:], atom)
    if word[0] == "#":
        return atom.number == int(word[1:])
    if word in ALIPHATIC:
        return not atom.is_aromatic and atom.number == ALIPHATIC[word]
    if word in AROMATIC:
        return atom.is_aromatic and atom.number == AROMATIC[word]
    if word in ("a", "A"):
        return atom.is_aromatic == (word == "a")
    if word in CHARGES:
        return atom.charge == CHARGES[word]
    if word[0] == UNSATURATED:  # the valence of an aromatic atom is a matter of rounding
        return atom.is_aromatic or atom.valence - atom.neighbours >= int(word[1:])
    if word == RING:
        return atom.in_ring
    if _is_decidable(word):
        return bool(getattr(atom, COUNTS[word[0]]) == int(word[1:]))
    return True


def _is_decidable(word: str) -> bool:
    """Return whether the properties in `Atom` decide if a SMARTS primitive matches."""
    simple = word in ALIPHATIC or word in AROMATIC or word in CHARGES or word in ("a", "A", RING)
    return simple or bool(re.fullmatch(r"[#HXv]\d+", word))
