"""Expected error of a prediction, from the errors of similar training molecules."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

NEIGHBOURS = 32
CLOSE = 8  # nearest of them, for a second, more local mean error
SHARPNESS = 3  # neighbours are weighted by this power of their similarity
LEAST_ERROR = 0.005  # eV, added to the errors: a gamma distribution needs positive values


@dataclass(frozen=True)
class Neighbours:
    """The training molecules nearest to n predicted molecules, nearest first.

    Attributes
    ----------
    similarity : numpy.ndarray
        Shape (n, NEIGHBOURS), Tanimoto coefficient.
    error : numpy.ndarray
        Shape (n, NEIGHBOURS), eV: absolute out-of-fold error of the neighbour.
    label : numpy.ndarray
        Shape (n, NEIGHBOURS), eV.
    """

    similarity: np.ndarray
    error: np.ndarray
    label: np.ndarray


@dataclass(frozen=True)
class Difficulty:
    """A generalised linear model of the absolute error: gamma distribution, logarithmic link.

    Its features are the similarity of the neighbours, their errors, the scatter of their labels,
    and the distance of the prediction from the mean of their labels.

    Attributes
    ----------
    floor : float
        eV; keeps logarithms finite.
    mean, scale, coefficients : numpy.ndarray
        Shape (6,): mean and scale of the features; coefficients of the scaled features.
    intercept : float
    """

    floor: float
    mean: np.ndarray
    scale: np.ndarray
    coefficients: np.ndarray
    intercept: float

    @classmethod
    def fit(cls, neighbours: Neighbours, prediction: np.ndarray, error: np.ndarray) -> Difficulty:
        """Fit to the absolute errors (eV, shape (n,)) of out-of-fold predictions."""
        from sklearn.linear_model import GammaRegressor

        floor = max(0.2 * float(np.median(error)), 1e-3)
        features = _features(neighbours, prediction, floor)
        mean, scale = features.mean(axis=0), features.std(axis=0)
        scale = np.where(scale > 1e-9, scale, 1.0)
        model = GammaRegressor(alpha=1e-3, max_iter=1_000)
        model.fit((features - mean) / scale, error + LEAST_ERROR)
        return cls(floor, mean, scale, model.coef_, float(model.intercept_))

    def expected(self, neighbours: Neighbours, prediction: np.ndarray) -> np.ndarray:
        """Return the expected absolute error in eV, shape (n,)."""
        scaled = (_features(neighbours, prediction, self.floor) - self.mean) / self.scale
        return np.asarray(np.exp(scaled @ self.coefficients + self.intercept))


def _features(neighbours: Neighbours, prediction: np.ndarray, floor: float) -> np.ndarray:
    """Return the features of n predictions, shape (n, 6)."""
    similarity, error, label = neighbours.similarity, neighbours.error, neighbours.label
    weight = np.maximum(similarity, 0.01) ** SHARPNESS
    half = similarity.shape[1] // 2

    def mean(values: np.ndarray, k: int) -> np.ndarray:
        return np.asarray((weight[:, :k] * values[:, :k]).sum(axis=1) / weight[:, :k].sum(axis=1))

    every = similarity.shape[1]
    in_ev = (
        mean(error, every),
        mean(error, CLOSE),
        np.abs(mean(label, every) - prediction),
        label[:, :half].std(axis=1),
    )
    logarithms = [np.log(values + floor) for values in in_ev]
    return np.column_stack([1 - similarity[:, 0], 1 - similarity[:, half - 1], *logarithms])
