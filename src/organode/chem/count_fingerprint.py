"""Count fingerprints of molecules (folded Morgan counts), and hashes that find duplicates."""

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
    """Count the Morgan environments of radius 0 and 1 in n molecules, folded to 8,192 columns.

    If `molecules` is a generator, only one molecule at a time is in memory. Counting takes less
    time than parsing the SMILES of the molecules.

    Returns
    -------
    scipy.sparse.csr_matrix
        Shape (n, 8192), uint16: how often the environments of each column occur in each molecule.
        Columns are sorted within each row.
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
    """Return a hash of each of n molecules, shape (n,), uint64, to find duplicates.

    `counts` is the result of `folded_counts`. Molecules with the same structure have the same hash.
    Different structures with the same counts have the same hash, too; only canonical SMILES
    distinguish such structures.
    """
    # The sum of hashed entries does not depend on their order.
    entries = counts.indices.astype(np.uint64) << np.uint64(16) | counts.data.astype(np.uint64)
    total = np.cumsum(np.r_[np.uint64(0), hash_array(entries)], dtype=np.uint64)
    return np.asarray(np.diff(total[counts.indptr]))
