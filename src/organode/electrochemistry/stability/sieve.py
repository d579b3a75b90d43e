"""Pre-filter for many SMARTS: which patterns molecules may have, by single atoms and bonds.

Most patterns are ruled out by the filter and need no substructure search. The filter counts the
atoms, bonds and stars (an atom with its bonds) of each kind that a pattern demands
(`organode.electrochemistry.stability.kinds`).
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product

import numpy as np
from pandas.util import hash_array
from rdkit import Chem
from scipy.sparse import csr_matrix

from organode.chem.graph import Atom, Graphs
from organode.electrochemistry.stability.kinds import Kinds
from organode.utils.arrays import distinct, spans

MOST_UNSATURATED = 4  # the most by which a valence exceeds the neighbours, as in XeO₄
CARBON, CARBONS_VALENCE = 6, 4


class Sieve:
    """A filter that tells which of p SMARTS patterns molecules may have.

    Parameters
    ----------
    patterns : sequence of Chem.Mol
        The p patterns, made from SMARTS.
    """

    def __init__(self, patterns: Sequence[Chem.Mol]) -> None:
        self._known = Kinds(patterns)
        # Of each bond met so far, read from its first atom on, whether it is of each kind in either
        # direction, and of which kinds of arms.
        self._bonds: dict[tuple[Atom, Atom, float], np.ndarray] = {}

    def may_have(self, graphs: Graphs) -> np.ndarray:
        """Return which of the p patterns each of n molecules may have, shape (n, p), bool.

        False means that the molecule does not have the pattern, True that a substructure search has
        to decide.
        """
        known, n_atoms = self._known, len(graphs.kind)
        # Each bond is read twice, from each of its atoms on.
        centre = np.concatenate([graphs.begin, graphs.end])
        by_atom = np.argsort(centre, kind="stable")
        centre = centre[by_atom]
        other = np.concatenate([graphs.end, graphs.begin])[by_atom]
        orders, _, order = distinct(np.tile(graphs.order, 2)[by_atom])
        shape = len(graphs.kinds), len(graphs.kinds), len(orders)
        bonds = np.ravel_multi_index((graphs.kind[centre], graphs.kind[other], order), shape)
        different, _, bond = distinct(bonds)
        of_bonds = np.zeros((len(different), len(known.of_bonds) + known.n_arms), np.int32)
        for row, each in enumerate(different.tolist()):
            begin, end, at = np.unravel_index(each, shape)
            of_bonds[row] = self._kinds(graphs.kinds[begin], graphs.kinds[end], float(orders[at]))
        # Atoms with the same bonds are looked at once.
        first = np.searchsorted(centre, np.arange(n_atoms + 1))
        sums = np.cumsum(np.r_[np.uint64(0), hash_array(bonds)], dtype=np.uint64)
        stars = np.diff(sums[first]) + hash_array(graphs.kind + np.prod(shape))
        _, examples, star = distinct(stars)
        starts, ends = first[examples], first[examples + 1]
        of_stars = _sums(of_bonds, bond[spans(starts, ends)], np.cumsum(np.r_[0, ends - starts]))
        of_bonds, arms = np.split(of_stars, [len(known.of_bonds)], axis=1)
        of_kinds = np.zeros((len(graphs.kinds), len(known.of_atoms)), bool)
        for row, atom in enumerate(graphs.kinds):
            of_kinds[row] = known.of_atom(atom)
        rows = np.hstack([of_kinds[graphs.kind[examples]], of_bonds, known.stars(arms)])
        counts = _sums(rows, star, graphs.first)
        counts[:, len(known.of_atoms) :][:, : len(known.of_bonds)] //= 2
        return known.may_have(counts)

    def _kinds(self, begin: Atom, end: Atom, order: float) -> np.ndarray:
        """Return whether a bond is of each kind of bonds, and of each kind of arms from `begin`."""
        key = begin, end, order
        if key not in self._bonds:
            bonds, arms = self._known.bonds, self._known.arms
            first, second = self._known.of_atom(begin), self._known.of_atom(end)
            either = bonds.of(first, second, order) | bonds.of(second, first, order)
            self._bonds[key] = np.concatenate([either, arms.of(first, second, order)])
        return self._bonds[key]


def _sums(rows: np.ndarray, which: np.ndarray, ends: np.ndarray) -> np.ndarray:
    """Return sums of rows, shape (n, k), int32.

    The sum i is that of `rows`, shape (m, k), at `which[ends[i]]` to `which[ends[i + 1] - 1]`.
    """
    entries = (np.ones(len(which), np.int32), which, ends)
    return np.asarray(csr_matrix(entries, (len(ends) - 1, len(rows))) @ rows.astype(np.int32))


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
        How many kinds of atoms, bonds and stars the patterns demand.
    """

    def __init__(self, patterns: Sequence[Chem.Mol]) -> None:
        self._known = Kinds(patterns)
        self.n_kinds = len(self._known.ordered)
        self._neighbours: dict[tuple[Atom, float], np.ndarray] = {}

    def kinds_of(self, graphs: Graphs, atom: int) -> np.ndarray:
        """Return of which kinds an atom, its bonds and its star are, shape (n_kinds,), uint16.

        For a kind of atoms or stars the number is 0 or 1; for a kind of bonds, it is the number of
        the atom's bonds at which the atom itself can be the kind's first one.
        """
        known = self._known
        of_atom = known.of_atom(graphs.kinds[graphs.kind[atom]])
        of_bonds = np.zeros(len(known.of_bonds), np.uint16)
        arms = np.zeros(known.n_arms, np.uint16)
        for at in np.flatnonzero((graphs.begin == atom) | (graphs.end == atom)).tolist():
            other = graphs.begin[at] + graphs.end[at] - atom
            order = float(graphs.order[at])
            neighbour = self._may_be(graphs.kinds[graphs.kind[other]], order)
            of_bonds += known.bonds.of(of_atom, neighbour, order)
            arms += known.arms.of(of_atom, neighbour, order)
        return np.concatenate([of_atom, of_bonds, *known.stars(arms[None])])

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
            most = given.neighbours + MOST_UNSATURATED
            if given.number == CARBON:
                most = min(most, CARBONS_VALENCE)
            valences = range(given.neighbours, most + 1)
            options = [
                given._replace(is_aromatic=is_aromatic, valence=valence)
                for is_aromatic, valence in product(aromatic, valences)
            ]
            self._neighbours[key] = np.logical_or.reduce([*map(self._known.of_atom, options)])
        return self._neighbours[key]
