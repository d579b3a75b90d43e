"""Expected error of a prediction, from the errors of similar training molecules."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

NEIGHBOURS = 32  # most similar training molecules from which an error is expected
CLOSE = 8  # of these, for a second, more local mean error
SHARPNESS = 3  # neighbours are weighted by this power of their similarity
N_FEATURES = 7
LEAST_ERROR = 0.005  # eV, added to the errors: a gamma distribution needs positive values


@dataclass(frozen=True)
class Neighbours:
    """The k = `NEIGHBOURS` (32) training molecules most similar to each of n predicted molecules.

    The columns of the arrays are sorted: the most similar training molecule comes first.

    Attributes
    ----------
    similarity : numpy.ndarray
        Shape (n, k): Tanimoto similarity of the predicted molecule and the neighbour, 0 to 1.
    error : numpy.ndarray
        Shape (n, k), eV: absolute error of the prediction for the neighbour, by the network that
        was not trained on the neighbour (out-of-fold error).
    label : numpy.ndarray
        Shape (n, k), eV: label of the neighbour.
    """

    similarity: np.ndarray
    error: np.ndarray
    label: np.ndarray


@dataclass(frozen=True)
class Difficulty:
    """A generalised linear model of the absolute error of a prediction.

    The error has a gamma distribution, and the link function is the logarithm. The `N_FEATURES` (7)
    features of a predicted molecule are: one minus its similarity to the nearest neighbour; one
    minus its similarity to the middle one of the sorted neighbours; its number of heavy atoms, as
    large molecules have more conformers and hydrogen bonds; and the logarithms of the mean error of
    all neighbours, of the mean error of the `CLOSE` nearest neighbours, of the distance between the
    prediction and the mean label of all neighbours, and of the standard deviation of the labels of
    the nearer half of the neighbours. In the means, similar neighbours have more weight.

    Attributes
    ----------
    floor : float
        eV: added to errors, distance and standard deviation before their logarithm is taken, so
        that the logarithm is finite.
    mean, scale, coefficients : numpy.ndarray
        Shape (7,): mean and standard deviation of each feature in the data of the fit; coefficient
        of the scaled feature, ``(feature − mean) / scale``.
    intercept : float
        Logarithm of the expected error in eV of a molecule whose features are equal to `mean`.
    """

    floor: float
    mean: np.ndarray
    scale: np.ndarray
    coefficients: np.ndarray
    intercept: float

    @classmethod
    def fit(
        cls,
        neighbours: Neighbours,
        heavy_atoms: np.ndarray,
        prediction: np.ndarray,
        error: np.ndarray,
    ) -> Difficulty:
        """Fit the model to n out-of-fold predictions.

        Parameters
        ----------
        neighbours : Neighbours
            The molecules most similar to each predicted molecule.
        heavy_atoms : numpy.ndarray
            Shape (n,): number of heavy atoms of each predicted molecule.
        prediction, error : numpy.ndarray
            Shape (n,), eV: predictions, and their absolute errors.
        """
        from sklearn.linear_model import GammaRegressor

        floor = max(0.2 * float(np.median(error)), 1e-3)
        features = _features(neighbours, heavy_atoms, prediction, floor)
        mean, scale = features.mean(axis=0), features.std(axis=0)
        scale = np.where(scale > 1e-9, scale, 1.0)
        model = GammaRegressor(alpha=1e-3, max_iter=1_000)
        model.fit((features - mean) / scale, error + LEAST_ERROR)
        return cls(floor, mean, scale, model.coef_, float(model.intercept_))

    def expected(
        self, neighbours: Neighbours, heavy_atoms: np.ndarray, prediction: np.ndarray
    ) -> np.ndarray:
        """Return the expected absolute error of n predictions, eV, shape (n,).

        The parameters are those of `fit`.
        """
        features = _features(neighbours, heavy_atoms, prediction, self.floor)
        scaled = (features - self.mean) / self.scale
        return np.asarray(np.exp(scaled @ self.coefficients + self.intercept))


def _features(
    neighbours: Neighbours, heavy_atoms: np.ndarray, prediction: np.ndarray, floor: float
) -> np.ndarray:
    """Return the features that `Difficulty` describes, before scaling, shape (n, `N_FEATURES`).

    `floor`, eV, is added to a feature before its logarithm is taken; the other parameters are
    those of `Difficulty.fit`.
    """
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
    unlike = 1 - similarity[:, [0, half - 1]]
    return np.column_stack([unlike, heavy_atoms, *logarithms])
