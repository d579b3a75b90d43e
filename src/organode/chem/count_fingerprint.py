"""Count fingerprints of long libraries (folded Morgan counts), and a hash to find duplicates."""

from __future__ import annotations

from array import array
from collections.abc import Iterable

import numpy as np
from pandas.util import hash_array
from rdkit import Chem
from rdkit.Chem import rdFingerprintGenerator
from scipy.sparse import csr_matrix

RADIUS, N_BITS = 1, 8_192


def folded_counts(molecules: Iterable[Chem.Mol]) -> csr_matrix:
    """Return how often each Morgan environment of radius 0 or 1 occurs, folded to `N_BITS`.

    This takes less time than parsing the molecules, and keeps only one molecule in memory.

    Returns
    -------
    scipy.sparse.csr_matrix
        Shape (n, N_BITS), uint16, columns sorted within each row.
    """
    generator = rdFingerprintGenerator.GetMorganGenerator(radius=RADIUS, fpSize=N_BITS)
    columns, counts = array("i"), array("H")  # converting a list to NumPy takes much longer
    ends = [0]
    for molecule in molecules:
        count_of = generator.GetCountFingerprint(molecule).GetNonzeroElements()
        columns.extend(count_of)
        counts.extend(count_of.values())
        ends.append(len(columns))
    parts = np.array(counts), np.array(columns), np.array(ends, np.int32)
    return csr_matrix(parts, shape=(len(ends) - 1, N_BITS))


def structure_hash(counts: csr_matrix) -> np.ndarray:
    """Return a hash of each molecule, shape (n,), uint64, from its row of `folded_counts`.

    Equal structures have equal hashes. Different structures with the same environments have equal
    hashes, too; only canonical SMILES distinguish these.
    """
    # The sum of hashed entries does not depend on their order.
    entries = counts.indices.astype(np.uint64) << np.uint64(16) | counts.data.astype(np.uint64)
    total = np.cumsum(np.r_[np.uint64(0), hash_array(entries)], dtype=np.uint64)
    return np.asarray(np.diff(total[counts.indptr]))
