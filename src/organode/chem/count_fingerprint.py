"""A cheap description of many molecules: folded Morgan counts, and a number to find repeats by."""

from __future__ import annotations

from array import array
from collections.abc import Iterable

import numpy as np
from rdkit import Chem
from rdkit.Chem import rdFingerprintGenerator
from scipy.sparse import csr_matrix

from organode.utils.arrays import hash64

RADIUS, N_BITS = 1, 8_192


def folded_counts(molecules: Iterable[Chem.Mol]) -> csr_matrix:
    """Return how often each Morgan environment up to `RADIUS` occurs, folded to `N_BITS`.

    It costs less than parsing the molecules, of which only one at a time is needed.

    Returns
    -------
    scipy.sparse.csr_matrix
        Shape (n, N_BITS), uint16, columns sorted within each row.
    """
    generator = rdFingerprintGenerator.GetMorganGenerator(radius=RADIUS, fpSize=N_BITS)
    columns, counts = array("i"), array("H")  # a list takes much longer to become an array
    ends = [0]
    for one in molecules:
        found = generator.GetCountFingerprint(one).GetNonzeroElements()
        columns.extend(found)
        counts.extend(found.values())
        ends.append(len(columns))
    parts = np.array(counts), np.array(columns), np.array(ends, np.int32)
    return csr_matrix(parts, shape=(len(ends) - 1, N_BITS))


def structure_hash(counts: csr_matrix) -> np.ndarray:
    """Return 64 bits a molecule, shape (n,): equal for equal rows of `folded_counts`.

    Equal structures have equal bits. Different ones may have them too, if they consist of the same
    environments; only a canonical SMILES tells those apart.
    """
    # A sum of well-mixed numbers does not depend on their order.
    entries = counts.indices.astype(np.uint64) << np.uint64(16) | counts.data.astype(np.uint64)
    total = np.cumsum(np.r_[np.uint64(0), hash64(entries)], dtype=np.uint64)
    return np.asarray(np.diff(total[counts.indptr]))
