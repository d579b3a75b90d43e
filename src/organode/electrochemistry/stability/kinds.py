"""What SMARTS patterns demand of single atoms and bonds of a molecule.

A pattern demands something of each of its atoms (element, aromaticity, hydrogens, neighbours,
valence, charge, multiple bonds, whether it is in a ring) and of each of its bonds (its order and
its two atoms). Such a demand defines a kind of atom or bond. A molecule with fewer atoms or bonds
of a kind than the pattern does not have the pattern. A required environment, ``$(…)``, is a pattern
itself, whose atoms and bonds must be in the molecule too.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from itertools import product
from typing import NamedTuple

import numpy as np
from rdkit import Chem

from organode.chem.graph import Atom

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
MOST = 16  # alternatives of a pattern that are kept apart; choices beyond are not used


class BondKind(NamedTuple):
    """What a pattern demands of a bond: the kinds of its two atoms, and its SMARTS."""

    begin: str
    bond: str
    end: str


# Least number of atoms and bonds of each kind; that of an atom is its SMARTS without brackets.
Demand = Counter[str | BondKind]


class Kinds:
    """The kinds of atoms and bonds that p patterns demand.

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
    begin, end : numpy.ndarray
        For each kind of bonds, the places in `of_atoms` of the kinds of its two atoms.
    ways : list of Demand
        The ways of all patterns, one pattern after the other.
    first : numpy.ndarray
        Shape (p,): place in `ways` of the first way of each pattern.
    """

    def __init__(self, patterns: Sequence[Chem.Mol]) -> None:
        ways = [_ways(pattern) for pattern in patterns]
        self.ways = [demand for of_pattern in ways for demand in of_pattern]
        kinds = {kind for demand in self.ways for kind in demand}
        self.of_atoms = sorted(kind for kind in kinds if isinstance(kind, str))
        self.of_bonds = sorted(kind for kind in kinds if isinstance(kind, BondKind))
        self.first = np.cumsum([0, *map(len, ways[:-1])])
        place = {kind: index for index, kind in enumerate(self.of_atoms)}
        self.begin = np.array([place[kind.begin] for kind in self.of_bonds], np.intp)
        self.end = np.array([place[kind.end] for kind in self.of_bonds], np.intp)
        # A column for each pair of kind and number that some way demands.
        columns = list({item for demand in self.ways for item in demand.items()})
        all_kinds = {kind: index for index, kind in enumerate(self.ordered)}
        self._kind = np.array([all_kinds[kind] for kind, _ in columns], np.intp)
        self._least = np.array([least for _, least in columns])
        self._needed = np.array(
            [[demand[kind] == least for demand in self.ways] for kind, least in columns], np.float32
        )
        self._has_order = {
            order: np.array([_has_order(kind.bond, order) for kind in self.of_bonds], bool)
            for order in ALL
        }

    @property
    def ordered(self) -> list[str | BondKind]:
        """The kinds of atoms, then those of bonds."""
        return [*self.of_atoms, *self.of_bonds]

    def of_atom(self, atom: Atom) -> np.ndarray:
        """Return whether an atom is of each kind of atoms, bool."""
        return np.array([_is_kind(kind, atom) for kind in self.of_atoms], bool)

    def of_bond(self, first: np.ndarray, second: np.ndarray, order: float) -> np.ndarray:
        """Return whether a bond is of each kind of bonds, read from its first atom on, bool.

        `first` and `second` are what `of_atom` returned for its atoms.
        """
        return np.asarray(first[self.begin] & second[self.end] & self._has_order[order])

    def may_have(self, counts: np.ndarray) -> np.ndarray:
        """Return which of the p patterns each of n molecules may have, shape (n, p), bool.

        `counts`, shape (n, n_kinds): number of atoms and bonds of each kind, in the order of
        `ordered`, of each molecule.
        """
        lacking = counts[:, self._kind] < self._least
        # Numbers of unfulfilled demands: small integers, which float32 holds exactly.
        ways = lacking.astype(np.float32) @ self._needed == 0
        return np.logical_or.reduceat(ways, self.first, axis=1)


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
