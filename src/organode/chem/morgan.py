"""The algorithm of Morgan fingerprints, for the atoms of many molecules at once.

It is that of Rogers and Hahn, J. Chem. Inf. Model. 50 (2010) 742, doi 10.1021/ci100050t, with the
hashes of RDKit's `GetMorganGenerator`, which are found here without a loop over molecules.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from organode.chem.graph import Graphs

BITS = 64  # bonds in a word
GOLDEN = np.uint32(0x9E3779B9)  # of Boost's `hash_combine`
# RDKit's numbers of bond types, by twice the order of the bond.
TYPES = np.zeros(9, np.uint64)
TYPES[[2, 3, 4, 6, 8]] = 1, 12, 2, 3, 4


class Centres(NamedTuple):
    """The Morgan environments of some molecules, each at its central atom.

    Attributes
    ----------
    atom : numpy.ndarray
        Shape (m,): number of the central atom in the molecules' `Graphs`.
    radius : numpy.ndarray
        Shape (m,): radius in bonds.
    identifier : numpy.ndarray
        Shape (m,), uint32: hash that identifies the environment.
    """

    atom: np.ndarray
    radius: np.ndarray
    identifier: np.ndarray


def centres(graphs: Graphs, radius: int) -> Centres:
    """Find the Morgan environments of n molecules, with radii of 0 to `radius` bonds.

    Environments are left out, as RDKit does, if they have the same bonds as another one of a
    smaller radius, or as another one of the same radius with a smaller identifier; and so are all
    larger environments of the same atom.
    """
    n_atoms = len(graphs.kind)
    every = np.arange(n_atoms)
    edges = _Edges(graphs)
    identifier, within = graphs.invariant, np.zeros((n_atoms, edges.bond.shape[1]), np.uint64)
    alive = edges.degree > 0
    found = [Centres(every, np.zeros(n_atoms, np.int64), identifier)]
    seen = np.empty(0, np.uint64)  # hashes of sets of bonds
    for layer in range(radius):
        identifier = np.where(alive, edges.hashed(identifier, layer), np.uint32(0))
        within = np.where(alive[:, None], edges.united(within), within)
        atoms = np.flatnonzero(alive)
        bonds = _set_hashes(graphs.molecule[atoms], within[atoms])
        # Sets that were seen before come first among equal ones, then those of small identifiers.
        by_identifier = np.argsort(identifier[atoms], kind="stable")
        sets = np.concatenate([seen, bonds[by_identifier]])
        order = np.argsort(sets, kind="stable")
        first = order[np.flatnonzero(np.diff(sets[order], prepend=~sets[order[:1]]))]
        new = np.sort(atoms[by_identifier[first[first >= len(seen)] - len(seen)]])
        seen = sets[first]
        alive = np.zeros(n_atoms, bool)
        alive[new] = True
        found.append(Centres(new, np.full(len(new), layer + 1), identifier[new]))
    return Centres(*map(np.concatenate, zip(*found, strict=True)))


class _Edges:
    """The bonds of molecules, each seen from both of its atoms, sorted by this atom.

    Attributes
    ----------
    degree : numpy.ndarray
        Shape (a,): number of bonds of each atom.
    bond : numpy.ndarray
        Shape (2 b, w), uint64: the bit of each bond among those of its molecule, in w words.
    """

    def __init__(self, graphs: Graphs) -> None:
        n_atoms, n_bonds = len(graphs.kind), len(graphs.begin)
        centre = np.concatenate([graphs.begin, graphs.end])
        by_atom = np.argsort(centre, kind="stable")
        self._centre = centre[by_atom]
        self._other = np.concatenate([graphs.end, graphs.begin])[by_atom]
        bond = by_atom % max(n_bonds, 1)
        self._type = TYPES[(2 * graphs.order).astype(np.intp)][bond]
        self.degree = np.bincount(centre, minlength=n_atoms)
        self._first = np.concatenate([[0], np.cumsum(self.degree)[:-1]])
        first_bond = np.searchsorted(graphs.begin, graphs.first[:-1])
        number = np.arange(n_bonds) - first_bond[graphs.molecule[graphs.begin]]
        n_words = int(number.max(initial=0)) // BITS + 1
        self.bond = np.zeros((2 * n_bonds, n_words), np.uint64)
        bits = np.uint64(1) << (number % BITS).astype(np.uint64)
        self.bond[np.arange(2 * n_bonds), (number // BITS)[bond]] = bits[bond]

    def hashed(self, identifier: np.ndarray, layer: int) -> np.ndarray:
        """Return the identifiers of the next radius from those of all atoms, shape (a,), uint32."""
        centre = self._centre.astype(np.uint64) << np.uint64(36)
        keys = np.sort(centre | self._type << np.uint64(32) | identifier[self._other])
        types = (keys >> np.uint64(32) & np.uint64(15)).astype(np.uint32)
        neighbours = keys.astype(np.uint32)
        pairs = _combined(_combined(np.zeros_like(types), types), neighbours)
        hashed = _combined(np.full(len(identifier), layer, np.uint32), identifier)
        for rank in range(self.degree.max(initial=0)):
            atoms = np.flatnonzero(self.degree > rank)
            hashed[atoms] = _combined(hashed[atoms], pairs[self._first[atoms] + rank])
        return hashed

    def united(self, within: np.ndarray) -> np.ndarray:
        """Return the bonds within the next radius from those of all atoms, shape (a, w), uint64."""
        united = within.copy()
        bonded = np.flatnonzero(self.degree)
        if len(bonded):
            of_edges = self.bond | within[self._other]
            united[bonded] |= np.bitwise_or.reduceat(of_edges, self._first[bonded], axis=0)
        return united


def _combined(seed: np.ndarray, value: np.ndarray) -> np.ndarray:
    """Return Boost's `hash_combine` of each seed and value, uint32."""
    return np.asarray(seed ^ (value + GOLDEN + (seed << np.uint32(6)) + (seed >> np.uint32(2))))


def _set_hashes(molecule: np.ndarray, bonds: np.ndarray) -> np.ndarray:
    """Return a 64-bit hash of each molecule's number and set of bonds; `bonds`: shape (m, w)."""
    hashes = _mixed(molecule.astype(np.uint64))
    for word in bonds.T:
        hashes = _mixed(hashes ^ word)
    return hashes


def _mixed(values: np.ndarray) -> np.ndarray:
    """Return one-to-one hashes of 64-bit numbers (the last steps of SplitMix64)."""
    values = (values ^ values >> np.uint64(30)) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ values >> np.uint64(27)) * np.uint64(0x94D049BB133111EB)
    return np.asarray(values ^ values >> np.uint64(31))
