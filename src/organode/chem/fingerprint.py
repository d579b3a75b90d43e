"""Morgan environments (ECFP) with counts, which can be folded to any number of bits.

The method is that of Rogers and Hahn, J. Chem. Inf. Model. 50 (2010) 742, doi 10.1021/ci100050t.
An environment is a central atom with all atoms that are at most a number of bonds (the radius) away
from it. The identifier of an environment is a 32-bit hash. Folding takes the remainder of the
identifier modulo the number of bits, as RDKit does, so the environments found once serve for every
number of bits.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from itertools import pairwise

import numpy as np
from rdkit import Chem
from scipy.sparse import csr_matrix

from organode.chem.graph import Graphs
from organode.chem.morgan import centres
from organode.utils.arrays import spans

ORBITALS = 2  # highest occupied and lowest empty orbital
LEAST = 0.01  # electrons; `unfold` leaves smaller densities out
NO_COLUMN = -1  # of an environment that `unfold` leaves out
NO_KEY = np.uint64(2**64 - 1)  # of no molecule, radius and identifier


@dataclass(frozen=True)
class Environments:
    """Unfolded Morgan environments of n molecules, as a table with m rows.

    A row stands for an environment and a molecule in which the environment occurs.

    Attributes
    ----------
    molecule : numpy.ndarray
        Shape (m,), int32: index of the molecule, 0 to n − 1; sorted ascending.
    radius : numpy.ndarray
        Shape (m,), uint8: radius of the environment in bonds, 0 for a single atom; sorted ascending
        among the rows of a molecule.
    identifier : numpy.ndarray
        Shape (m,), uint32: hash that identifies the environment; sorted ascending among the rows of
        a molecule with the same radius.
    count : numpy.ndarray
        Shape (m,), uint16: how often the environment occurs in the molecule.
    density : numpy.ndarray
        Shape (m, 2), float32: density, on the central atom, of an electron in the highest occupied
        orbital (first column) or in the lowest empty orbital (second column); summed over all
        central atoms in the molecule that have the environment.
    """

    molecule: np.ndarray
    radius: np.ndarray
    identifier: np.ndarray
    count: np.ndarray
    density: np.ndarray

    def up_to(self, radius: int) -> Environments:
        """Return only the environments whose radius is at most `radius` bonds."""
        chosen = self.radius <= radius
        return Environments(*(getattr(self, field.name)[chosen] for field in fields(self)))

    def select(self, places: Sequence[int]) -> Environments:
        """Return the environments of the molecules with the indices `places`.

        In the result, these molecules have the indices 0, 1, ... in the order of `places`.
        """
        chosen = np.asarray(places, np.intp)
        first = np.searchsorted(self.molecule, chosen)
        sizes = np.searchsorted(self.molecule, chosen, side="right") - first
        entries = spans(first, first + sizes)
        numbers = np.repeat(np.arange(len(chosen), dtype=np.int32), sizes)
        others = (getattr(self, field.name)[entries] for field in fields(self)[1:])
        return Environments(numbers, *others)


def environments(
    molecules: Sequence[Chem.Mol], radius: int, densities: Sequence[np.ndarray] | None = None
) -> Environments:
    """Find the Morgan environments of n molecules, with radii of 0 to `radius` bonds.

    Parameters
    ----------
    molecules : sequence of Chem.Mol
        n molecules.
    radius : int
        Largest radius, in bonds.
    densities : sequence of numpy.ndarray, optional
        For each molecule an array of shape (n_atoms, 2): densities of the highest occupied and the
        lowest empty orbital on its atoms, as in `organode.chem.orbitals.huckel.Orbitals`. If
        omitted, `Environments.density` is zero.
    """
    return of_graphs(Graphs.of(molecules), radius, densities)


def of_graphs(
    graphs: Graphs, radius: int, densities: Sequence[np.ndarray] | None = None
) -> Environments:
    """Return what `environments` does, for molecules whose atoms and bonds have been read."""
    atom, level, identifier = centres(graphs, radius)
    molecule = graphs.molecule[atom]
    # One number to sort by: molecule, radius, identifier. Equal ones stay in the order of atoms.
    key = (molecule << 8 | level).astype(np.uint64) << np.uint64(32) | identifier
    order = np.argsort(key, kind="stable")
    starts = np.flatnonzero(np.diff(key[order], prepend=NO_KEY))
    density = np.zeros((len(starts), ORBITALS), np.float32)
    if densities is not None and len(key):
        of_atoms = np.vstack(densities)[atom[order]]
        density = np.add.reduceat(of_atoms, starts, axis=0).astype(np.float32)
    examples = order[starts]
    return Environments(
        molecule[examples].astype(np.int32),
        level[examples].astype(np.uint8),
        identifier[examples],
        np.diff(starts, append=len(key)).astype(np.uint16),
        density,
    )


def keys(molecules: Sequence[Chem.Mol], radius: int, *, counts: bool) -> list[bytes]:
    """Return a key for each molecule; molecules with the same environments have the same key.

    Parameters
    ----------
    molecules : sequence of Chem.Mol
        n molecules.
    radius : int
        Largest radius of an environment, in bonds.
    counts : bool
        Whether the key also depends on how often each environment occurs.
    """
    entries = environments(molecules, radius)
    order = np.lexsort((entries.identifier, entries.molecule))
    parts = [entries.identifier[order]]
    if counts:
        parts.append(entries.count[order].astype(np.uint32))
    whole = np.column_stack(parts)
    ends = np.searchsorted(entries.molecule, np.arange(len(molecules) + 1))
    return [whole[start:end].tobytes() for start, end in pairwise(ends.tolist())]


def fold(
    entries: Environments,
    n_molecules: int,
    n_bits: int,
    *,
    counts: bool,
) -> csr_matrix:
    """Fold environments to a matrix of fingerprints, the input of the neural networks.

    Parameters
    ----------
    entries : Environments
        Environments of `n_molecules` molecules.
    n_molecules, n_bits : int
        Number of rows and of columns of the result.
    counts : bool
        Whether an element of the result is ``log(1 + count)`` (True), where the count is that of
        all environments in the column, or a bit, 0 or 1 (False).

    Returns
    -------
    scipy.sparse.csr_matrix
        Shape (n_molecules, n_bits), float32, columns sorted within each row.
    """
    column = (entries.identifier % np.uint32(n_bits)).astype(np.int32)
    return _matrix(entries, column, (n_molecules, n_bits), counts, None)


def unfold(
    entries: Environments,
    n_molecules: int,
    identifiers: np.ndarray,
    *,
    counts: bool = True,
    orbital: int | None = None,
) -> csr_matrix:
    """Return a matrix with a column for each environment in `identifiers`, without folding.

    Parameters
    ----------
    entries : Environments
        Environments of `n_molecules` molecules.
    n_molecules : int
        Number of rows of the result.
    identifiers : numpy.ndarray
        Shape (c,), uint32, sorted ascending: identifiers of the environments that have a column;
        all other environments are left out.
    counts : bool
        Whether an element of the result is ``log(1 + count)`` (True) or a bit, 0 or 1 (False).
    orbital : int, optional
        If given, an element of the result is instead the density of the highest occupied (0) or the
        lowest empty (1) orbital on the environment; densities of at most 0.01 are left out.

    Returns
    -------
    scipy.sparse.csr_matrix
        Shape (n_molecules, c), float32, columns sorted within each row.
    """
    column = np.searchsorted(identifiers, entries.identifier)
    known = column < len(identifiers)
    known[known] = identifiers[column[known]] == entries.identifier[known]
    column[~known] = NO_COLUMN
    return _matrix(entries, column, (n_molecules, len(identifiers)), counts, orbital)


def sparse_rows(dense: np.ndarray) -> csr_matrix:
    """Return what ``csr_matrix(dense)`` does, ten times faster if few entries are zero.

    Parameters
    ----------
    dense : numpy.ndarray
        Shape (n, d).

    Examples
    --------
    >>> sparse_rows(np.array([[1.0, 0.0], [2.0, 3.0]])).nnz
    3
    """
    n, d = dense.shape
    columns = np.tile(np.arange(d), n)
    matrix = csr_matrix((dense.flatten(), columns, np.arange(n + 1) * d), shape=(n, d))
    matrix.eliminate_zeros()
    return matrix


def _matrix(
    entries: Environments,
    column: np.ndarray,
    shape: tuple[int, int],
    counts: bool,
    orbital: int | None,
) -> csr_matrix:
    values = entries.count if orbital is None else entries.density[:, orbital]
    taken = column != NO_COLUMN
    if orbital is not None:
        taken &= values > LEAST
    matrix = csr_matrix(
        (values[taken].astype(np.float32), (entries.molecule[taken], column[taken])), shape=shape
    )
    matrix.sum_duplicates()
    if orbital is None:
        matrix.data = np.log1p(matrix.data) if counts else np.ones_like(matrix.data)
    return matrix
