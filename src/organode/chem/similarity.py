"""Tanimoto similarity of packed Morgan bits, for many pairs at once.

Tanimoto's coefficient of two sets of bits is what they share divided by what either has (Willett,
Barnard and Downs, J. Chem. Inf. Comput. Sci. 38 (1998) 983, doi 10.1021/ci9800211).
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from rdkit import Chem

from organode.chem.fingerprint import environments, fold
from organode.cores import cores

RADIUS, N_BITS = 2, 2048
WORD = 64  # bits
CHUNK = 32  # queries at once: what they are compared with stays in the cache


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
    bits = fold(environments(molecules, RADIUS), len(molecules), N_BITS, counts=False)
    dense = np.zeros(bits.shape, np.uint8)
    dense[bits.nonzero()] = 1
    return np.packbits(dense, axis=1).view(np.uint64).reshape(len(molecules), N_BITS // WORD)


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
    columns = np.ascontiguousarray(known.T)
    position = np.empty((len(queries), k), np.int32)
    similarity = np.empty((len(queries), k), np.float32)

    def compare(start: int) -> None:
        part = slice(start, start + CHUNK)
        asked = queries[part]
        shared = np.zeros((len(asked), len(known)), np.uint16)
        for word, column in enumerate(columns):
            shared += np.bitwise_count(asked[:, word, None] & column)
        either = np.bitwise_count(asked).sum(axis=1, dtype=np.int32)[:, None] + sizes - shared
        found = (shared / np.maximum(either, 1)).astype(np.float32)
        if query_fold is not None and known_fold is not None:
            found[query_fold[part, None] == known_fold] = -1.0
        best = _top(found, k)
        position[part] = best
        similarity[part] = np.take_along_axis(found, best, axis=1)

    with ThreadPoolExecutor(cores()) as pool:
        for _ in pool.map(compare, range(0, len(queries), CHUNK)):
            pass
    return Nearest(position, similarity)


def _top(found: np.ndarray, k: int) -> np.ndarray:
    """Return the positions of the k largest of each row, the largest first."""
    candidates = np.argpartition(-found, k - 1, axis=1)[:, :k]
    values = np.take_along_axis(found, candidates, axis=1)
    return np.take_along_axis(candidates, np.lexsort((candidates, -values), axis=1), axis=1)
