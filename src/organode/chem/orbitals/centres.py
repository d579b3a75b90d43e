"""A molecule as the Hückel model sees it: centres, bonds, and the names of their integrals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

import numpy as np
from rdkit import Chem

from organode.chem.molecule import atoms, kind
from organode.chem.orbitals.integrals import COULOMB, INDUCTION, RESONANCE

GROUPS = ("C", "N", "O", "S")
GROUP = {element: number for number, element in enumerate(GROUPS)}
FLAT = (Chem.HybridizationType.SP, Chem.HybridizationType.SP2)
SYMBOLS = {1.0: "-", 1.5: ":", 2.0: "=", 3.0: "#"}  # of a bond, by its order


class Centre(NamedTuple):
    """What one heavy atom brings.

    Attributes
    ----------
    kind : str
        Element and number of electrons: ``N1`` is pyridine's nitrogen, ``N2`` pyrrole's.
    type : str
        The kind with aromaticity, hydrogens and charge.
    electrons : int
        That it contributes, 0 to 2.
    element : str
        Its symbol.
    """

    kind: str
    type: str
    electrons: int
    element: str


@dataclass(frozen=True)
class HuckelSkeleton:
    """A molecule's centres and bonds; a bond is two centres and the name of its integral.

    Attributes
    ----------
    charge, single : int
        The molecule's net charge, and its number of unpaired electrons, 0 or 1: of more than one,
        each is in an orbital of the same kind.
    """

    centres: list[Centre]
    bonds: list[tuple[int, int, str]]
    charge: int = 0
    single: int = 0

    @property
    def occupied(self) -> int:
        """Number of orbitals with two electrons; without an unpaired one, at least one."""
        pairs = (sum(centre.electrons for centre in self.centres) - self.single) // 2
        return min(max(pairs, 1 - self.single), len(self.centres) - self.single)


def skeleton(molecule: Chem.Mol) -> HuckelSkeleton:
    """Return the centres of a molecule without explicit hydrogens."""
    orders = Chem.GetAdjacencyMatrix(molecule, useBO=True, force=True)
    multiple = (orders > 1).any(axis=1).tolist()
    centres = [_centre(*one) for one in zip(atoms(molecule), multiple, strict=True)]
    left, right = np.nonzero(np.triu(orders))
    ends = zip(left.tolist(), right.tolist(), orders[left, right].tolist(), strict=True)
    kinds = [centre.kind for centre in centres]
    bonds = [(one, other, _bond(kinds[one], order, kinds[other])) for one, other, order in ends]
    found = kind(molecule)
    return HuckelSkeleton(centres, bonds, found.charge, min(found.unpaired, 1))


@cache
def _bond(one: str, order: float, other: str) -> str:
    first, second = sorted((one, other))
    return first + SYMBOLS.get(order, "-") + second


def _centre(atom: Chem.Atom, multiple: bool) -> Centre:
    element, charge, aromatic = atom.GetSymbol(), atom.GetFormalCharge(), atom.GetIsAromatic()
    hydrogens = atom.GetTotalNumHs()
    electrons = 1
    if not atom.GetNumRadicalElectrons():
        electrons = _electrons(atom, element, charge, aromatic, hydrogens, multiple)
    return _named(element, electrons, charge, aromatic, min(hydrogens, 3))


@cache
def _named(element: str, electrons: int, charge: int, aromatic: bool, hydrogens: int) -> Centre:
    kind = f"{element}{electrons}"
    sign = "+" if charge > 0 else "-" if charge < 0 else ""
    return Centre(kind, f"{kind}{'a' if aromatic else ''}h{hydrogens}{sign}", electrons, element)


def _electrons(
    atom: Chem.Atom, element: str, charge: int, aromatic: bool, hydrogens: int, multiple: bool
) -> int:
    """Return how many electrons an atom brings into the model, 0 to 2."""
    if element in ("C", "Si"):
        flat = multiple or atom.GetHybridization() in FLAT
        # A saturated one lends two electrons by hyperconjugation.
        return min(max(1 - charge, 0), 2) if flat else 2
    if element in ("N", "P", "O", "S", "Se"):
        if aromatic:
            pair = element in ("O", "S", "Se") or hydrogens + atom.GetDegree() >= 3
            return 2 if pair and charge <= 0 else 1
        if element in ("P", "S", "Se") and atom.GetTotalValence() > 3:
            return 0  # hypervalent: its low empty orbital counts
        return 1 if multiple else 2
    return 0 if element == "B" else 2  # halogens


@dataclass(frozen=True)
class Batch:
    """m molecules of n centres each, with b bonds in all; integrals by their position in a list.

    Attributes
    ----------
    molecule, occupied, single, charge : numpy.ndarray
        Shape (m,): position in the list of skeletons; number of orbitals with two electrons and,
        above them, with one; net charge.
    coulomb, electrons, group : numpy.ndarray
        Shape (m, n); the last is the element's position in `GROUPS`, or −1.
    at, left, right : numpy.ndarray
        Shape (b,): which of the m molecules a bond belongs to, and its two centres.
    resonance, from_left, from_right : numpy.ndarray
        Shape (b,): the bond's integral, and what its two centres induce in one another.
    """

    molecule: np.ndarray
    occupied: np.ndarray
    single: np.ndarray
    charge: np.ndarray
    coulomb: np.ndarray
    electrons: np.ndarray
    group: np.ndarray
    at: np.ndarray
    left: np.ndarray
    right: np.ndarray
    resonance: np.ndarray
    from_left: np.ndarray
    from_right: np.ndarray

    def hamiltonians(self, integrals: np.ndarray) -> np.ndarray:
        """Return the matrices, shape (m, n, n), in β."""
        m, n = self.coulomb.shape
        matrices = np.zeros((m, n, n))
        diagonal = integrals[self.coulomb]
        np.add.at(diagonal, (self.at, self.right), integrals[self.from_left])
        np.add.at(diagonal, (self.at, self.left), integrals[self.from_right])
        matrices[:, np.arange(n), np.arange(n)] = diagonal
        matrices[self.at, self.left, self.right] = integrals[self.resonance]
        matrices[self.at, self.right, self.left] = integrals[self.resonance]
        return matrices


def batches(skeletons: Sequence[HuckelSkeleton], names: Sequence[str]) -> list[Batch]:
    """Sort molecules by size, so that each size is diagonalised at once.

    Parameters
    ----------
    skeletons : sequence of HuckelSkeleton
        Length N.
    names : sequence of str
        Of the integrals: atom types and kinds, ``~kind`` for induction, bonds, and the three
        for whatever is not among them.
    """
    place = {name: position for position, name in enumerate(names)}
    by_size: dict[int, list[int]] = {}
    for position, one in enumerate(skeletons):
        by_size.setdefault(len(one.centres), []).append(position)
    return [
        _batch([skeletons[position] for position in members], np.array(members), place)
        for size, members in sorted(by_size.items())
        if size
    ]


def _batch(skeletons: list[HuckelSkeleton], positions: np.ndarray, place: dict[str, int]) -> Batch:
    # One look-up an atom and one a bond; the rest is looked up once for each sort of them.
    sorts: dict[Centre, int] = {}
    centres = np.array(
        [[sorts.setdefault(one, len(sorts)) for one in each.centres] for each in skeletons]
    )
    coulomb, induction, electrons, group = np.array([
        (
            place.get(one.type, place.get(one.kind, place[COULOMB])),
            place.get("~" + one.kind, place[INDUCTION]), one.electrons, GROUP.get(one.element, -1),
        )
        for one in sorts
    ]).T  # fmt: skip
    other = place[RESONANCE]
    bonds = [
        (number, left, right, place.get(name, other))
        for number, one in enumerate(skeletons)
        for left, right, name in one.bonds
    ]
    at, left, right, resonance = np.array(bonds, dtype=np.int64).reshape(-1, 4).T
    return Batch(
        positions,
        np.array([one.occupied for one in skeletons]),
        np.array([one.single for one in skeletons]),
        np.array([one.charge for one in skeletons]),
        coulomb[centres],
        electrons[centres],
        group[centres],
        at,
        left,
        right,
        resonance,
        induction[centres[at, left]],
        induction[centres[at, right]],
    )
