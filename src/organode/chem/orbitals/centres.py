"""The centres (heavy atoms) and bonds of the Hückel model, and the names of their integrals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

import numpy as np
from rdkit import Chem

from organode.chem.graph import Atom, Graphs
from organode.chem.orbitals.integrals import COULOMB, INDUCTION, RESONANCE
from organode.utils.arrays import distinct

GROUPS = ("C", "N", "O", "S")
GROUP = {element: number for number, element in enumerate(GROUPS)}
FLAT = (Chem.HybridizationType.SP, Chem.HybridizationType.SP2)
SATURATED = 4  # neighbours; an atom with as many is not flat
TETRAVALENT = (6, 14)  # carbon and silicon
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
class HuckelSkeletons:
    """Centres and bonds of n molecules in the Hückel model, with a centres and b bonds in total.

    Attributes
    ----------
    first : numpy.ndarray
        Shape (n + 1,): number of the first centre of each molecule, and a. A molecule's centres
        are its heavy atoms, in their order.
    kinds : list of Centre
        The different centres.
    centre : numpy.ndarray
        Shape (a,): index in `kinds` of each centre.
    integrals : list of str
        The different names of bonds' resonance integrals, such as ``C1:N1``.
    begin, end, integral : numpy.ndarray
        Shape (b,), for each bond: numbers of its two centres, the lower one in `begin`; index in
        `integrals` of its resonance integral.
    charge, single : numpy.ndarray
        Shape (n,): net charge; 1 if the molecule has unpaired electrons, else 0. Several unpaired
        electrons count as 1, since their orbitals are taken as equivalent.
    """

    first: np.ndarray
    kinds: list[Centre]
    centre: np.ndarray
    integrals: list[str]
    begin: np.ndarray
    end: np.ndarray
    integral: np.ndarray
    charge: np.ndarray
    single: np.ndarray

    @property
    def sizes(self) -> np.ndarray:
        """Number of centres of each molecule, shape (n,)."""
        return np.diff(self.first)

    @property
    def occupied(self) -> np.ndarray:
        """Number of doubly occupied orbitals, (n,); at least 1 in a closed-shell molecule."""
        electrons = np.array([kind.electrons for kind in self.kinds], np.int64)[self.centre]
        of_molecules = np.diff(np.concatenate([[0], np.cumsum(electrons)])[self.first])
        pairs = (of_molecules - self.single) // 2
        least = np.maximum(pairs, 1 - self.single)
        return np.asarray(np.minimum(least, self.sizes - self.single))


def skeletons(graphs: Graphs) -> HuckelSkeletons:
    """Return the centres and bonds of n molecules in the Hückel model.

    The molecules must have no explicit hydrogens.
    """
    multiple = graphs.multiple
    code = graphs.kind * 4 + multiple * 2 + _is_flat(graphs, multiple)
    different, _, centre = distinct(code)
    kinds = [
        _centre(graphs.kinds[each // 4], bool(each & 2), bool(each & 1))
        for each in different.tolist()
    ]
    orders, _, order = distinct(graphs.order)
    shape = len(orders), len(kinds), len(kinds)
    code = np.ravel_multi_index((order, centre[graphs.begin], centre[graphs.end]), shape)
    different, _, integral = distinct(code)
    integrals = [
        _bond(kinds[begin].kind, float(orders[order]), kinds[end].kind)
        for order, begin, end in zip(*np.unravel_index(different, shape), strict=True)
    ]
    return HuckelSkeletons(
        graphs.first,
        kinds,
        centre,
        integrals,
        graphs.begin,
        graphs.end,
        integral,
        graphs.charge,
        np.minimum(graphs.unpaired, 1),
    )


def _is_flat(graphs: Graphs, multiple: np.ndarray) -> np.ndarray:
    """Return whether each atom is sp- or sp2-hybridised, shape (a,), bool.

    RDKit is asked only where `_centre` needs to know it; all other atoms count as not flat.
    """
    in_doubt = [kind.number in TETRAVALENT and kind.neighbours < SATURATED for kind in graphs.kinds]
    flat = np.array(in_doubt, bool)[graphs.kind] & ~multiple
    for number in np.flatnonzero(flat).tolist():
        of = int(graphs.molecule[number])
        atom = graphs.molecules[of].GetAtomWithIdx(number - int(graphs.first[of]))
        flat[number] = atom.GetHybridization() in FLAT
    return np.asarray(flat)


@cache
def _bond(begin: str, order: float, end: str) -> str:
    first, second = sorted((begin, end))
    return first + SYMBOLS.get(order, "-") + second


@cache
def _centre(atom: Atom, multiple: bool, flat: bool) -> Centre:
    """Return the centre for an atom.

    `multiple`: whether the atom has a bond of an order above 1. `flat`: whether an atom without
    such a bond is sp- or sp2-hybridised nevertheless, as in a carbocation.
    """
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


def batches(skeletons: HuckelSkeletons, names: Sequence[str]) -> list[Batch]:
    """Group molecules by number of heavy atoms, so that matrices of equal size are solved at once.

    Parameters
    ----------
    skeletons : HuckelSkeletons
        Any number of molecules; molecules without heavy atoms are left out.
    names : sequence of str
        Names of the available integrals: Coulomb integrals of a type (``C1ah1``) or kind (``C1``)
        of centre, inductive effects of a kind of centre on its neighbours (``~C1``), and resonance
        integrals of bonds (``C1:N1``). The list must also have the names `COULOMB`, `INDUCTION`
        and `RESONANCE`: defaults for atoms and bonds whose own integral is not in the list.
    """
    index = {name: position for position, name in enumerate(names)}
    of_kinds = [
        (
            index.get(centre.type, index.get(centre.kind, index[COULOMB])),
            index.get("~" + centre.kind, index[INDUCTION]),
            centre.electrons,
            GROUP.get(centre.element, -1),
        )
        for centre in skeletons.kinds
    ]
    coulomb, induction, electrons, group = np.array(of_kinds, np.int64).reshape(-1, 4).T
    of_names = [index.get(name, index[RESONANCE]) for name in skeletons.integrals]
    resonance = np.array(of_names, np.int64)[skeletons.integral]
    sizes, occupied = skeletons.sizes, skeletons.occupied
    molecule = np.repeat(np.arange(len(sizes)), sizes)[skeletons.begin]  # of each bond
    grouped = []
    for size in np.unique(sizes[sizes > 0]).tolist():
        chosen = np.flatnonzero(sizes == size)
        first = skeletons.first[chosen]
        kinds = skeletons.centre[first[:, None] + np.arange(size)]
        bonds = np.flatnonzero(sizes[molecule] == size)
        at = np.searchsorted(chosen, molecule[bonds])
        left, right = skeletons.begin[bonds] - first[at], skeletons.end[bonds] - first[at]
        grouped.append(
            Batch(
                chosen,
                occupied[chosen],
                skeletons.single[chosen],
                skeletons.charge[chosen],
                coulomb[kinds],
                electrons[kinds],
                group[kinds],
                at,
                left,
                right,
                resonance[bonds],
                induction[kinds[at, left]],
                induction[kinds[at, right]],
            )
        )
    return grouped
