"""Which of many SMARTS a molecule may have, by its atoms alone: most need no search.

Of a pattern's atoms only what is said of element, aromaticity, hydrogens, neighbours, valence,
charge and multiple bonds is asked; rings, partners and environments are not. A molecule that has
too few atoms of one of these kinds does not have the pattern. An environment that an atom must
have, ``$(…)``, has atoms of its own, which have to be there too.
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
UNSATURATED = "u"  # no word of SMARTS: by how much the bonds at least outnumber the neighbours
MULTIPLE = {"=": 1, "#": 2}
COUNT = np.dtype("<u2")
MOST = 16  # ways of a pattern that are told apart

Demand = Counter[str]  # by kind of atom: how many of them there have to be


class Atom(NamedTuple):
    """What a pattern may ask of an atom without looking around it; hydrogens are neighbours."""

    number: int
    is_aromatic: bool
    hydrogens: int
    neighbours: int
    valence: int
    charge: int


Look = tuple[int, bool, int, int, int, int]  # an `Atom` without its names, which cost time


def look(molecule: Chem.Mol) -> list[Look]:
    """Return a molecule's atoms as `Sieve` sees them."""
    return [
        (
            atom.GetAtomicNum(), atom.GetIsAromatic(), atom.GetTotalNumHs(),
            atom.GetTotalDegree(), atom.GetTotalValence(), atom.GetFormalCharge(),
        )
        for atom in atoms(molecule)
    ]  # fmt: skip


class Sieve:
    """Which of n patterns a molecule may have.

    Parameters
    ----------
    patterns : sequence of Chem.Mol
        Made from SMARTS.
    """

    def __init__(self, patterns: Sequence[Chem.Mol]) -> None:
        ways = [_ways(pattern) for pattern in patterns]
        every = [demand for of_one in ways for demand in of_one]
        self._kinds = sorted({kind for demand in every for kind in demand})
        # A column for each number of atoms of a kind that any pattern demands.
        columns = sorted({item for demand in every for item in demand.items()})
        self._kind = np.array([self._kinds.index(kind) for kind, _ in columns])
        self._least = np.array([least for _, least in columns])
        self._needed = np.packbits(
            [[demand[kind] == least for kind, least in columns] for demand in every], axis=1
        )
        self._first = np.cumsum([0, *map(len, ways[:-1])])
        self._known: dict[Look, int] = {}

    def may_have(self, found: Sequence[Look]) -> list[bool]:
        """Return of each pattern whether a molecule of these atoms may have it."""
        for atom in {*found} - self._known.keys():
            kinds = np.array([_is(kind, Atom(*atom)) for kind in self._kinds], COUNT)
            self._known[atom] = int.from_bytes(kinds.tobytes(), "little")
        # Numbers of atoms of all kinds side by side in one integer: added ten times as fast.
        total = sum(map(self._known.__getitem__, found))
        there = np.frombuffer(total.to_bytes(COUNT.itemsize * len(self._kinds), "little"), COUNT)
        lacking = np.packbits(there[self._kind] < self._least)
        ways = ~(self._needed & lacking).any(axis=1)
        return list(np.logical_or.reduceat(ways, self._first).tolist())


def _ways(pattern: Chem.Mol) -> list[Demand]:
    """Return what a pattern demands, in each of the ways in which it can be found."""
    whole: Demand = Counter()
    choices: list[list[Demand]] = []
    for atom in pattern.GetAtoms():
        said = atom.GetSmarts().removeprefix("[").removesuffix("]")
        plain, around = _without_environments(said)
        spare = sum(MULTIPLE.get(bond.GetSmarts(), 0) for bond in atom.GetBonds())
        whole[f"{plain};{UNSATURATED}{spare}" if spare else plain] += 1
        choices += [found for found in around if found]
    ways = [whole]
    for choice in choices:
        if len(ways) * len(choice) <= MOST:
            # The largest of both, not the sum: an environment's atoms may be the pattern's own.
            ways = [one | other for one, other in product(ways, choice)]
    return ways


def _without_environments(said: str) -> tuple[str, list[list[Demand]]]:
    """Return what is said of an atom itself, and what the environments that it must have demand."""
    plain = ""
    environments: list[str] = []
    while said:
        head, is_there, rest = said.partition("$(")
        if not is_there:
            plain += said
            break
        end = _closing(rest)
        denied = head.endswith("!")
        plain += (head[:-1] if denied else head) + (ANY if denied else f"${len(environments)}")
        environments.append(rest[:end])
        said = rest[end + 1 :]
    demands = []
    for part in plain.split(";"):
        options = [re.findall(r"\$(\d+)", option) for option in part.split(",")]
        if all(options):  # else it may be found without any environment
            demands.append([
                one
                for option in options
                for one in _ways(Chem.MolFromSmarts(environments[int(option[0])]))
            ])  # fmt: skip
    return re.sub(r"\$\d+", ANY, plain), demands


def _closing(text: str) -> int:
    """Return where the parenthesis closes that was opened before the text."""
    depth = 1
    for place, sign in enumerate(text):
        depth += (sign == "(") - (sign == ")")
        if not depth:
            return place
    raise ValueError(f"no SMARTS: '{text}'")


def _is(kind: str, atom: Atom) -> bool:
    """Return whether an atom may be of a kind: a SMARTS' words, without brackets."""
    return all(
        any(all(_says(word, atom) for word in option.split("&")) for option in part.split(","))
        for part in kind.split(";")
    )


def _says(word: str, atom: Atom) -> bool:  # noqa: PLR0911 (one answer a word)
    """Return whether a word is true of an atom; whatever is not told by the atom alone is."""
    if word[0] == "!":
        return not _is_told(word[1:]) or not _says(word[1:], atom)
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
    if word[0] == UNSATURATED:  # what an aromatic atom's bonds add up to is a matter of rounding
        return atom.is_aromatic or atom.valence - atom.neighbours >= int(word[1:])
    if _is_told(word):
        return bool(getattr(atom, COUNTS[word[0]]) == int(word[1:]))
    return True


def _is_told(word: str) -> bool:
    """Return whether an atom alone tells if a word is true."""
    simple = word in ALIPHATIC or word in AROMATIC or word in CHARGES or word in ("a", "A")
    return simple or bool(re.fullmatch(r"[#HXv]\d+", word))
