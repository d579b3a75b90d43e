"""A Gaussian process for the deviations between two levels of theory.

A line with a wide prior, plus two covariances: species with similar descriptors deviate alike, and
so do species of similar structure (the Tanimoto coefficient of Morgan bits is a kernel: Ralaivola
et al., Neural Networks 18 (2005) 1093, doi 10.1016/j.neunet.2005.07.009).

Rasmussen and Williams, Gaussian Processes for Machine Learning, MIT Press 2006, chapters 2 and 5.
"""

from __future__ import annotations

from dataclasses import astuple, dataclass, fields
from typing import NamedTuple

import numpy as np
from scipy.linalg import cho_factor, cho_solve

from organode.chem.similarity import tanimoto

PRIOR = 5.0  # standard deviation of the line's coefficients; eV for its constant, offsets
# Start and bounds of the search for the hyperparameters.
START = {"deviation": 0.3, "length": 4.0, "alike": 0.2, "noise": 0.1}
BOUNDS = {"deviation": (1e-2, 5), "length": (0.5, 50), "alike": (1e-2, 5), "noise": (1e-2, 1)}
SEARCH = {"maxiter": 60}


class Inputs(NamedTuple):
    """Inputs of n species.

    Attributes
    ----------
    line : numpy.ndarray
        Shape (n, k): what the line is linear in; its first column is 1.
    descriptors : numpy.ndarray
        Shape (n, d).
    bits : numpy.ndarray
        Shape (n, 32), uint64, as from `organode.chem.similarity.packed_bits`.
    """

    line: np.ndarray
    descriptors: np.ndarray
    bits: np.ndarray

    def of(self, chosen: np.ndarray) -> Inputs:
        """Return the inputs of some of the species."""
        return Inputs(*(array[chosen] for array in self))


@dataclass(frozen=True)
class Hyperparameters:
    """Hyperparameters, in eV except `length`.

    Attributes
    ----------
    deviation, length
        Standard deviation of the deviations that similar descriptors explain, and their length
        scale in standard deviations of the descriptors.
    alike
        Standard deviation of the deviations that similar structures explain.
    noise
        Standard deviation of what nothing explains.
    """

    deviation: float
    length: float
    alike: float
    noise: float


@dataclass(frozen=True)
class Process:
    """A fitted process.

    Attributes
    ----------
    hyperparameters : Hyperparameters
    inputs : Inputs
        Of the m species of the fit.
    centre, scale : numpy.ndarray
        Shape (d,): mean and standard deviation of their descriptors.
    mean : float
        Of their values.
    solved : numpy.ndarray
        Shape (m,): inverse of the covariance matrix times the deviations of the values from their
        mean.
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

        Hyperparameters have the highest marginal likelihood, and are rounded, so that the last
        digits of the search change no label.
        """
        from threadpoolctl import threadpool_limits

        with threadpool_limits(1):  # the same sums in the same order each time
            centre, scale = inputs.descriptors.mean(axis=0), inputs.descriptors.std(axis=0)
            scale = np.where(scale > 0, scale, 1.0)
            mean = float(values.mean())
            start = Hyperparameters(**START)
            process = cls(start, inputs, centre, scale, mean, np.empty(0))
            found = hyperparameters or process._search(values - mean)
            factor = process._factor(found, *process._parts(inputs))
            solved = cho_solve(factor, values - mean)
        return cls(found, inputs, centre, scale, mean, solved)

    def predict(self, inputs: Inputs) -> np.ndarray:
        """Return the expected values of n species, shape (n,), eV."""
        return np.asarray(
            self.mean + _covariance(self.hyperparameters, *self._parts(inputs)) @ self.solved
        )

    @property
    def line(self) -> np.ndarray:
        """The expected coefficients of the line, shape (k,)."""
        coefficients = PRIOR**2 * self.inputs.line.T @ self.solved
        coefficients[0] += self.mean
        return np.asarray(coefficients)

    def _parts(self, inputs: Inputs) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return what does not depend on hyperparameters, each of shape (n, m).

        The covariance of the line, the squared distances of descriptors, the similarities.
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
        """Return the Cholesky factor of the covariance of the species of the fit."""
        covariance = _covariance(hyperparameters, line, distance, similarity)
        covariance[np.diag_indices_from(covariance)] += hyperparameters.noise**2
        factor, lower = cho_factor(covariance, lower=True)
        return np.asarray(factor), bool(lower)

    def _search(self, deviations: np.ndarray) -> Hyperparameters:
        from scipy.optimize import minimize

        parts = self._parts(self.inputs)

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
