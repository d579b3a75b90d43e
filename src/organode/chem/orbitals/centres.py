"""The centres (heavy atoms) and bonds of the Hückel model, and the names of their integrals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

import numpy as np
from rdkit import Chem

from organode.chem.graph import Atom, AtomTuple, Graph
from organode.chem.orbitals.integrals import COULOMB, INDUCTION, RESONANCE

GROUPS = ("C", "N", "O", "S")
GROUP = {element: number for number, element in enumerate(GROUPS)}
FLAT = (Chem.HybridizationType.SP, Chem.HybridizationType.SP2)
SATURATED = 4  # neighbours; an atom with as many is not flat
PERIODIC_TABLE = Chem.GetPeriodicTable()
SYMBOLS = {1.0: "-", 1.5: ":", 2.0: "=", 3.0: "#"}  # in names of integrals, by bond order


class Centre(NamedTuple):
    """A heavy atom in the Hückel model: one orbital with 0 to 2 electrons.

    Attributes
    ----------
    kind : str
        Element and number of electrons in the orbital: ``N1`` is the nitrogen of pyridine, ``N2``
        that of pyrrole.
    type : str
        The kind, followed by ``a`` if the atom is aromatic, by ``h`` with the number of hydrogens
        (3 at most), and by the sign of the charge, if any: ``C1ah1`` is an aromatic carbon with one
        hydrogen.
    electrons : int
        Number of electrons in the orbital, 0 to 2.
    element : str
        Symbol of the element.
    """

    kind: str
    type: str
    electrons: int
    element: str


@dataclass(frozen=True)
class HuckelSkeleton:
    """Centres and bonds of a molecule in the Hückel model.

    Attributes
    ----------
    centres : list of Centre
        A centre for each heavy atom, in the order of the atoms.
    bonds : list of (int, int, str)
        For each bond the indices of its two centres, and the name of its resonance integral, such
        as ``C1:N1``.
    charge : int
        Net charge.
    single : int
        1 if the molecule has unpaired electrons, else 0. Several unpaired electrons count as 1,
        since their orbitals are taken as equivalent.
    """

    centres: list[Centre]
    bonds: list[tuple[int, int, str]]
    charge: int = 0
    single: int = 0

    @property
    def occupied(self) -> int:
        """Number of doubly occupied orbitals; at least 1 in a closed-shell molecule."""
        pairs = (sum(centre.electrons for centre in self.centres) - self.single) // 2
        return min(max(pairs, 1 - self.single), len(self.centres) - self.single)


def skeleton(graph: Graph) -> HuckelSkeleton:
    """Return the centres and bonds of a molecule in the Hückel model.

    The molecule must have no explicit hydrogens.
    """
    centres = [
        _centre(atom, multiple, atom[3] < SATURATED and not multiple and _is_flat(graph, index))
        for index, (atom, multiple) in enumerate(zip(graph.atoms, graph.multiple, strict=True))
    ]
    kinds = [centre.kind for centre in centres]
    bonds = [
        (begin, end, _bond(kinds[begin], order, kinds[end])) for begin, end, order in graph.bonds
    ]
    return HuckelSkeleton(centres, bonds, graph.charge, min(graph.unpaired, 1))


def _is_flat(graph: Graph, index: int) -> bool:
    """Return whether an atom is sp- or sp2-hybridised; `index` is its index in the molecule."""
    return graph.molecule.GetAtomWithIdx(index).GetHybridization() in FLAT


@cache
def _bond(begin: str, order: float, end: str) -> str:
    first, second = sorted((begin, end))
    return first + SYMBOLS.get(order, "-") + second


@cache
def _centre(properties: AtomTuple, multiple: bool, flat: bool) -> Centre:
    """Return the centre for an atom with the properties `Atom`.

    `multiple`: whether the atom has a bond of an order above 1. `flat`: whether an atom without
    such a bond is sp- or sp2-hybridised nevertheless, as in a carbocation.
    """
    atom = Atom(*properties)
    element = PERIODIC_TABLE.GetElementSymbol(atom.number)
    electrons = 1 if atom.unpaired else _electrons(atom, element, multiple, flat)
    kind = f"{element}{electrons}"
    sign = "+" if atom.charge > 0 else "-" if atom.charge < 0 else ""
    aromatic = "a" if atom.is_aromatic else ""
    return Centre(kind, f"{kind}{aromatic}h{min(atom.hydrogens, 3)}{sign}", electrons, element)


def _electrons(atom: Atom, element: str, multiple: bool, flat: bool) -> int:
    """Return the number of electrons, 0 to 2, in the Hückel orbital of a closed-shell atom.

    `multiple` and `flat` are those of `_centre`.
    """
    if element in ("C", "Si"):
        # A saturated atom contributes two electrons by hyperconjugation.
        return min(max(1 - atom.charge, 0), 2) if multiple or flat else 2
    if element in ("N", "P", "O", "S", "Se"):
        if atom.is_aromatic:
            pair = element in ("O", "S", "Se") or atom.neighbours >= 3
            return 2 if pair and atom.charge <= 0 else 1
        if element in ("P", "S", "Se") and atom.valence > 3:
            return 0  # hypervalent: only its low empty orbital counts
        return 1 if multiple else 2
    return 0 if element == "B" else 2  # halogens


@dataclass(frozen=True)
class Batch:
    """A batch of m molecules with n centres (heavy atoms) each, and b bonds in total.

    An integral is given by the index of its name in the argument `names` of `batches`.

    Attributes
    ----------
    molecule, occupied, single, charge : numpy.ndarray
        Shape (m,), for each molecule: index in the argument `skeletons` of `batches`; number of
        doubly occupied orbitals; number of singly occupied orbitals, 0 or 1, which lie above the
        doubly occupied orbitals; net charge.
    coulomb, electrons, group : numpy.ndarray
        Shape (m, n), for each centre: index of the Coulomb integral; number of electrons; index of
        the element in `GROUPS` (C, N, O, S), or −1 for another element.
    at, left, right : numpy.ndarray
        Shape (b,), for each bond: index, within the batch, of the molecule that has the bond;
        index of the bond's first centre, called left; index of its second centre, called right.
    resonance, from_left, from_right : numpy.ndarray
        Shape (b,), for each bond: index of the resonance integral; index of the integral by which
        the left centre shifts the Coulomb integral of the right centre; index of the integral by
        which the right centre shifts the Coulomb integral of the left centre.
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
        """Return the Hückel matrices of the m molecules, in units of β, shape (m, n, n).

        `integrals`: values of the integrals, in β, in the order of the argument `names` of
        `batches`.
        """
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
    """Group molecules by number of heavy atoms, so that matrices of equal size are solved at once.

    Parameters
    ----------
    skeletons : sequence of HuckelSkeleton
        Any number of molecules; molecules without heavy atoms are left out.
    names : sequence of str
        Names of the available integrals: Coulomb integrals of a type (``C1ah1``) or kind (``C1``)
        of centre, inductive effects of a kind of centre on its neighbours (``~C1``), and resonance
        integrals of bonds (``C1:N1``). The list must also have the names `COULOMB`, `INDUCTION`
        and `RESONANCE`: defaults for atoms and bonds whose own integral is not in the list.
    """
    index = {name: position for position, name in enumerate(names)}
    by_size: dict[int, list[int]] = {}
    for position, each in enumerate(skeletons):
        by_size.setdefault(len(each.centres), []).append(position)
    return [
        _batch([skeletons[position] for position in positions], np.array(positions), index)
        for size, positions in sorted(by_size.items())
        if size
    ]


def _batch(skeletons: list[HuckelSkeleton], positions: np.ndarray, index: dict[str, int]) -> Batch:
    # To save time, integrals are looked up once for each distinct centre, not for each atom.
    distinct: dict[Centre, int] = {}
    centres = np.array(
        [
            [distinct.setdefault(centre, len(distinct)) for centre in each.centres]
            for each in skeletons
        ]
    )
    of_distinct = [
        (
            index.get(centre.type, index.get(centre.kind, index[COULOMB])),
            index.get("~" + centre.kind, index[INDUCTION]),
            centre.electrons,
            GROUP.get(centre.element, -1),
        )
        for centre in distinct
    ]
    coulomb, induction, electrons, group = np.array(of_distinct).T
    default = index[RESONANCE]
    bonds = [
        (number, left, right, index.get(name, default))
        for number, each in enumerate(skeletons)
        for left, right, name in each.bonds
    ]
    at, left, right, resonance = np.array(bonds, dtype=np.int64).reshape(-1, 4).T
    return Batch(
        positions,
        np.array([each.occupied for each in skeletons]),
        np.array([each.single for each in skeletons]),
        np.array([each.charge for each in skeletons]),
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
