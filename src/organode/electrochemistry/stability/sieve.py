"""Pre-filter for many SMARTS: which patterns a molecule may have, by single atoms and bonds.

Most patterns are ruled out by the filter and need no substructure search. The filter counts the
atoms and bonds of each kind that a pattern demands
(`organode.electrochemistry.stability.kinds`).
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product

import numpy as np
from rdkit import Chem

from organode.chem.graph import Atom, AtomTuple, Graph
from organode.electrochemistry.stability.kinds import Kinds

COUNT = np.dtype("<u2")  # of the number of atoms of a kind in a molecule
MOST_UNSATURATED = 4  # the most by which a valence exceeds the neighbours, as in XeO₄


class Sieve:
    """A filter that tells which of n SMARTS patterns a molecule may have.

    Parameters
    ----------
    patterns : sequence of Chem.Mol
        The n patterns, made from SMARTS.
    """

    def __init__(self, patterns: Sequence[Chem.Mol]) -> None:
        self._known = known = Kinds(patterns)
        place = {kind: index for index, kind in enumerate(known.ordered)}
        # A column for each pair of kind and number that some pattern demands.
        columns = list({item for demand in known.ways for item in demand.items()})
        self._kind = np.array([place[kind] for kind, _ in columns])
        self._least = np.array([least for _, least in columns])
        self._needed = np.packbits(
            [[demand[kind] == least for kind, least in columns] for demand in known.ways],
            axis=1,
        )
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
            kinds = self._known.of_atom(atom)
            atoms[atom] = _packed(kinds), kinds
        total = sum(atoms[atom][0] for atom in graph.atoms)
        for begin, end, order in graph.bonds:
            bond = graph.atoms[begin], graph.atoms[end], order
            kinds_of_bond = bonds.get(bond)
            if kinds_of_bond is None:
                kinds_of_bond = bonds[bond] = self._kinds(*bond)
            total += kinds_of_bond
        n_bytes = COUNT.itemsize * len(self._known.ordered)
        counts = np.frombuffer(total.to_bytes(n_bytes, "little"), COUNT)
        lacking = np.packbits(counts[self._kind] < self._least)
        ways = ~(self._needed & lacking).any(axis=1)
        return list(np.logical_or.reduceat(ways, self._known.first).tolist())

    def _kinds(self, begin: AtomTuple, end: AtomTuple, order: float) -> int:
        """Return whether a bond is of each kind, packed into an integer beyond those of atoms."""
        first, second = self._atoms[begin][1], self._atoms[end][1]
        known = self._known
        kinds = known.of_bond(first, second, order) | known.of_bond(second, first, order)
        return _packed(kinds) << (8 * COUNT.itemsize * len(known.of_atoms))


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
        ordered = self._known.ordered
        self.n_kinds = len(ordered)
        self._least = np.array([[demand[kind] for kind in ordered] for demand in self._known.ways])
        self._neighbours: dict[tuple[AtomTuple, float], np.ndarray] = {}

    def kinds_of(self, graph: Graph, atom: int) -> np.ndarray:
        """Return of which kinds an atom and its bonds are, shape (n_kinds,), uint16.

        For a kind of atoms the number is 0 or 1; for a kind of bonds, it is the number of the
        atom's bonds at which the atom itself can be the kind's first one.
        """
        known = self._known
        of_atom = known.of_atom(graph.atoms[atom])
        of_bonds = np.zeros(len(known.of_bonds), np.uint16)
        for begin, end, order in graph.bonds:
            if atom in (begin, end):
                neighbour = graph.atoms[end if atom == begin else begin]
                of_bonds += known.of_bond(of_atom, self._may_be(neighbour, order), order)
        return np.concatenate([of_atom, of_bonds])

    def may_have(self, counts: np.ndarray) -> np.ndarray:
        """Return which of the patterns each of n molecules may have, shape (n, p), bool.

        `counts`, shape (n, n_kinds), are sums over the atoms of each molecule of `kinds_of`.
        """
        ways = np.ones((len(counts), len(self._least)), bool)
        for number, least in zip(counts.T, self._least.T, strict=True):
            demanding = np.flatnonzero(least)
            ways[:, demanding] &= number[:, None] >= least[demanding]
        return np.logical_or.reduceat(ways, self._known.first, axis=1)

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
            self._neighbours[key] = np.logical_or.reduce([*map(self._known.of_atom, options)])
        return self._neighbours[key]


def _packed(numbers: np.ndarray) -> int:
    return int.from_bytes(numbers.astype(COUNT).tobytes(), "little")
