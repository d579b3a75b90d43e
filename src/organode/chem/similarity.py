"""Tanimoto similarity of Morgan bits, for many pairs of molecules at once.

Bits are packed: the 2,048 Morgan bits (radius 2) of a molecule are 32 words of 64 bits (uint64).
The Tanimoto coefficient of two molecules is the number of bits that are set in both molecules,
divided by the number of bits that are set in at least one of the two (Willett, Barnard and Downs,
J. Chem. Inf. Comput. Sci. 38 (1998) 983, doi 10.1021/ci9800211).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from rdkit import Chem
from scipy.sparse import csr_matrix

from organode.chem.fingerprint import Environments, environments

RADIUS, N_BITS = 2, 2048
WORD = 64  # bits
PREPARED = 2  # tables of known molecules that are kept unpacked: those of IE and of EA
BLOCKS = 8  # for each wanted neighbour; `_candidates` first compares the best value of each
CLOSE = np.float32(1 - 1e-6)  # ranks that differ less than this may be equal but for rounding


@dataclass(frozen=True)
class Nearest:
    """For each of n query molecules, the k most similar known molecules, most similar first.

    Attributes
    ----------
    position : numpy.ndarray
        Shape (n, k), int32: index among the known molecules.
    similarity : numpy.ndarray
        Shape (n, k), float32: Tanimoto coefficient, 0 to 1.
    """

    position: np.ndarray
    similarity: np.ndarray


def packed_bits(molecules: Sequence[Chem.Mol]) -> np.ndarray:
    """Return the 2,048 Morgan bits (radius 2) of n molecules in 64-bit words: (n, 32), uint64."""
    return packed(environments(molecules, RADIUS), len(molecules))


def packed(entries: Environments, n_molecules: int) -> np.ndarray:
    """Fold Morgan environments to 2,048 bits for each molecule, packed in 64-bit words.

    `entries`: environments of `n_molecules` molecules, with radii of 0 to 2 bonds. The result has
    the shape (n_molecules, 32), uint64.
    """
    dense = np.zeros((n_molecules, N_BITS), np.uint8)
    dense[entries.molecule, entries.identifier % np.uint32(N_BITS)] = 1
    return np.packbits(dense, axis=1).view(np.uint64).reshape(n_molecules, N_BITS // WORD)


def tanimoto(queries: np.ndarray, known: np.ndarray) -> np.ndarray:
    """Return the Tanimoto similarity of n queries to m known molecules, shape (n, m), float32.

    Parameters
    ----------
    queries, known : numpy.ndarray
        Morgan bits, as from `packed_bits`: shapes (n, 32) and (m, 32), uint64.
    """
    shared = _unpacked(queries) @ _unpacked(known).toarray().T
    sizes = [np.bitwise_count(bits).sum(axis=1, dtype=np.float32) for bits in (queries, known)]
    return np.asarray(shared / np.maximum(sizes[0][:, None] + sizes[1] - shared, 1))


def _unpacked(bits: np.ndarray) -> csr_matrix:
    """Unpack Morgan bits of n molecules to a sparse matrix of 0 and 1, (n, 2048), float32.

    `bits` has the shape (n, 32), uint64, as from `packed_bits`.
    """
    # Where a bool is true is found ten times faster than where a number is not zero, and five times
    # faster without separate rows and columns.
    place = np.flatnonzero(np.unpackbits(bits.view(np.uint8), axis=1).view(bool))
    ends = np.searchsorted(place, np.arange(len(bits) + 1) * N_BITS)
    shape = len(bits), N_BITS
    return csr_matrix((np.ones(len(place), np.float32), place % N_BITS, ends), shape=shape)


def nearest(
    queries: np.ndarray,
    known: np.ndarray,
    k: int,
    *,
    query_fold: np.ndarray | None = None,
    known_fold: np.ndarray | None = None,
) -> Nearest:
    """Find the k known molecules with the highest Tanimoto similarity to each query molecule.

    Parameters
    ----------
    queries, known : numpy.ndarray
        Morgan bits, as from `packed_bits`: shapes (n, 32) and (m, 32), uint64.
    k : int
        Number of known molecules to find for each query; at most m.
    query_fold, known_fold : numpy.ndarray, optional
        Shapes (n,) and (m,): cross-validation fold of each molecule. Known molecules in the fold
        of the query are skipped; no molecule is skipped unless both arrays are given.

    Raises
    ------
    ValueError
        If there are fewer than k known molecules; with folds, if fewer than k known molecules
        are outside the largest fold of `known_fold`.
    """
    allowed = len(known)
    if query_fold is not None and known_fold is not None and len(known):
        allowed -= int(np.unique_counts(known_fold).counts.max())
    if allowed < k:
        raise ValueError(f"{allowed} known molecules, but {k} neighbours are asked for")
    having, sizes = _having(known.tobytes())
    of_queries = _unpacked(queries)
    first, bits = of_queries.indptr.tolist(), of_queries.indices.tolist()
    position = np.empty((len(queries), k), np.int32)
    similarity = np.empty((len(queries), k), np.float32)
    ranks, n_bits = np.empty(len(known), np.float32), -1
    for number in np.argsort(np.diff(of_queries.indptr), kind="stable").tolist():
        start, end = first[number], first[number + 1]
        if end - start != n_bits:
            n_bits = end - start
            both = sizes + np.float32(n_bits)
            inverse = 1 / both
        shared = np.zeros(len(known), np.uint8 if n_bits < 256 else np.uint16)
        for bit in bits[start:end]:
            np.add(shared, having[bit], out=shared)
        # Shared bits, divided by the sum of both numbers of bits, order molecules as the Tanimoto
        # coefficient does.
        np.multiply(shared, inverse, out=ranks)
        if query_fold is not None and known_fold is not None:
            ranks[known_fold == query_fold[number]] = -1.0
        candidates = _candidates(ranks, k)
        of_candidates = shared[candidates].astype(np.float32)
        values = of_candidates / (both[candidates] - of_candidates)
        best = (-values).argsort(kind="stable")[:k]
        position[number], similarity[number] = candidates[best], values[best]
    return Nearest(position, similarity)


@lru_cache(PREPARED)
def _having(known: bytes) -> tuple[list[np.ndarray], np.ndarray]:
    """Return which of m known molecules have each Morgan bit, and how many bits each molecule has.

    `known` holds the packed bits of the molecules, as from `packed_bits`. The list has 2,048 arrays
    of shape (m,) with 0 or 1; the second result has the shape (m,), and 1 for a molecule without
    bits. To add up the arrays for the few bits of a query, as small integers, is many times faster
    than to compare all words.
    """
    bits = np.frombuffer(known, np.uint64).reshape(-1, N_BITS // WORD)
    having = np.unpackbits(np.ascontiguousarray(bits.view(np.uint8).T), axis=0)
    sizes = np.bitwise_count(bits).sum(axis=1, dtype=np.float32)
    return list(having), np.maximum(sizes, 1)


def _candidates(ranks: np.ndarray, k: int) -> np.ndarray:
    """Return indices that include those of the k largest ranks and of ranks equal to these.

    The indices are sorted ascending; ranks below 0 are left out.
    """
    width = len(ranks) // (BLOCKS * k)
    if width < 2:
        return np.flatnonzero(ranks >= 0)
    # The k-th best of the blocks' maxima is at most the k-th best of all ranks, so no smaller rank
    # is among the k largest.
    best = ranks[: BLOCKS * k * width].reshape(width, -1).max(axis=0)
    best.partition(len(best) - k)
    return np.asarray((ranks >= max(best[-k] * CLOSE, 0)).nonzero()[0])
