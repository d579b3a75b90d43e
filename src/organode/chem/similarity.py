"""Tanimoto similarity of packed Morgan bits, for many pairs at once.

Tanimoto's coefficient of two sets of bits is what they share divided by what either has (Willett,
Barnard and Downs, J. Chem. Inf. Comput. Sci. 38 (1998) 983, doi 10.1021/ci9800211).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from rdkit import Chem
from scipy.sparse import csr_matrix

from organode.chem.fingerprint import Environments, environments

RADIUS, N_BITS = 2, 2048
WORD = 64  # bits
BLOCKS = 4  # a neighbour, of which each one's best is looked at first


@dataclass(frozen=True)
class Nearest:
    """The k most similar known molecules of each of n queries, the most similar first.

    Attributes
    ----------
    position : numpy.ndarray
        Shape (n, k), int32, among the known molecules.
    similarity : numpy.ndarray
        Shape (n, k), float32, 0 to 1.
    """

    position: np.ndarray
    similarity: np.ndarray


def packed_bits(molecules: Sequence[Chem.Mol]) -> np.ndarray:
    """Return Morgan bits of radius 2, shape (n, 32), uint64."""
    return packed(environments(molecules, RADIUS), len(molecules))


def packed(found: Environments, n_molecules: int) -> np.ndarray:
    """Return the `packed_bits` of molecules whose environments up to `RADIUS` are known."""
    dense = np.zeros((n_molecules, N_BITS), np.uint8)
    dense[found.molecule, found.identifier % np.uint32(N_BITS)] = 1
    return np.packbits(dense, axis=1).view(np.uint64).reshape(n_molecules, N_BITS // WORD)


def tanimoto(queries: np.ndarray, known: np.ndarray) -> np.ndarray:
    """Return the similarity of each query to each known molecule, shape (n, m), float32.

    Parameters
    ----------
    queries, known : numpy.ndarray
        Of `packed_bits`, shapes (n, words) and (m, words).
    """
    shared = _unpacked(queries) @ _unpacked(known).toarray().T
    sizes = [np.bitwise_count(bits).sum(axis=1, dtype=np.float32) for bits in (queries, known)]
    return np.asarray(shared / np.maximum(sizes[0][:, None] + sizes[1] - shared, 1))


def _unpacked(bits: np.ndarray) -> csr_matrix:
    """Return `packed_bits` of n molecules as ones, shape (n, N_BITS), float32."""
    return csr_matrix(np.unpackbits(bits.view(np.uint8), axis=1).astype(np.float32))


def nearest(
    queries: np.ndarray,
    known: np.ndarray,
    k: int,
    *,
    query_fold: np.ndarray | None = None,
    known_fold: np.ndarray | None = None,
) -> Nearest:
    """Find the known molecules that are most similar to each query.

    Parameters
    ----------
    queries, known : numpy.ndarray
        Of `packed_bits`, shapes (n, words) and (m, words).
    k : int
        How many; no more than there are.
    query_fold, known_fold : numpy.ndarray, optional
        Shapes (n,) and (m,): a known molecule of the query's own fold does not count.

    Raises
    ------
    ValueError
        If a query has fewer than k known molecules to be compared with.
    """
    allowed = len(known)
    if query_fold is not None and known_fold is not None and len(known):
        allowed -= int(np.unique_counts(known_fold).counts.max())
    if allowed < k:
        raise ValueError(f"{allowed} known molecules, but {k} neighbours are asked for")
    sizes = np.bitwise_count(known).sum(axis=1, dtype=np.int32)
    # Of each bit, the known molecules that have it: adding a query's few rows of small integers
    # is ten times faster than comparing all words.
    having = np.unpackbits(np.ascontiguousarray(known.view(np.uint8).T), axis=0)
    position = np.empty((len(queries), k), np.int32)
    similarity = np.empty((len(queries), k), np.float32)
    for number, query in enumerate(queries):
        bits = np.flatnonzero(np.unpackbits(query.view(np.uint8)))
        shared = having[bits].sum(axis=0, dtype=np.uint8 if len(bits) < 256 else np.uint16)
        found = shared / np.maximum(sizes + np.int32(len(bits)) - shared, 1).astype(np.float32)
        if query_fold is not None and known_fold is not None:
            found[known_fold == query_fold[number]] = -1.0
        best = _top(found, k)
        position[number], similarity[number] = best, found[best]
    return Nearest(position, similarity)


def _top(found: np.ndarray, k: int) -> np.ndarray:
    """Return the positions of the k largest, the largest first; of equal ones the first."""
    width = len(found) // (BLOCKS * k)
    candidates = np.arange(len(found))
    if width > 1:
        # The k-th best of the blocks' best is no better than the k-th best of all.
        best = found[: BLOCKS * k * width].reshape(-1, width).max(axis=1)
        candidates = np.flatnonzero(found >= np.partition(best, -k)[-k])
    return candidates[np.lexsort((candidates, -found[candidates]))[:k]]
