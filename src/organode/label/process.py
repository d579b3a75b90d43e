"""A Gaussian process for the deviations between two levels of theory.

Its covariance is the sum of three: that of a linear part with a wide prior, and two for what is not
linear. Species with similar descriptors have similar deviations, and so have species of similar
structure (the Tanimoto coefficient of Morgan bits is a kernel: Ralaivola et al., Neural Networks 18
(2005) 1093, doi 10.1016/j.neunet.2005.07.009).

Rasmussen and Williams, Gaussian Processes for Machine Learning, MIT Press 2006, chapters 2 and 5.
"""

from __future__ import annotations

from dataclasses import astuple, dataclass, fields
from typing import NamedTuple

import numpy as np
from scipy.linalg import cho_factor, cho_solve

from organode.chem.similarity import tanimoto

# Prior standard deviation of the linear part's coefficients; in eV for those of terms without unit.
PRIOR = 5.0
# Start and bounds of the search for the hyperparameters.
START = {"deviation": 0.3, "length": 4.0, "alike": 0.2, "noise": 0.1}
BOUNDS = {"deviation": (1e-2, 5), "length": (0.5, 50), "alike": (1e-2, 5), "noise": (1e-2, 1)}
SEARCH = {"maxiter": 60}


class Inputs(NamedTuple):
    """Inputs of the Gaussian process for n species.

    Attributes
    ----------
    line : numpy.ndarray
        Shape (n, k): terms of the linear part; the first column is 1.
    descriptors : numpy.ndarray
        Shape (n, d): descriptors, not scaled.
    bits : numpy.ndarray
        Shape (n, 32), uint64: 2,048 Morgan bits of radius 2, packed into words of 64, as from
        `organode.chem.similarity.packed_bits`.
    """

    line: np.ndarray
    descriptors: np.ndarray
    bits: np.ndarray

    def of(self, chosen: np.ndarray) -> Inputs:
        """Return the inputs of some of the species; `chosen` is a mask or indices."""
        return Inputs(*(array[chosen] for array in self))


@dataclass(frozen=True)
class Hyperparameters:
    """Hyperparameters of the Gaussian process, in eV except `length`.

    Attributes
    ----------
    deviation, length : float
        Standard deviation of the part of the deviations that depends on the descriptors, and its
        length scale, in standard deviations of the descriptors.
    alike : float
        Standard deviation of the part that depends on the structure (Morgan bits).
    noise : float
        Standard deviation of the part that depends on neither.
    """

    deviation: float
    length: float
    alike: float
    noise: float


@dataclass(frozen=True)
class Process:
    """A fitted Gaussian process.

    Attributes
    ----------
    hyperparameters : Hyperparameters
        Standard deviations and length scale of its covariances.
    inputs : Inputs
        Inputs of the m species of the fit.
    centre, scale : numpy.ndarray
        Shape (d,): mean and standard deviation of these species' descriptors.
    mean : float
        Mean of these species' values, eV.
    solved : numpy.ndarray
        Shape (m,): inverse of the covariance matrix times the deviations of the values from
        `mean`.
    """

    hyperparameters: Hyperparameters
    inputs: Inputs
    centre: np.ndarray
    scale: np.ndarray
    mean: float
    solved: np.ndarray

    @classmethod
    def fit(
        cls, inputs: Inputs, values: np.ndarray, hyperparameters: Hyperparameters | None = None
    ) -> Process:
        """Fit to the values of m species, eV; search hyperparameters unless they are given.

        The search maximises the marginal likelihood. Its result is rounded to two significant
        digits, so that small numerical differences in the search change no label.
        """
        from threadpoolctl import threadpool_limits

        with threadpool_limits(1):  # the same sums in the same order each time
            centre, scale = inputs.descriptors.mean(axis=0), inputs.descriptors.std(axis=0)
            scale = np.where(scale > 0, scale, 1.0)
            mean = float(values.mean())
            start = Hyperparameters(**START)
            process = cls(start, inputs, centre, scale, mean, np.empty(0))
            parts = process._parts(inputs)
            found = hyperparameters or process._search(parts, values - mean)
            factor = process._factor(found, *parts)
            solved = cho_solve(factor, values - mean)
        return cls(found, inputs, centre, scale, mean, solved)

    def predict(self, inputs: Inputs) -> np.ndarray:
        """Return the expected values of n species, shape (n,), eV."""
        return np.asarray(
            self.mean + _covariance(self.hyperparameters, *self._parts(inputs)) @ self.solved
        )

    @property
    def line(self) -> np.ndarray:
        """The expected coefficients of the linear part, shape (k,)."""
        coefficients = PRIOR**2 * self.inputs.line.T @ self.solved
        coefficients[0] += self.mean
        return np.asarray(coefficients)

    def _parts(self, inputs: Inputs) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return the parts of the covariance that do not depend on hyperparameters.

        They are the covariance of the linear part, the squared distances of the scaled descriptors,
        and the Tanimoto similarities, each between n species and the m species of the fit: (n, m).
        """
        left, right = (
            (each.descriptors - self.centre) / self.scale for each in (inputs, self.inputs)
        )
        both = np.square(left).sum(axis=1)[:, None] + np.square(right).sum(axis=1)
        distance = np.maximum(both - 2 * left @ right.T, 0)
        line = PRIOR**2 * inputs.line @ self.inputs.line.T
        return line, distance, tanimoto(inputs.bits, self.inputs.bits).astype(float)

    def _factor(
        self,
        hyperparameters: Hyperparameters,
        line: np.ndarray,
        distance: np.ndarray,
        similarity: np.ndarray,
    ) -> tuple[np.ndarray, bool]:
        """Return the lower Cholesky factor of the covariance, noise included, of the fit's species.

        It is a tuple as from `scipy.linalg.cho_factor`. The last three arguments are from `_parts`.
        """
        covariance = _covariance(hyperparameters, line, distance, similarity)
        covariance[np.diag_indices_from(covariance)] += hyperparameters.noise**2
        factor, lower = cho_factor(covariance, lower=True)
        return np.asarray(factor), bool(lower)

    def _search(
        self, parts: tuple[np.ndarray, np.ndarray, np.ndarray], deviations: np.ndarray
    ) -> Hyperparameters:
        """Return the hyperparameters of highest marginal likelihood; `parts` are from `_parts`."""
        from scipy.optimize import minimize

        def cost(logarithms: np.ndarray) -> float:
            factor = self._factor(Hyperparameters(*np.exp(logarithms)), *parts)
            explained = deviations @ cho_solve(factor, deviations)
            return float(explained / 2 + np.log(np.diag(factor[0])).sum())

        best = minimize(
            cost,
            np.log(astuple(self.hyperparameters)),
            method="L-BFGS-B",
            bounds=[np.log(BOUNDS[field.name]) for field in fields(Hyperparameters)],
            options=SEARCH,
        )
        return Hyperparameters(*(float(f"{value:.2g}") for value in np.exp(best.x)))


def _covariance(
    hyperparameters: Hyperparameters,
    line: np.ndarray,
    distance: np.ndarray,
    similarity: np.ndarray,
) -> np.ndarray:
    near = np.exp(-distance / (2 * hyperparameters.length**2))
    return np.asarray(
        line + hyperparameters.deviation**2 * near + hyperparameters.alike**2 * similarity
    )
