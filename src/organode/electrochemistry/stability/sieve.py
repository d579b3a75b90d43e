"""Pre-filter for many SMARTS: which patterns a molecule may have, by its atoms alone.

Most patterns are ruled out by the filter and need no substructure search. The filter uses what a
pattern demands of each atom: element, aromaticity, hydrogens, neighbours, valence, charge and
multiple bonds, but not rings or bond partners. The demands on an atom define a kind of atom. A
molecule with fewer atoms of a kind than the pattern does not have the pattern. A required
environment, ``$(…)``, is a pattern itself, whose atoms must be in the molecule too.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from itertools import product
from typing import NamedTuple

import numpy as np
from rdkit import Chem

from organode.chem.molecule import atoms

ALIPHATIC = {"C": 6, "N": 7, "O": 8, "F": 9, "P": 15, "S": 16, "Cl": 17, "Br": 35, "I": 53}
AROMATIC = {"c": 6, "n": 7, "o": 8, "s": 16, "se": 34}
COUNTS = {"H": "hydrogens", "X": "neighbours", "v": "valence"}
CHARGES = {"+0": 0, "+": 1, "-": -1}
ANY = "*"
UNSATURATED = "u"  # not in SMARTS: `u2` demands a valence that exceeds the neighbours by 2 or more
MULTIPLE = {"=": 1, "#": 2}  # valence that a bond uses beyond the first
COUNT = np.dtype("<u2")  # of the number of atoms of a kind in a molecule
MOST = 16  # alternatives of a pattern that are kept apart; choices beyond are not used

Demand = Counter[str]  # least number of atoms of each kind, by the kind's SMARTS without brackets


class Atom(NamedTuple):
    """Properties of an atom that a SMARTS pattern may demand.

    `number` is the atomic number, `hydrogens` the number of bonded hydrogens, `neighbours` the
    number of bonded atoms including these hydrogens, and `charge` the formal charge.
    """

    number: int
    is_aromatic: bool
    hydrogens: int
    neighbours: int
    valence: int
    charge: int


AtomTuple = tuple[int, bool, int, int, int, int]  # an `Atom` as a plain tuple, which is faster


def atom_tuples(molecule: Chem.Mol) -> list[AtomTuple]:
    """Return the atoms of a molecule as plain tuples, with properties in the order of `Atom`."""
    return [
        (
            atom.GetAtomicNum(),
            atom.GetIsAromatic(),
            atom.GetTotalNumHs(),
            atom.GetTotalDegree(),
            atom.GetTotalValence(),
            atom.GetFormalCharge(),
        )
        for atom in atoms(molecule)
    ]


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
        self._kinds = sorted({kind for demand in every for kind in demand})
        # A column for each pair of kind and number of atoms that some pattern demands.
        columns = sorted({item for demand in every for item in demand.items()})
        self._kind = np.array([self._kinds.index(kind) for kind, _ in columns])
        self._least = np.array([least for _, least in columns])
        self._needed = np.packbits(
            [[demand[kind] == least for kind, least in columns] for demand in every], axis=1
        )
        self._first = np.cumsum([0, *map(len, ways[:-1])])
        self._known: dict[AtomTuple, int] = {}

    def may_have(self, atoms: Sequence[AtomTuple]) -> list[bool]:
        """Return for each of the n patterns whether a molecule with these atoms may have it.

        False means that the molecule does not have the pattern, True that a substructure search has
        to decide.
        """
        for atom in {*atoms} - self._known.keys():
            kinds = np.array([_is_kind(kind, Atom(*atom)) for kind in self._kinds], COUNT)
            self._known[atom] = int.from_bytes(kinds.tobytes(), "little")
        # The counts of all kinds are packed into an integer: ten times faster to add.
        total = sum(map(self._known.__getitem__, atoms))
        counts = np.frombuffer(total.to_bytes(COUNT.itemsize * len(self._kinds), "little"), COUNT)
        lacking = np.packbits(counts[self._kind] < self._least)
        ways = ~(self._needed & lacking).any(axis=1)
        return list(np.logical_or.reduceat(ways, self._first).tolist())


def _ways(pattern: Chem.Mol) -> list[Demand]:
    """Return alternative demands of a pattern: least numbers of atoms of several kinds.

    A molecule that has the pattern fulfils at least one of the demands. Several demands come from
    alternative environments of an atom, as in ``[$(CO),$(CN)]``.
    """
    whole: Demand = Counter()
    choices: list[list[Demand]] = []
    for atom in pattern.GetAtoms():
        smarts = atom.GetSmarts().removeprefix("[").removesuffix("]")
        plain, environments = _without_environments(smarts)
        spare = sum(MULTIPLE.get(bond.GetSmarts(), 0) for bond in atom.GetBonds())
        whole[f"{plain};{UNSATURATED}{spare}" if spare else plain] += 1
        choices += [demands for demands in environments if demands]
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
    demands = []
    for part in plain.split(";"):
        options = [re.findall(r"\$(\d+)", option) for option in part.split(",")]
        if all(options):  # else some option needs no environment
            queries = [Chem.MolFromSmarts(environments[int(option[0])]) for option in options]
            demands.append([demand for query in queries for demand in _ways(query)])
    return re.sub(r"\$\d+", ANY, plain), demands


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
    if _is_decidable(word):
        return bool(getattr(atom, COUNTS[word[0]]) == int(word[1:]))
    return True


def _is_decidable(word: str) -> bool:
    """Return whether the properties in `Atom` decide if a SMARTS primitive matches."""
    simple = word in ALIPHATIC or word in AROMATIC or word in CHARGES or word in ("a", "A")
    return simple or bool(re.fullmatch(r"[#HXv]\d+", word))
