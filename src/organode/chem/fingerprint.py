"""Morgan environments (ECFP) with counts: found once, then folded to any number of bits.

The method is that of Rogers and Hahn, J. Chem. Inf. Model. 50 (2010) 742, doi 10.1021/ci100050t.
An environment is an atom with its neighbours up to a radius; its identifier is a 32-bit hash.
Folding takes the remainder of the identifier modulo the number of bits, as RDKit does, so one table
of identifiers serves for every number of bits.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from itertools import chain, pairwise

import numpy as np
from rdkit import Chem
from rdkit.Chem import rdFingerprintGenerator
from scipy.sparse import csr_matrix

ORBITALS = 2  # highest occupied and lowest empty orbital
LEAST = 0.01  # electrons; `unfold` leaves smaller densities out
NO_COLUMN = -1  # of an environment that `unfold` leaves out


@dataclass(frozen=True)
class Environments:
    """Unfolded Morgan environments of n molecules: one entry for each environment in a molecule.

    Attributes
    ----------
    molecule : numpy.ndarray
        Shape (m,), int32, sorted ascending: index of the molecule, 0 to n − 1.
    radius : numpy.ndarray
        Shape (m,), uint8: radius of the environment in bonds, 0 for a single atom; sorted within a
        molecule.
    identifier : numpy.ndarray
        Shape (m,), uint32: hash that identifies the environment; sorted within a radius.
    count : numpy.ndarray
        Shape (m,), uint16: how often the environment occurs in the molecule.
    density : numpy.ndarray
        Shape (m, 2), float32: density, on the central atom, of one electron in the highest occupied
        orbital, and of one in the lowest empty orbital; summed over all places in the molecule
        where the environment occurs.
    """

    molecule: np.ndarray
    radius: np.ndarray
    identifier: np.ndarray
    count: np.ndarray
    density: np.ndarray

    def up_to(self, radius: int) -> Environments:
        """Return the environments of at most `radius` bonds: those of that fingerprint."""
        chosen = self.radius <= radius
        return Environments(*(getattr(self, field.name)[chosen] for field in fields(self)))

    def select(self, places: Sequence[int]) -> Environments:
        """Return the environments of the molecules at these places, numbered in this order."""
        chosen = np.asarray(places, np.intp)
        first = np.searchsorted(self.molecule, chosen)
        sizes = np.searchsorted(self.molecule, chosen, side="right") - first
        ends = np.cumsum(sizes)
        entries = np.arange(sizes.sum()) + np.repeat(first - (ends - sizes), sizes)
        numbers = np.repeat(np.arange(len(chosen), dtype=np.int32), sizes)
        others = (getattr(self, field.name)[entries] for field in fields(self)[1:])
        return Environments(numbers, *others)


def environments(
    molecules: Sequence[Chem.Mol], radius: int, densities: Sequence[np.ndarray] | None = None
) -> Environments:
    """Return the environments of every molecule up to `radius` bonds around each atom.

    Parameters
    ----------
    molecules : sequence of Chem.Mol
        n molecules.
    radius : int
        Largest radius, in bonds.
    densities : sequence of numpy.ndarray, optional
        For each molecule an array of shape (n_atoms, 2): densities of the highest occupied and the
        lowest empty orbital on its atoms, as in `organode.chem.orbitals.huckel.Orbitals`. If
        omitted, the densities of the environments are zero.
    """
    generator = rdFingerprintGenerator.GetMorganGenerator(radius=radius)
    output = rdFingerprintGenerator.AdditionalOutput()
    output.AllocateBitInfoMap()
    identifiers: list[int] = []
    repeats: list[int] = []
    centres: list[tuple[tuple[int, int], ...]] = []  # (atom, radius) of each
    ends = [0]
    for mol in molecules:
        generator.GetSparseCountFingerprint(mol, additionalOutput=output)
        centres_of = output.GetBitInfoMap()
        identifiers += centres_of
        centres += centres_of.values()
        repeats += map(len, centres_of.values())
        ends.append(len(identifiers))
    times = np.array(repeats, np.int64)
    flat = np.fromiter(_flattened(centres), np.int64, 2 * times.sum()).reshape(-1, 2)
    atom, level = flat.T
    identifier = np.repeat(np.array(identifiers, np.uint32), times)
    molecule = np.repeat(np.repeat(np.arange(len(molecules)), np.diff(ends)), times)
    order = np.lexsort((identifier, level, molecule))
    table = np.column_stack((molecule, level, identifier))[order]
    starts = np.flatnonzero(np.diff(table, axis=0, prepend=-1).any(axis=1))
    density = np.zeros((len(starts), ORBITALS), np.float32)
    if densities is not None and len(table):
        first_atom = np.cumsum([0, *map(len, densities)])
        atoms = np.vstack(densities)[(first_atom[molecule] + atom)[order]]
        density = np.add.reduceat(atoms, starts, axis=0).astype(np.float32)
    molecule, level, identifier = table[starts].T
    return Environments(
        molecule.astype(np.int32),
        level.astype(np.uint8),
        identifier.astype(np.uint32),
        np.diff(starts, append=len(table)).astype(np.uint16),
        density,
    )


def _flattened(centres: Iterable[tuple[tuple[int, int], ...]]) -> Iterator[int]:
    return chain.from_iterable(chain.from_iterable(centres))


def keys(molecules: Sequence[Chem.Mol], radius: int, *, counts: bool) -> list[bytes]:
    """Return one key for each molecule; molecules with the same environments share a key.

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
        Shape of the result.
    counts : bool
        True for ``log(1 + count)``, False for bits (0 or 1).

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
    """Return a matrix with a separate column for each of the given environments, unfolded.

    Parameters
    ----------
    entries : Environments
        Environments of `n_molecules` molecules.
    n_molecules : int
        Number of rows of the result.
    identifiers : numpy.ndarray
        Shape (c,), uint32, sorted ascending: the environments with a column; others are left out.
    counts : bool
        True for ``log(1 + count)``, False for bits (0 or 1).
    orbital : int, optional
        If given, the matrix has instead the densities of the highest occupied (0) or the lowest
        empty (1) orbital on the environments, without those up to `LEAST`.

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
