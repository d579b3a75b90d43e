"""Pre-filter for many SMARTS: which patterns a molecule may have, by single atoms and bonds.

Most patterns are ruled out by the filter and need no substructure search. The filter uses what a
pattern demands of each atom (element, aromaticity, hydrogens, neighbours, valence, charge,
multiple bonds, whether it is in a ring) and of each bond (its order and its two atoms). Such a
demand defines a kind of atom or bond. A molecule with fewer atoms or bonds of a kind than the
pattern does not have the pattern. A required environment, ``$(…)``, is a pattern itself, whose
atoms and bonds must be in the molecule too.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from itertools import product
from typing import NamedTuple

import numpy as np
from rdkit import Chem

from organode.chem.graph import Atom, AtomTuple, Graph

ALIPHATIC = {"C": 6, "N": 7, "O": 8, "F": 9, "P": 15, "S": 16, "Cl": 17, "Br": 35, "I": 53}
AROMATIC = {"c": 6, "n": 7, "o": 8, "s": 16, "se": 34}
COUNTS = {"H": "hydrogens", "X": "neighbours", "v": "valence"}
CHARGES = {"+0": 0, "+": 1, "-": -1}
ANY = "*"
RING = "R"
UNSATURATED = "u"  # not in SMARTS: `u2` demands a valence that exceeds the neighbours by 2 or more
ORDERS = {"-": {1.0}, ":": {1.5}, "=": {2.0}, "#": {3.0}}
ALL = {1.0, 1.5, 2.0, 3.0}
MULTIPLE = {"=": 1, "#": 2}  # valence that a bond uses beyond the first
COUNT = np.dtype("<u2")  # of the number of atoms of a kind in a molecule
MOST_UNSATURATED = 4  # the most by which a valence exceeds the neighbours, as in XeO₄
MOST = 16  # alternatives of a pattern that are kept apart; choices beyond are not used


class BondKind(NamedTuple):
    """What a pattern demands of a bond: the kinds of its two atoms, and its SMARTS."""

    begin: str
    bond: str
    end: str


# Least number of atoms and bonds of each kind; that of an atom is its SMARTS without brackets.
Demand = Counter[str | BondKind]


class Sieve:
    """A filter that tells which of n SMARTS patterns a molecule may have.

    Parameters
    ----------
    patterns : sequence of Chem.Mol
        The n patterns, made from SMARTS.
    """

    def __init__(self, patterns: Sequence[Chem.Mol]) -> None:
        ways = [_ways(pattern) for pattern in patterns]
        every = [demand for of_pattern in ways for demand in of_pattern]
        kinds = {kind for demand in every for kind in demand}
        self._of_atoms = sorted(kind for kind in kinds if isinstance(kind, str))
        of_bonds = sorted(kind for kind in kinds if isinstance(kind, BondKind))
        place = {kind: index for index, kind in enumerate([*self._of_atoms, *of_bonds])}
        self._begin = np.array([place[kind.begin] for kind in of_bonds], np.intp)
        self._end = np.array([place[kind.end] for kind in of_bonds], np.intp)
        self._has_order = {
            order: np.array([_has_order(kind.bond, order) for kind in of_bonds], bool)
            for order in ALL
        }
        # A column for each pair of kind and number that some pattern demands.
        columns = list({item for demand in every for item in demand.items()})
        self._kind = np.array([place[kind] for kind, _ in columns])
        self._least = np.array([least for _, least in columns])
        self._needed = np.packbits(
            [[demand[kind] == least for kind, least in columns] for demand in every], axis=1
        )
        self._first = np.cumsum([0, *map(len, ways[:-1])])
        # Of each atom and bond met so far, whether it is of each kind, 0 or 1. The numbers for all
        # kinds are packed into one integer: ten times faster to add.
        self._atoms: dict[AtomTuple, tuple[int, np.ndarray]] = {}
        self._bonds: dict[tuple[AtomTuple, AtomTuple, float], int] = {}

    def may_have(self, graph: Graph) -> list[bool]:
        """Return for each of the n patterns whether a molecule may have it.

        False means that the molecule does not have the pattern, True that a substructure search has
        to decide.
        """
        atoms, bonds = self._atoms, self._bonds
        for atom in {*graph.atoms} - atoms.keys():
            kinds = np.array([_is_kind(kind, Atom(*atom)) for kind in self._of_atoms], bool)
            atoms[atom] = _packed(kinds), kinds
        total = sum(atoms[atom][0] for atom in graph.atoms)
        for begin, end, order in graph.bonds:
            bond = graph.atoms[begin], graph.atoms[end], order
            kinds_of_bond = bonds.get(bond)
            if kinds_of_bond is None:
                kinds_of_bond = bonds[bond] = self._kinds(*bond)
            total += kinds_of_bond
        n = len(self._of_atoms) + len(self._begin)
        counts = np.frombuffer(total.to_bytes(COUNT.itemsize * n, "little"), COUNT)
        lacking = np.packbits(counts[self._kind] < self._least)
        ways = ~(self._needed & lacking).any(axis=1)
        return list(np.logical_or.reduceat(ways, self._first).tolist())

    def _kinds(self, begin: AtomTuple, end: AtomTuple, order: float) -> int:
        """Return whether a bond is of each kind, packed into an integer beyond those of atoms."""
        first, second = self._atoms[begin][1], self._atoms[end][1]
        forwards = first[self._begin] & second[self._end]
        backwards = second[self._begin] & first[self._end]
        kinds = (forwards | backwards) & self._has_order[order]
        return _packed(kinds) << (8 * COUNT.itemsize * len(self._of_atoms))


class EnvironmentSieve:
    """The same for many molecules at once, from their Morgan environments of radius 1.

    Such an environment tells all of its central atom, and of a neighbour all but its aromaticity
    and valence. Where these matter, the neighbour counts as one that fits, so that a molecule may
    seem to have more bonds of a kind than it has.

    Parameters
    ----------
    patterns : sequence of Chem.Mol
        The p patterns, made from SMARTS.

    Attributes
    ----------
    n_kinds : int
        How many kinds of atoms and bonds the patterns demand.
    """

    def __init__(self, patterns: Sequence[Chem.Mol]) -> None:
        ways = [_ways(pattern) for pattern in patterns]
        every = [demand for of_pattern in ways for demand in of_pattern]
        kinds = {kind for demand in every for kind in demand}
        self._of_atoms = sorted(kind for kind in kinds if isinstance(kind, str))
        self._of_bonds = sorted(kind for kind in kinds if isinstance(kind, BondKind))
        ordered: list[str | BondKind] = [*self._of_atoms, *self._of_bonds]
        self.n_kinds = len(ordered)
        self._least = np.array([[demand[kind] for kind in ordered] for demand in every])
        self._first = np.cumsum([0, *map(len, ways[:-1])])
        place = {kind: index for index, kind in enumerate(self._of_atoms)}
        self._begin = np.array([place[kind.begin] for kind in self._of_bonds], np.intp)
        self._end = np.array([place[kind.end] for kind in self._of_bonds], np.intp)
        self._neighbours: dict[tuple[AtomTuple, float], np.ndarray] = {}

    def kinds_of(self, graph: Graph, atom: int) -> np.ndarray:
        """Return of which kinds an atom and its bonds are, shape (n_kinds,), uint16.

        For a kind of atoms the number is 0 or 1; for a kind of bonds, it is the number of the
        atom's bonds at which the atom itself can be the kind's first one.
        """
        of_atom = self._kinds(graph.atoms[atom])
        of_bonds = np.zeros(len(self._of_bonds), np.uint16)
        for begin, end, order in graph.bonds:
            if atom in (begin, end):
                neighbour = graph.atoms[end if atom == begin else begin]
                fits = np.array([_has_order(kind.bond, order) for kind in self._of_bonds], bool)
                of_bonds += fits & of_atom[self._begin] & self._may_be(neighbour, order)[self._end]
        return np.concatenate([of_atom, of_bonds])

    def may_have(self, counts: np.ndarray) -> np.ndarray:
        """Return which of the patterns each of n molecules may have, shape (n, p), bool.

        `counts`, shape (n, n_kinds), are sums over the atoms of each molecule of `kinds_of`.
        """
        ways = np.ones((len(counts), len(self._least)), bool)
        for number, least in zip(counts.T, self._least.T, strict=True):
            demanding = np.flatnonzero(least)
            ways[:, demanding] &= number[:, None] >= least[demanding]
        return np.logical_or.reduceat(ways, self._first, axis=1)

    def _may_be(self, neighbour: AtomTuple, order: float) -> np.ndarray:
        """Return of which kinds an atom may be, by what an environment tells of a neighbour."""
        given = Atom(*neighbour)._replace(is_aromatic=False, valence=0, unpaired=0)
        key: tuple[AtomTuple, float] = given, order
        if key not in self._neighbours:
            aromatic = {1.5: (True,)}.get(order, (False, True) if given.in_ring else (False,))
            valences = range(given.neighbours, given.neighbours + MOST_UNSATURATED + 1)
            options = [
                given._replace(is_aromatic=is_aromatic, valence=valence)
                for is_aromatic, valence in product(aromatic, valences)
            ]
            self._neighbours[key] = np.logical_or.reduce([*map(self._kinds, options)])
        return self._neighbours[key]

    def _kinds(self, atom: AtomTuple) -> np.ndarray:
        return np.array([_is_kind(kind, Atom(*atom)) for kind in self._of_atoms], bool)


def _packed(numbers: np.ndarray) -> int:
    return int.from_bytes(numbers.astype(COUNT).tobytes(), "little")


def _ways(pattern: Chem.Mol) -> list[Demand]:
    """Return alternative demands of a pattern: least numbers of atoms of several kinds.

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
    ways = [whole]
    for choice in choices:
        if len(ways) * len(choice) <= MOST:
            # The larger of both numbers, not the sum: an environment may share atoms with the rest.
            ways = [demand | further for demand, further in product(ways, choice)]
    return ways


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
    return re.sub(r"\$(\d+)", lambda found: _first(queries[int(found[1])]), plain), demands


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
