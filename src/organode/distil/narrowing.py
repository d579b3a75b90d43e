"""Leave rare environments out of a network's input, so that the network is small."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scipy.sparse import csr_matrix

from organode.chem.fingerprint import ORBITALS
from organode.models.input_columns import InputColumns


def most_common(
    columns: InputColumns, matrix: csr_matrix, n: int
) -> tuple[InputColumns, np.ndarray]:
    """Keep the columns of the environments that are most common in an input matrix.

    Parameters
    ----------
    columns : InputColumns
        The columns of `matrix`.
    matrix : scipy.sparse.csr_matrix
        Shape (n_molecules, n_columns): input matrix of the molecules that are counted.
    n : int
        Number of environments that keep their column in the fingerprint, and of those that keep
        their columns for orbitals. A folded fingerprint stays whole.

    Returns
    -------
    columns : InputColumns
        The columns that are kept.
    kept : numpy.ndarray
        Their positions among the columns of `matrix`.
    """
    occurs = np.bincount(matrix.indices, minlength=matrix.shape[1])
    folded, sites = columns.settings.n_bits, len(columns.sites)
    first = folded or len(columns.identifiers)
    end = first + ORBITALS * sites
    environments = np.arange(first) if folded else _largest(occurs[:first], n)
    of_sites = _largest(occurs[first:end].reshape(ORBITALS, sites).sum(axis=0), n)
    narrowed = replace(
        columns,
        identifiers=columns.identifiers if folded else columns.identifiers[environments],
        sites=columns.sites[of_sites],
    )
    orbitals = [first + number * sites + of_sites for number in range(ORBITALS)]
    return narrowed, np.concatenate([environments, *orbitals, np.arange(end, matrix.shape[1])])


def _largest(values: np.ndarray, n: int) -> np.ndarray:
    """Return the positions of the n largest values, sorted ascending."""
    return np.sort(np.argsort(-values, kind="stable")[:n])
