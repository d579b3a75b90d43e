"""Expected error of a prediction, from the errors of similar training molecules."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

NEIGHBOURS = 32  # most similar training molecules from which an error is expected
CLOSE = 8  # of these, for a second, more local mean error
SHARPNESS = 3  # neighbours are weighted by this power of their similarity
LEAST_ERROR = 0.005  # eV, added to the errors: a gamma distribution needs positive values


@dataclass(frozen=True)
class Neighbours:
    """The training molecules nearest to n predicted molecules, nearest first.

    Attributes
    ----------
    similarity : numpy.ndarray
        Shape (n, NEIGHBOURS): Tanimoto similarity to the neighbour, 0 to 1.
    error : numpy.ndarray
        Shape (n, NEIGHBOURS), eV: absolute out-of-fold error of the neighbour.
    label : numpy.ndarray
        Shape (n, NEIGHBOURS), eV: label of the neighbour.
    """

    similarity: np.ndarray
    error: np.ndarray
    label: np.ndarray


@dataclass(frozen=True)
class Difficulty:
    """A generalised linear model of the absolute error: gamma distribution, logarithmic link.

    It has six features: the similarity of the nearest and of a further neighbour, two mean errors
    of the neighbours, the scatter of their labels, and the distance of the prediction from the mean
    of their labels.

    Attributes
    ----------
    floor : float
        Added to features in eV before their logarithm is taken, to keep it finite, eV.
    mean, scale, coefficients : numpy.ndarray
        Shape (6,): mean and standard deviation of the features; coefficients of the scaled
        features.
    intercept : float
        Logarithm of the expected error in eV where all scaled features are zero.
    """

    floor: float
    mean: np.ndarray
    scale: np.ndarray
    coefficients: np.ndarray
    intercept: float

    @classmethod
    def fit(cls, neighbours: Neighbours, prediction: np.ndarray, error: np.ndarray) -> Difficulty:
        """Fit to n out-of-fold predictions and their absolute errors, both eV, shape (n,)."""
        from sklearn.linear_model import GammaRegressor

        floor = max(0.2 * float(np.median(error)), 1e-3)
        features = _features(neighbours, prediction, floor)
        mean, scale = features.mean(axis=0), features.std(axis=0)
        scale = np.where(scale > 1e-9, scale, 1.0)
        model = GammaRegressor(alpha=1e-3, max_iter=1_000)
        model.fit((features - mean) / scale, error + LEAST_ERROR)
        return cls(floor, mean, scale, model.coef_, float(model.intercept_))

    def expected(self, neighbours: Neighbours, prediction: np.ndarray) -> np.ndarray:
        """Return the expected absolute error of n predictions, eV, shape (n,)."""
        scaled = (_features(neighbours, prediction, self.floor) - self.mean) / self.scale
        return np.asarray(np.exp(scaled @ self.coefficients + self.intercept))


def _features(neighbours: Neighbours, prediction: np.ndarray, floor: float) -> np.ndarray:
    """Return the six features of each of n predictions, not yet scaled, shape (n, 6)."""
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
