"""Read the atoms and bonds of molecules from RDKit, once for all code that looks at each atom."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from rdkit import Chem
from rdkit.Chem.rdMolDescriptors import GetConnectivityInvariants

from organode.chem.molecule import is_radical
from organode.utils.arrays import distinct, spans
from organode.utils.lazy import lazy

MOST_BONDS = 16  # of an atom, of each order
UNPAIRED = 1 << 28  # in the number that tells atoms apart by their bonds and unpaired electrons


class Atom(NamedTuple):
    """Properties of an atom.

    Attributes
    ----------
    number : int
        Atomic number.
    is_aromatic : bool
        Whether the atom is aromatic.
    hydrogens : int
        Number of bonded hydrogens.
    neighbours : int
        Number of bonded atoms, hydrogens included.
    valence : int
        Sum of the orders of the atom's bonds, to hydrogens too, as RDKit counts it.
    charge : int
        Formal charge.
    unpaired : int
        Number of unpaired electrons.
    in_ring : bool
        Whether the atom is in a ring.
    """

    number: int
    is_aromatic: bool
    hydrogens: int
    neighbours: int
    valence: int
    charge: int
    unpaired: int
    in_ring: bool

    @classmethod
    def of(cls, atom: Chem.Atom) -> Atom:
        """Read the properties of an atom of a sanitised molecule."""
        return cls(
            atom.GetAtomicNum(),
            atom.GetIsAromatic(),
            atom.GetTotalNumHs(),
            atom.GetTotalDegree(),
            atom.GetTotalValence(),
            atom.GetFormalCharge(),
            atom.GetNumRadicalElectrons(),
            atom.IsInRing(),
        )


@dataclass(frozen=True)
class Graphs:
    """The atoms and bonds of n molecules, with a atoms and b bonds in total.

    Attributes
    ----------
    molecules : sequence of Chem.Mol
        The n molecules.
    first : numpy.ndarray
        Shape (n + 1,): number of the first atom of each molecule, and the number a of all atoms.
    kinds : list of Atom
        The different atoms. A few may be equal, since isotopes are told apart.
    kind : numpy.ndarray
        Shape (a,): index in `kinds` of each atom.
    invariant : numpy.ndarray
        Shape (a,), uint32: RDKit's number for element, neighbours, hydrogens, charge, isotope and
        ring of each atom, from which Morgan environments are made.
    begin, end : numpy.ndarray
        Shape (b,): numbers of the two atoms of each bond, 0 to a − 1, the lower one in `begin`;
        sorted by both.
    order : numpy.ndarray
        Shape (b,): order of each bond, 1.5 if it is aromatic.
    """

    molecules: Sequence[Chem.Mol]
    first: np.ndarray
    kinds: list[Atom]
    kind: np.ndarray
    invariant: np.ndarray
    begin: np.ndarray
    end: np.ndarray
    order: np.ndarray

    @classmethod
    def of(cls, molecules: Sequence[Chem.Mol]) -> Graphs:
        """Read the atoms and bonds of n sanitised molecules.

        To ask RDKit for each property of each atom takes as long as parsing the SMILES. Atoms are
        therefore told apart by a number that RDKit has for all atoms of a molecule at once, and by
        their bonds; properties are read of one atom of each kind. The number is a 32-bit hash of
        element, neighbours, hydrogens, charge, isotope and ring. A thousand kinds of atoms, more
        than there are, share one with a probability of 1 in 10,000.

        Examples
        --------
        >>> graphs = Graphs.of([Chem.MolFromSmiles("CO"), Chem.MolFromSmiles("C=O")])
        >>> graphs.begin.tolist(), graphs.end.tolist(), graphs.order.tolist()
        ([0, 2], [1, 3], [1.0, 2.0])
        """
        hashes: list[int] = []
        unpaired: dict[int, int] = {}  # electrons, by atom
        first, entries, orders = [0], [np.empty(0, np.intp)], [np.empty(0)]
        for molecule in molecules:
            if is_radical(molecule):
                for atom in molecule.GetAtoms():
                    unpaired[first[-1] + atom.GetIdx()] = atom.GetNumRadicalElectrons()
            hashes += GetConnectivityInvariants(molecule)
            matrix = Chem.GetAdjacencyMatrix(molecule, useBO=True, force=True).ravel()
            entries.append(np.flatnonzero(matrix))
            orders.append(matrix[entries[-1]])
            first.append(len(hashes))
        starts, order = np.array(first), np.concatenate(orders)
        # Each entry of an adjacency matrix stands for a bond, seen from one of its atoms.
        sizes = np.array([len(entry) for entry in entries[1:]], np.intp)
        molecule_of = np.repeat(np.arange(len(molecules)), sizes)
        row, column = np.divmod(np.concatenate(entries), np.diff(starts)[molecule_of])
        row, column = row + starts[molecule_of], column + starts[molecule_of]
        _, _, rank = distinct(order)
        bonds = np.bincount(row, MOST_BONDS**rank, len(hashes)).astype(np.uint64)
        for number, electrons in unpaired.items():
            bonds[number] += np.uint64(electrons * UNPAIRED)
        invariant = np.array(hashes, np.uint32)
        key = invariant.astype(np.uint64) << np.uint64(32) | bonds
        _, examples, kind = distinct(key)
        places = np.asarray(np.searchsorted(starts, examples, side="right") - 1)
        indices = (examples - starts[places]).tolist()
        kinds = [
            Atom.of(molecules[place].GetAtomWithIdx(index))
            for place, index in zip(places.tolist(), indices, strict=True)
        ]
        once = row < column
        return cls(molecules, starts, kinds, kind, invariant, row[once], column[once], order[once])

    @property
    def n(self) -> int:
        """Number of molecules."""
        return len(self.molecules)

    @lazy
    def molecule(self) -> np.ndarray:
        """Index of the molecule of each atom, shape (a,)."""
        return np.repeat(np.arange(self.n), np.diff(self.first))

    @property
    def multiple(self) -> np.ndarray:
        """Whether each atom has a bond of an order above 1, shape (a,), bool."""
        multiple = np.zeros(len(self.kind), bool)
        multiple[self.begin[self.order > 1]] = multiple[self.end[self.order > 1]] = True
        return multiple

    @property
    def charge(self) -> np.ndarray:
        """Net charge of each molecule, shape (n,)."""
        return self._sums([kind.charge for kind in self.kinds])

    @property
    def unpaired(self) -> np.ndarray:
        """Number of unpaired electrons of each molecule, shape (n,)."""
        return self._sums([kind.unpaired for kind in self.kinds])

    def of_atoms(self, name: str) -> np.ndarray:
        """Return the property `name` of `Atom` of each atom, shape (a,), int."""
        values = np.array([getattr(kind, name) for kind in self.kinds], np.int64)
        return np.asarray(values[self.kind])

    def _sums(self, of_kinds: Sequence[int]) -> np.ndarray:
        """Return sums over the atoms of each molecule of a number that each kind has."""
        values = np.array(of_kinds, np.int64)[self.kind]
        return np.asarray(np.bincount(self.molecule, values, self.n).astype(np.int64))

    def select(self, places: Sequence[int]) -> Graphs:
        """Return the atoms and bonds of the molecules with indices `places`, in this order."""
        chosen = np.asarray(places, np.intp)
        begins, ends = self.first[chosen], self.first[chosen + 1]
        first = np.concatenate([[0], np.cumsum(ends - begins)])
        first_bond, last_bond = (
            np.searchsorted(self.begin, begins),
            np.searchsorted(self.begin, ends),
        )
        atoms, bonds = spans(begins, ends), spans(first_bond, last_bond)
        shift = np.repeat(first[:-1] - begins, last_bond - first_bond)
        return Graphs(
            [self.molecules[place] for place in places],
            first,
            self.kinds,
            self.kind[atoms],
            self.invariant[atoms],
            self.begin[bonds] + shift,
            self.end[bonds] + shift,
            self.order[bonds],
        )
