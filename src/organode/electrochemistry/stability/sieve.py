"""Pre-filter for many SMARTS: which patterns molecules may have, by single atoms and bonds.

Most patterns are ruled out by the filter and need no substructure search. The filter counts the
atoms and bonds of each kind that a pattern demands
(`organode.electrochemistry.stability.kinds`).
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product

import numpy as np
from rdkit import Chem
from scipy.sparse import csr_matrix

from organode.chem.graph import Atom, Graphs
from organode.electrochemistry.stability.kinds import Kinds

MOST_UNSATURATED = 4  # the most by which a valence exceeds the neighbours, as in XeO₄


class Sieve:
    """A filter that tells which of p SMARTS patterns molecules may have.

    Parameters
    ----------
    patterns : sequence of Chem.Mol
        The p patterns, made from SMARTS.
    """

    def __init__(self, patterns: Sequence[Chem.Mol]) -> None:
        self._known = Kinds(patterns)
        # Of each atom and bond met so far, whether it is of each kind.
        self._atoms: dict[Atom, np.ndarray] = {}
        self._bonds: dict[tuple[Atom, Atom, float], np.ndarray] = {}

    def may_have(self, graphs: Graphs) -> np.ndarray:
        """Return which of the p patterns each of n molecules may have, shape (n, p), bool.

        False means that the molecule does not have the pattern, True that a substructure search has
        to decide.
        """
        for atom in {*graphs.kinds} - self._atoms.keys():
            self._atoms[atom] = self._known.of_atom(atom)
        orders, order = np.unique(graphs.order, return_inverse=True)
        shape = len(graphs.kinds), len(graphs.kinds), len(orders)
        ends = graphs.kind[graphs.begin], graphs.kind[graphs.end]
        distinct, bond = np.unique(np.ravel_multi_index((*ends, order), shape), return_inverse=True)
        of_atoms = [self._atoms[atom] for atom in graphs.kinds]
        of_bonds = [
            self._kinds(graphs.kinds[begin], graphs.kinds[end], float(orders[order]))
            for begin, end, order in zip(*np.unravel_index(distinct, shape), strict=True)
        ]
        counts = np.zeros((graphs.n, len(self._known.ordered)), np.int32)
        n_atoms = len(self._known.of_atoms)
        if of_atoms:
            counts[:, :n_atoms] = _sums(of_atoms, graphs.kind, graphs.molecule, graphs.n)
        if of_bonds:
            of_molecule = graphs.molecule[graphs.begin]
            counts[:, n_atoms:] = _sums(of_bonds, bond, of_molecule, graphs.n)
        return self._known.may_have(counts)

    def _kinds(self, begin: Atom, end: Atom, order: float) -> np.ndarray:
        """Return whether a bond is of each kind of bonds, bool."""
        bond = begin, end, order
        if bond not in self._bonds:
            known, first, second = self._known, self._atoms[begin], self._atoms[end]
            either = known.of_bond(first, second, order) | known.of_bond(second, first, order)
            self._bonds[bond] = either
        return self._bonds[bond]


def _sums(
    rows: Sequence[np.ndarray], which: np.ndarray, molecule: np.ndarray, n: int
) -> np.ndarray:
    """Return sums over the entries of each of n molecules, shape (n, k), int32.

    Entry i belongs to the molecule `molecule[i]`, sorted ascending, and counts as `which[i]` of
    `rows`, shape (k,) each.
    """
    ends = np.searchsorted(molecule, np.arange(n + 1))
    entries = csr_matrix((np.ones(len(which), np.int32), which, ends), (n, len(rows)))
    return np.asarray(entries @ np.array(rows, np.int32))


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
        self._known = Kinds(patterns)
        self.n_kinds = len(self._known.ordered)
        self._neighbours: dict[tuple[Atom, float], np.ndarray] = {}

    def kinds_of(self, graphs: Graphs, atom: int) -> np.ndarray:
        """Return of which kinds an atom and its bonds are, shape (n_kinds,), uint16.

        For a kind of atoms the number is 0 or 1; for a kind of bonds, it is the number of the
        atom's bonds at which the atom itself can be the kind's first one.
        """
        known = self._known
        of_atom = known.of_atom(graphs.kinds[graphs.kind[atom]])
        of_bonds = np.zeros(len(known.of_bonds), np.uint16)
        for at in np.flatnonzero((graphs.begin == atom) | (graphs.end == atom)).tolist():
            other = graphs.begin[at] + graphs.end[at] - atom
            order = float(graphs.order[at])
            neighbour = self._may_be(graphs.kinds[graphs.kind[other]], order)
            of_bonds += known.of_bond(of_atom, neighbour, order)
        return np.concatenate([of_atom, of_bonds])

    def may_have(self, counts: np.ndarray) -> np.ndarray:
        """Return which of the patterns each of n molecules may have, shape (n, p), bool.

        `counts`, shape (n, n_kinds), are sums over the atoms of each molecule of `kinds_of`.
        """
        return self._known.may_have(counts)

    def _may_be(self, neighbour: Atom, order: float) -> np.ndarray:
        """Return of which kinds an atom may be, by what an environment tells of a neighbour."""
        given = neighbour._replace(is_aromatic=False, valence=0, unpaired=0)
        key = given, order
        if key not in self._neighbours:
            aromatic = {1.5: (True,)}.get(order, (False, True) if given.in_ring else (False,))
            valences = range(given.neighbours, given.neighbours + MOST_UNSATURATED + 1)
            options = [
                given._replace(is_aromatic=is_aromatic, valence=valence)
                for is_aromatic, valence in product(aromatic, valences)
            ]
            self._neighbours[key] = np.logical_or.reduce([*map(self._known.of_atom, options)])
        return self._neighbours[key]
