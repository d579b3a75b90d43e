"""Count fingerprints of molecules (folded Morgan counts), and hashes that find duplicates."""

from __future__ import annotations

from array import array
from collections.abc import Iterable

import numpy as np
from pandas.util import hash_array
from rdkit import Chem
from rdkit.Chem import rdFingerprintGenerator
from scipy.sparse import csr_matrix

RADIUS, N_BITS, N_IDENTIFIERS = 1, 8_192, 2**32


def count_environments(molecules: Iterable[Chem.Mol]) -> csr_matrix:
    """Count the Morgan environments of radius 0 and 1 in n molecules.

    If `molecules` is a generator, only one molecule at a time is in memory. Counting takes less
    time than parsing the SMILES of the molecules.

    Returns
    -------
    scipy.sparse.csr_matrix
        Shape (n, 2**32), uint16: how often each environment, whose hash is its column, occurs in
        each molecule.
    """
    generator = rdFingerprintGenerator.GetMorganGenerator(radius=RADIUS)
    columns, counts = array("Q"), array("H")  # converting a list to NumPy takes much longer
    ends = [0]
    for molecule in molecules:
        count_of = generator.GetSparseCountFingerprint(molecule).GetNonzeroElements()
        columns.extend(count_of)
        counts.extend(count_of.values())
        ends.append(len(columns))
    parts = np.array(counts), np.array(columns).astype(np.int64), np.array(ends)
    return csr_matrix(parts, shape=(len(ends) - 1, N_IDENTIFIERS))


def folded(environments: csr_matrix) -> csr_matrix:
    """Fold the counts of `count_environments` to 8,192 columns, as RDKit folds fingerprints.

    Returns
    -------
    scipy.sparse.csr_matrix
        Shape (n, 8192), uint16. Columns are sorted within each row.
    """
    columns = (environments.indices % N_BITS).astype(np.int32)
    parts = environments.data.copy(), columns, environments.indptr.astype(np.int32)
    counts = csr_matrix(parts, shape=(environments.shape[0], N_BITS))
    counts.sum_duplicates()
    return counts


def environment_atoms(molecule: Chem.Mol) -> dict[int, tuple[int, int]]:
    """Return for each environment of a molecule, by its hash, one central atom and the radius."""
    output = rdFingerprintGenerator.AdditionalOutput()
    output.AllocateBitInfoMap()
    generator = rdFingerprintGenerator.GetMorganGenerator(radius=RADIUS)
    generator.GetSparseCountFingerprint(molecule, additionalOutput=output)
    return {identifier: places[0] for identifier, places in output.GetBitInfoMap().items()}


def structure_hash(counts: csr_matrix) -> np.ndarray:
    """Return a hash of each of n molecules, shape (n,), uint64, to find duplicates.

    `counts` is the result of `folded`. Molecules with the same structure have the same hash.
    Different structures with the same counts have the same hash, too; only canonical SMILES
    distinguish such structures.
    """
    # The sum of hashed entries does not depend on their order.
    entries = counts.indices.astype(np.uint64) << np.uint64(16) | counts.data.astype(np.uint64)
    total = np.cumsum(np.r_[np.uint64(0), hash_array(entries)], dtype=np.uint64)
    return np.asarray(np.diff(total[counts.indptr]))
