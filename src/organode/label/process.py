"""A Gaussian process that predicts energies by one level of theory from energies by another.

The prediction is a linear part, such as a constant plus a multiple of the energy by the other level
of theory, plus deviations from this linear part. The covariance is the sum of three terms. The
first is for the linear part, whose coefficients have a wide prior. The second makes deviations
similar for species with similar descriptors, and the third for species of similar structure (the
Tanimoto coefficient of Morgan bits is a kernel: Ralaivola et al., Neural Networks 18 (2005) 1093,
doi 10.1016/j.neunet.2005.07.009).

Rasmussen and Williams, Gaussian Processes for Machine Learning, MIT Press 2006, chapters 2 and 5.
"""

from __future__ import annotations

from dataclasses import astuple, dataclass, fields
from typing import NamedTuple

import numpy as np
from scipy.linalg import cho_factor, cho_solve

from organode.chem.similarity import tanimoto

# Prior standard deviation of the linear part's coefficients: in eV for terms without unit, and
# without unit for terms in eV.
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
        Shape (n, k): the k terms of the linear part for each species; the first term is 1.
    descriptors : numpy.ndarray
        Shape (n, d): the d descriptors of each species, not scaled.
    bits : numpy.ndarray
        Shape (n, 32), uint64: 2,048 Morgan bits of radius 2, packed into words of 64, as from
        `organode.chem.similarity.packed_bits`.
    """

    line: np.ndarray
    descriptors: np.ndarray
    bits: np.ndarray

    def of(self, chosen: np.ndarray) -> Inputs:
        """Return the inputs of the species that `chosen`, a mask or array of indices, selects."""
        return Inputs(*(array[chosen] for array in self))


@dataclass(frozen=True)
class Hyperparameters:
    """Hyperparameters of the Gaussian process, in eV except `length`.

    Attributes
    ----------
    deviation, length : float
        Standard deviation and length scale of the deviations from the linear part that depend on
        the descriptors. The unit of the length scale is the descriptors' standard deviation.
    alike : float
        Standard deviation of the deviations that depend on the structure (Morgan bits).
    noise : float
        Standard deviation of the deviations that depend on neither descriptors nor structure.
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
        Standard deviations and length scale of the covariance.
    inputs : Inputs
        Inputs of the m species that the process was fitted to.
    centre, scale : numpy.ndarray
        Shape (d,): mean and standard deviation of each of the d descriptors over the m species.
    mean : float
        Mean of the m species' energies, eV.
    solved : numpy.ndarray
        Shape (m,): inverse of the covariance matrix of the m species times the vector of their
        energies minus `mean`.
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
        """Fit a process to the energies of m species.

        Parameters
        ----------
        inputs : Inputs
            Inputs of the m species.
        values : numpy.ndarray
            Shape (m,): the energies to predict, eV.
        hyperparameters : Hyperparameters, optional
            When omitted, the hyperparameters that maximise the marginal likelihood are used,
            rounded to two significant digits, so that small numerical differences in the search for
            the maximum change no label.
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
        """Return the predicted energies of n species, shape (n,), eV."""
        return np.asarray(
            self.mean + _covariance(self.hyperparameters, *self._parts(inputs)) @ self.solved
        )

    @property
    def line(self) -> np.ndarray:
        """Fitted coefficients of the k terms of the linear part, shape (k,)."""
        coefficients = PRIOR**2 * self.inputs.line.T @ self.solved
        coefficients[0] += self.mean
        return np.asarray(coefficients)

    def _parts(self, inputs: Inputs) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return three arrays that, with the hyperparameters, give the covariance.

        Each array has shape (n, m), for n species with the inputs `inputs` and the m species of the
        fit. The arrays are: covariance of the linear part, squared distance between the scaled
        descriptors, and Tanimoto similarity.
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
        """Return the Cholesky factor of the fitted species' covariance matrix, noise included.

        The result is a tuple as from `scipy.linalg.cho_factor`: the lower triangular factor and
        True. The last three arguments are the arrays that `_parts` returns.
        """
        covariance = _covariance(hyperparameters, line, distance, similarity)
        covariance[np.diag_indices_from(covariance)] += hyperparameters.noise**2
        factor, lower = cho_factor(covariance, lower=True)
        return np.asarray(factor), bool(lower)

    def _search(
        self, parts: tuple[np.ndarray, np.ndarray, np.ndarray], deviations: np.ndarray
    ) -> Hyperparameters:
        """Return the hyperparameters of highest marginal likelihood.

        `parts` is the result of `_parts` for the m fitted species, and `deviations`, shape (m,),
        holds their energies minus the mean energy, eV.
        """
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
