"""A Gaussian process on what a straight line leaves between computed and measured potentials.

Molecules that are alike are off alike: three covariances say what alike means. The first is
Tanimoto's coefficient of Morgan bits (a kernel: Ralaivola et al., Neural Networks 18 (2005) 1093,
doi 10.1016/j.neunet.2005.07.009), the second compares size, spread of the frontier orbital and
computed energy, the third on which elements that orbital lies. What measurements in one solvent
have in common is a fourth. Large errors count less (the weights of Student's t: Lange, Little and
Taylor, J. Am. Stat. Assoc. 84 (1989) 881, doi 10.1080/01621459.1989.10478852).

Rasmussen and Williams, Gaussian Processes for Machine Learning, MIT Press 2006, chapters 2 and 5.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from typing import Any, ClassVar, NamedTuple

import numpy as np
from scipy.linalg import cho_factor, cho_solve, solve_triangular

FREEDOM = 4.0  # of Student's t
ROUNDS = 3  # of weights and hyperparameters in turn
SEARCH = {"maxiter": 25, "ftol": 1e-4}  # of hyperparameters: relative to the cost, about 300
LEAST_WEIGHT = 0.02
FINEST = 1e-3  # V; no measurement is better, and without noise the covariance has no inverse
# Prior standard deviations of the line: V, V/eV, V a standard deviation of size and spread, V.
PRIOR = np.array([10.0, 2.0, 0.15, 0.15, 0.3])
# Where the hyperparameters are looked for: their medians and, of their logarithms, the deviations.
START = {
    "alike": (0.12, 1.0), "smooth": (0.10, 1.0), "placed": (0.10, 1.0), "length": (2.0, 0.7),
    "solvent": (0.05, 0.7), "reversible": (0.05, 0.5), "irreversible": (0.12, 0.5),
    "model": (0.6, 0.7),
}  # fmt: skip


@dataclass(frozen=True)
class Inputs:
    """What is known of n molecules beside their structure.

    Attributes
    ----------
    energy : numpy.ndarray
        Shape (n,), eV: IE or EA as a model computes it.
    error : numpy.ndarray
        Shape (n,), eV: its expected absolute error.
    size : numpy.ndarray
        Shape (n, 2): logarithm of the number of centres, spread of the frontier orbital.
    place : numpy.ndarray
        Shape (n, 4): on which elements the orbital lies.
    irreversible : numpy.ndarray
        Shape (n,), 0 to 1: how likely the wave is irreversible.
    solvent : numpy.ndarray
        Shape (n,): codes.
    """

    energy: np.ndarray
    error: np.ndarray
    size: np.ndarray
    place: np.ndarray
    irreversible: np.ndarray
    solvent: np.ndarray

    def __getitem__(self, chosen: np.ndarray) -> Inputs:
        return Inputs(*(column[chosen] for column in self.columns()))

    def columns(self) -> list[np.ndarray]:
        """Return all of it, in the order of the attributes."""
        return [getattr(self, field.name) for field in fields(self)]


class Saved(NamedTuple):
    """What is written of a fitted model: arrays, and what a person can read."""

    arrays: list[np.ndarray]
    texts: dict[str, Any]


@dataclass(frozen=True)
class Hyperparameters:
    """In V, but for `length` (standard deviations) and `model` (V/eV).

    Attributes
    ----------
    alike, smooth, placed, solvent
        Standard deviations of the four covariances.
    length
        Over which the second falls off.
    reversible, irreversible
        Of one measurement.
    model
        What an expected error of the computed energy is worth.
    """

    alike: float
    smooth: float
    placed: float
    length: float
    solvent: float
    reversible: float
    irreversible: float
    model: float


@dataclass(frozen=True)
class Process:
    """A fitted process.

    Attributes
    ----------
    found : Hyperparameters
    centre, scale : numpy.ndarray
        Shape (7,): of energy, size and place.
    learned : Inputs
        The m measurements.
    weight : numpy.ndarray
        Shape (m,): how much each counts, about 1 for a sound one.
    mean : float
        V vs Fc/Fc⁺.
    factor, solved : numpy.ndarray
        Shapes (m, m) and (m,): Cholesky factor of the covariance, and it solved for the values.
    """

    found: Hyperparameters
    centre: np.ndarray
    scale: np.ndarray
    learned: Inputs
    weight: np.ndarray
    mean: float
    factor: np.ndarray
    solved: np.ndarray

    N_ARRAYS: ClassVar[int] = 5 + len(fields(Inputs))  # of `saved`

    @classmethod
    def fit(
        cls,
        inputs: Inputs,
        similarity: np.ndarray,
        volts: np.ndarray,
        found: Hyperparameters | None = None,
    ) -> Process:
        """Fit to measurements.

        Parameters
        ----------
        inputs : Inputs
            Of m measurements.
        similarity : numpy.ndarray
            Shape (m, m): Tanimoto's coefficients.
        volts : numpy.ndarray
            Shape (m,), V vs Fc/Fc⁺.
        found : Hyperparameters, optional
            Looked for (maximum a posteriori) if omitted.
        """
        numbers = _numbers(inputs)
        centre, scale = numbers.mean(axis=0), numbers.std(axis=0)
        scale = np.where(scale > 1e-9, scale, 1.0)
        weight, mean = np.ones(len(volts)), float(volts.mean())
        made = cls(_start(), centre, scale, inputs, weight, mean, np.empty(0), np.empty(0))
        off, best = volts - mean, found or _start()
        for _ in range(ROUNDS):
            if found is None:
                best = _search(made, similarity, off, weight, best)
            covariance = made._covariance(best, similarity, weight)
            inverse = np.linalg.inv(covariance)
            left = inverse @ off / np.diag(inverse)  # each left out (Rasmussen and Williams, 5.12)
            spread = left**2 * np.diag(inverse)
            weight = np.clip((FREEDOM + 1) / (FREEDOM + spread), LEAST_WEIGHT, None)
        factor, _ = cho_factor(made._covariance(best, similarity, weight), lower=True)
        factor = np.tril(factor)
        solved = cho_solve((factor, True), off)
        return cls(best, centre, scale, inputs, weight, mean, factor, solved)

    def predict(self, inputs: Inputs, similarity: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return what n new molecules are expected to show, and its standard deviation.

        Parameters
        ----------
        inputs : Inputs
            Of n molecules.
        similarity : numpy.ndarray
            Shape (n, m): to the measured ones.

        Returns
        -------
        volts, spread : numpy.ndarray
            Shape (n,), V vs Fc/Fc⁺ in the molecules' solvent; the latter for one measurement.
        """
        at, line = self._scaled(inputs), self._line(inputs)
        cross = self._kernel(self.found, at, self._scaled(self.learned), similarity)
        cross += self.found.solvent**2 * _shared(inputs.solvent, self.learned.solvent)
        cross += line * PRIOR**2 @ self._line(self.learned).T
        volts = self.mean + cross @ self.solved
        known = solve_triangular(self.factor, cross.T, lower=True, check_finite=False)
        own = self.found.alike**2 + self.found.smooth**2 + self.found.placed**2
        before = own + np.square(line * PRIOR).sum(axis=1)
        before += self.found.solvent**2 * (inputs.solvent != HOME)
        variance = before - np.square(known).sum(axis=0) + _noise(self.found, inputs)
        return volts, np.sqrt(np.maximum(variance, 1e-8))

    def solvent_effect(self, code: str) -> tuple[float, float]:
        """Return by how much potentials vs Fc/Fc⁺ differ in a solvent from those in `HOME`, V.

        Returns
        -------
        shift, spread : float
            Expected value and standard deviation: nothing and the prior's where nothing was
            measured in that solvent.
        """
        if code == HOME:
            return 0.0, 0.0
        prior = self.found.solvent**2
        here = prior * (self.learned.solvent == code)
        known = solve_triangular(self.factor, here, lower=True)
        return float(here @ self.solved), float(np.sqrt(max(prior - known @ known, 0.0)))

    def saved(self) -> Saved:
        """Return what `restored` needs."""
        arrays = [self.centre, self.scale, self.weight, self.factor, self.solved]
        texts = {"mean": self.mean, "hyperparameters": asdict(self.found)}
        return Saved([*arrays, *self.learned.columns()], texts)

    @classmethod
    def restored(cls, saved: Saved) -> Process:
        """Return the process again.

        Raises
        ------
        ValueError, KeyError, TypeError
            If anything is missing.
        """
        centre, scale, weight, factor, solved, *learned = saved.arrays
        found = Hyperparameters(**saved.texts["hyperparameters"])
        mean = float(saved.texts["mean"])
        return cls(found, centre, scale, Inputs(*learned), weight, mean, factor, solved)

    def _scaled(self, inputs: Inputs) -> np.ndarray:
        return np.asarray((_numbers(inputs) - self.centre) / self.scale)

    def _line(self, inputs: Inputs) -> np.ndarray:
        """Return what the line is made of, shape (n, 5)."""
        energy = (inputs.energy - self.centre[0])[:, None]
        size = self._scaled(inputs)[:, 1:3]
        return np.hstack([np.ones_like(energy), energy, size, inputs.irreversible[:, None]])

    @staticmethod
    def _kernel(
        found: Hyperparameters, left: np.ndarray, right: np.ndarray, similarity: np.ndarray
    ) -> np.ndarray:
        near = _squared(left[:, :3], right[:, :3]) / found.length**2
        place = _squared(left[:, 3:], right[:, 3:]) / 2
        return np.asarray(
            found.alike**2 * similarity
            + found.smooth**2 * np.exp(-near / 2)
            + found.placed**2 * np.exp(-place / 2)
        )

    def _covariance(
        self, found: Hyperparameters, similarity: np.ndarray, weight: np.ndarray
    ) -> np.ndarray:
        at, line = self._scaled(self.learned), self._line(self.learned)
        solvent = self.learned.solvent
        covariance = self._kernel(found, at, at, similarity)
        covariance += found.solvent**2 * _shared(solvent, solvent) + line * PRIOR**2 @ line.T
        return covariance + np.diag(_noise(found, self.learned, weight))


HOME = "ACN"  # what others are compared with


def _numbers(inputs: Inputs) -> np.ndarray:
    return np.hstack([inputs.energy[:, None], inputs.size, inputs.place])


def _squared(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Return squared distances, shape (n, m)."""
    both = np.square(left).sum(axis=1)[:, None] + np.square(right).sum(axis=1)
    return np.asarray(np.maximum(both - 2 * left @ right.T, 0))


def _shared(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Return where two molecules are in the same solvent, other than `HOME`."""
    return np.asarray((left[:, None] == right[None]) & (left != HOME)[:, None])


def _noise(found: Hyperparameters, inputs: Inputs, weight: np.ndarray | float = 1.0) -> np.ndarray:
    """Return the variance of one measurement, V²: a mixture where a wave is half reversible."""
    share = inputs.irreversible
    one = share * found.irreversible**2 + (1 - share) * found.reversible**2 + FINEST**2
    return np.asarray(one / weight + np.square(found.model * inputs.error))


def _start() -> Hyperparameters:
    return Hyperparameters(**{name: median for name, (median, _) in START.items()})


def _search(
    made: Process, similarity: np.ndarray, off: np.ndarray, weight: np.ndarray,
    start: Hyperparameters,
) -> Hyperparameters:  # fmt: skip
    from scipy.optimize import minimize

    medians, deviations = np.log([START[name][0] for name in START]), np.array([
        START[name][1] for name in START
    ])  # fmt: skip

    def cost(logs: np.ndarray) -> float:
        found = Hyperparameters(*np.exp(logs))
        factor, _ = cho_factor(made._covariance(found, similarity, weight), lower=True)
        solved = solve_triangular(factor, off, lower=True)
        prior = np.square((logs - medians) / deviations).sum() / 2
        return float(solved @ solved / 2 + np.log(np.diag(factor)).sum() + prior)

    begin = np.log([getattr(start, name) for name in START])
    best = minimize(cost, begin, method="L-BFGS-B", options=SEARCH)
    return Hyperparameters(*map(float, np.exp(best.x)))
