"""Morgan environments (ECFP) with counts: unfolded once, folded to any number of bits.

Rogers and Hahn, J. Chem. Inf. Model. 50 (2010) 742, doi 10.1021/ci100050t. RDKit folds an
unfolded identifier by its remainder modulo the number of bits, so one unfolded table serves
every number of bits.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from rdkit import Chem
from rdkit.Chem import rdFingerprintGenerator
from scipy.sparse import csr_matrix


@dataclass(frozen=True)
class Environments:
    """Unfolded Morgan environments of n molecules, as m entries.

    Attributes
    ----------
    molecule : numpy.ndarray
        Shape (m,), int32, rising: which molecule, 0 to n − 1.
    identifier : numpy.ndarray
        Shape (m,), uint32.
    count : numpy.ndarray
        Shape (m,), uint16: how often the environment occurs in the molecule.
    """

    molecule: np.ndarray
    identifier: np.ndarray
    count: np.ndarray


def environments(molecules: Sequence[Chem.Mol], radius: int) -> Environments:
    """Return the environments of every molecule up to `radius` bonds around each atom."""
    generator = rdFingerprintGenerator.GetMorganGenerator(radius=radius)
    found = [
        generator.GetSparseCountFingerprint(molecule).GetNonzeroElements() for molecule in molecules
    ]
    lengths = np.fromiter(map(len, found), np.int64, len(found))
    total = int(lengths.sum())
    identifier = np.fromiter((key for one in found for key in one), np.uint32, total)
    count = np.fromiter((value for one in found for value in one.values()), np.uint16, total)
    molecule = np.repeat(np.arange(len(found), dtype=np.int32), lengths)
    return Environments(molecule, identifier, count)


def keys(molecules: Sequence[Chem.Mol], radius: int, *, counts: bool) -> list[bytes]:
    """Return what is equal for molecules with equal environments up to `radius`.

    Parameters
    ----------
    molecules : sequence of Chem.Mol
        Length n.
    radius : int
        In bonds.
    counts : bool
        Whether molecules in which the same environments occur another number of times differ.
    """
    found = environments(molecules, radius)
    order = np.lexsort((found.identifier, found.molecule))
    parts = [found.identifier[order]]
    if counts:
        parts.append(found.count[order].astype(np.uint32))
    whole = np.column_stack(parts)
    ends = np.searchsorted(found.molecule, np.arange(len(molecules) + 1))
    return [whole[start:end].tobytes() for start, end in pairwise(ends.tolist())]


def fold(found: Environments, n_molecules: int, n_bits: int, *, counts: bool) -> csr_matrix:
    """Fold environments into the networks' input.

    Parameters
    ----------
    found : Environments
        Of `n_molecules` molecules.
    n_molecules, n_bits : int
        Shape of the result.
    counts : bool
        True for ``log(1 + count)``, False for bits (0 or 1).

    Returns
    -------
    scipy.sparse.csr_matrix
        Shape (n_molecules, n_bits), float32, columns sorted within each row.
    """
    column = (found.identifier % np.uint32(n_bits)).astype(np.int32)
    return _matrix(found.molecule, column, found.count, (n_molecules, n_bits), counts)


def unfold(
    found: Environments, n_molecules: int, identifiers: np.ndarray, *, counts: bool
) -> csr_matrix:
    """Give each environment a column of its own; one that has none is left out.

    Parameters
    ----------
    found, n_molecules, counts
        As in `fold`.
    identifiers : numpy.ndarray
        Shape (c,), uint32, rising: the environments that have a column.

    Returns
    -------
    scipy.sparse.csr_matrix
        Shape (n_molecules, c), float32, columns sorted within each row.
    """
    column = np.searchsorted(identifiers, found.identifier)
    known = column < len(identifiers)
    known[known] = identifiers[column[known]] == found.identifier[known]
    shape = (n_molecules, len(identifiers))
    return _matrix(found.molecule[known], column[known], found.count[known], shape, counts)


def _matrix(
    molecule: np.ndarray,
    column: np.ndarray,
    count: np.ndarray,
    shape: tuple[int, int],
    counts: bool,
) -> csr_matrix:
    matrix = csr_matrix((count.astype(np.float32), (molecule, column)), shape=shape)
    matrix.sum_duplicates()
    matrix.data = np.log1p(matrix.data) if counts else np.ones_like(matrix.data)
    return matrix
