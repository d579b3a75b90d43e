"""How large an error to expect of a prediction, from the errors made on molecules like it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

NEIGHBOURS = 32
CLOSE = 8  # of them, for what is true of the nearest alone
SHARPNESS = 3  # a neighbour counts by this power of its similarity
LEAST_ERROR = 0.005  # eV, added to what is fitted: a gamma distribution knows no zero


@dataclass(frozen=True)
class Neighbours:
    """What is known of the molecules nearest to n predictions, the nearest first.

    Attributes
    ----------
    similarity : numpy.ndarray
        Shape (n, NEIGHBOURS), Tanimoto's coefficient.
    error : numpy.ndarray
        Shape (n, NEIGHBOURS), eV: absolute, of the network that had not seen the neighbour.
    label : numpy.ndarray
        Shape (n, NEIGHBOURS), eV.
    """

    similarity: np.ndarray
    error: np.ndarray
    label: np.ndarray


@dataclass(frozen=True)
class Difficulty:
    """A generalised linear model of the absolute error: gamma distribution, logarithmic link.

    It reads how similar the neighbours are, how large their own errors are, how much their labels
    scatter, and how far the prediction is from their mean.

    Attributes
    ----------
    floor : float
        eV; keeps logarithms finite.
    mean, scale, coefficients : numpy.ndarray
        Shape (6,), of the features and for the scaled features.
    intercept : float
    """

    floor: float
    mean: np.ndarray
    scale: np.ndarray
    coefficients: np.ndarray
    intercept: float

    @classmethod
    def fit(cls, neighbours: Neighbours, prediction: np.ndarray, error: np.ndarray) -> Difficulty:
        """Fit to absolute errors (eV, shape (n,)) of predictions that were made out of fold."""
        from sklearn.linear_model import GammaRegressor

        floor = max(0.2 * float(np.median(error)), 1e-3)
        read = _features(neighbours, prediction, floor)
        mean, scale = read.mean(axis=0), read.std(axis=0)
        scale = np.where(scale > 1e-9, scale, 1.0)
        model = GammaRegressor(alpha=1e-3, max_iter=1_000)
        model.fit((read - mean) / scale, error + LEAST_ERROR)
        return cls(floor, mean, scale, model.coef_, float(model.intercept_))

    def expected(self, neighbours: Neighbours, prediction: np.ndarray) -> np.ndarray:
        """Return the expected absolute error in eV, shape (n,)."""
        read = (_features(neighbours, prediction, self.floor) - self.mean) / self.scale
        return np.asarray(np.exp(read @ self.coefficients + self.intercept))


def _features(neighbours: Neighbours, prediction: np.ndarray, floor: float) -> np.ndarray:
    """Return shape (n, 6)."""
    similarity, error, label = neighbours.similarity, neighbours.error, neighbours.label
    weight = np.maximum(similarity, 0.01) ** SHARPNESS
    half = similarity.shape[1] // 2

    def mean(values: np.ndarray, k: int) -> np.ndarray:
        return np.asarray((weight[:, :k] * values[:, :k]).sum(axis=1) / weight[:, :k].sum(axis=1))

    whole = similarity.shape[1]
    in_ev = (
        mean(error, whole),
        mean(error, CLOSE),
        np.abs(mean(label, whole) - prediction),
        label[:, :half].std(axis=1),
    )
    return np.column_stack(
        [1 - similarity[:, 0], 1 - similarity[:, half - 1], *(np.log(one + floor) for one in in_ev)]
    )
