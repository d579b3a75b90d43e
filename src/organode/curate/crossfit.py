"""Fast regression on molecular structures that returns out-of-fold predictions."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from itertools import pairwise

import numpy as np
from rdkit import Chem
from scipy.linalg import cho_factor, cho_solve
from scipy.sparse import csr_matrix, hstack

from organode.chem.fingerprint import environments

N_FOLDS = 5
RADIUS = 1  # bonds, of the Morgan environments
MIN_MOLECULES = 5  # environments that fewer molecules have are not used
LANDMARKS = 1_200  # at most
KERNEL_WEIGHT = 3.0
RIDGE = 1.0
CHUNK = 4_096


def environment_counts(molecules: Sequence[Chem.Mol]) -> csr_matrix:
    """Return log(1 + count) of Morgan environments that at least `MIN_MOLECULES` molecules have.

    Returns
    -------
    scipy.sparse.csr_matrix
        Shape (n molecules, n environments), float64; columns sorted by the environment's hash.
    """
    present = environments(molecules, RADIUS)
    _, column = np.unique(present.identifier, return_inverse=True)
    counts = csr_matrix((np.log1p(present.count.astype(float)), (present.molecule, column)))
    counts.resize(len(molecules), counts.shape[1])
    frequent = np.bincount(column, minlength=counts.shape[1]) >= MIN_MOLECULES
    return counts[:, frequent]


class CrossFit:
    """Ridge regression on environment counts and a Gaussian kernel to landmark molecules.

    The counts alone predict a sum of contributions of environments. The kernel (Nyström's
    approximation; Williams and Seeger, NIPS 13, 2001, 682) describes deviations from this sum; its
    landmarks are training molecules drawn at random. Everything that does not depend on the labels
    is computed only once, so that a fit to other labels takes a fraction of a second.

    Parameters
    ----------
    counts : scipy.sparse.csr_matrix
        Shape (n, m), from `environment_counts`.
    fold : numpy.ndarray
        Shape (n,): cross-validation fold of each row, 0 to `N_FOLDS` − 1; the caller puts rows of
        the same structure in one fold.
    train : numpy.ndarray of bool
        Shape (n,): the rows to learn from; all rows are predicted.
    extra : numpy.ndarray, optional
        Shape (n, k): further input columns, with almost no ridge penalty.
    """

    def __init__(
        self,
        counts: csr_matrix,
        fold: np.ndarray,
        train: np.ndarray,
        extra: np.ndarray | None = None,
    ) -> None:
        n = counts.shape[0]
        dense = np.ones((n, 1)) if extra is None else np.column_stack([np.ones(n), extra])
        # Rows are sorted by fold, and training rows come first within a fold, so that every part of
        # the data is a slice and not a copy.
        self._order = np.lexsort((~train, fold))
        fold, train, counts = fold[self._order], train[self._order], counts[self._order]
        self._sparse = hstack([counts, csr_matrix(dense[self._order])]).tocsr()
        self._kernel = _kernel(counts, train)
        starts = np.searchsorted(fold, np.arange(N_FOLDS + 1)).tolist()
        sizes = np.bincount(fold[train], minlength=N_FOLDS).tolist()
        self._folds = [slice(a, b) for a, b in pairwise(starts)]
        self._training = [slice(a, a + k) for a, k in zip(starts, sizes, strict=False)]
        width = self._sparse.shape[1] + self._kernel.shape[1]
        penalty = np.full(width, RIDGE)
        penalty[counts.shape[1] : self._sparse.shape[1]] = 1e-6
        grams = [self._gram(rows) for rows in self._training]
        total = reduce(np.add, grams)
        total[np.diag_indices(width)] += penalty
        grams.reverse()
        self._factors = [  # each Gram matrix is freed here, since these use most of the memory
            cho_factor(total - grams.pop(), overwrite_a=True, check_finite=False)
            for _ in range(N_FOLDS)
        ]

    def predict(self, values: np.ndarray) -> np.ndarray:
        """Fit the regression to labels, and return out-of-fold predictions.

        Parameters
        ----------
        values : numpy.ndarray
            Shape (n, t): labels of t quantities; labels of rows outside `train` are ignored.

        Returns
        -------
        numpy.ndarray
            Shape (n, t): predictions for all rows; each row is predicted by a fit to the folds that
            do not contain the row.
        """
        values = values[self._order]
        sides = [
            np.vstack([self._sparse[rows].T @ values[rows], self._kernel[rows].T @ values[rows]])
            for rows in self._training
        ]
        total = np.sum(sides, axis=0)
        predicted = np.empty(values.shape)
        split = self._sparse.shape[1]
        for rows, side, factor in zip(self._folds, sides, self._factors, strict=True):
            weights = cho_solve(factor, total - side, check_finite=False)
            predicted[self._order[rows]] = (
                self._sparse[rows] @ weights[:split] + self._kernel[rows] @ weights[split:]
            )
        return predicted

    def _gram(self, rows: slice) -> np.ndarray:
        """Return the Gram matrix XᵀX of the input matrix X, restricted to some rows."""
        sparse, dense = self._sparse[rows], self._kernel[rows]
        cross = sparse.T @ dense
        return np.block([[(sparse.T @ sparse).toarray(), cross], [cross.T, dense.T @ dense]])


def _kernel(counts: csr_matrix, train: np.ndarray) -> np.ndarray:
    """Return `KERNEL_WEIGHT` times the Gaussian kernel of all rows with landmark molecules.

    The shape is (n rows, n landmarks). The landmarks are drawn at random from the training rows.
    """
    rows = np.flatnonzero(train)
    rng = np.random.default_rng(len(rows))  # the same table gives the same landmarks
    n_landmarks = min(LANDMARKS, max(1, len(rows) // 4))
    chosen = np.sort(rng.choice(rows, n_landmarks, replace=False))
    landmarks = counts[chosen]
    length = np.asarray(counts.multiply(counts).sum(axis=1)).ravel()
    kernel = np.empty((counts.shape[0], len(chosen)))
    width = 1.0
    for start in range(0, counts.shape[0], CHUNK):
        part = slice(start, start + CHUNK)
        products = (counts[part] @ landmarks.T).toarray()
        distance = length[part, None] + length[chosen][None] - 2 * products
        if start == 0:  # half the median squared distance
            width = max(float(np.median(distance)) / 2, 1e-6)
        kernel[part] = KERNEL_WEIGHT * np.exp(-distance / width)
    return kernel
