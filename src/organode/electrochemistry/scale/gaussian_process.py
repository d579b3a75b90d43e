"""A Gaussian process for measured potentials: a linear function plus correlated deviations.

The main variable of the function is the computed energy. Similar molecules deviate from the
function in a similar way. Three covariances define similarity: the Tanimoto coefficient of Morgan
bits (a kernel: Ralaivola et al., Neural Networks 18 (2005) 1093, doi 10.1016/j.neunet.2005.07.009);
the computed energy, the size of the molecule, and the number of atoms over which the frontier
orbital extends; and the elements on which that orbital lies. A fourth covariance is shared by all
measurements in the same solvent. Outliers get a low weight (the weights of Student's t: Lange,
Little and Taylor, J. Am. Stat. Assoc. 84 (1989) 881, doi 10.1080/01621459.1989.10478852).

Methods: Rasmussen and Williams, Gaussian Processes for Machine Learning, MIT Press 2006, chapters 2
and 5.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields, replace
from typing import Any, ClassVar, NamedTuple

import numpy as np
from scipy.linalg import cho_factor, cho_solve, solve_triangular

HOME = "ACN"  # reference solvent: the effects of other solvents are relative to it
FREEDOM = 4.0  # degrees of freedom of Student's t
ROUNDS = 3  # number of alternating updates of weights and hyperparameters
SEARCH = {"maxiter": 25, "ftol": 1e-4}  # ftol is relative to the cost, which is about 300
LEAST_WEIGHT = 0.02  # of a measurement that is far off
FINEST = 1e-3  # V; least noise of a measurement: without noise the covariance has no inverse
# Prior standard deviations of the line's coefficients: constant (V), energy (V/eV), size and spread
# (V per standard deviation of each), irreversible (V), breaks (V).
PRIOR = np.array([10.0, 2.0, 0.15, 0.15, 0.3, 0.5])
# Log-normal priors of the `Hyperparameters`: median (in their units), standard deviation of the
# logarithm.
PRIORS = {
    "alike": (0.12, 1.0),
    "smooth": (0.10, 1.0),
    "placed": (0.10, 1.0),
    "length": (2.0, 0.7),
    "solvent": (0.05, 0.7),
    "reversible": (0.05, 0.5),
    "irreversible": (0.12, 0.5),
    "model": (0.6, 0.7),
    "breaks": (0.5, 0.5),
}


@dataclass(frozen=True)
class ProcessInputs:
    """Inputs of the Gaussian process for n molecules or measurements.

    The structures of the molecules enter by Tanimoto similarities, which are passed separately.

    Attributes
    ----------
    energy : numpy.ndarray
        Shape (n,), eV: IE or EA as predicted by a model. (For the splitting between two waves: how
        concentrated the frontier orbital is, see the module `second_wave`.)
    error : numpy.ndarray
        Shape (n,), eV: expected absolute error of `energy`.
    size : numpy.ndarray
        Shape (n, 2): logarithm of the number of heavy atoms, and number of these atoms over which
        the frontier orbital extends.
    place : numpy.ndarray
        Shape (n, 4): shares of the frontier orbital on C, N, O and S.
    irreversible : numpy.ndarray
        Shape (n,), 0 to 1: probability that the wave is irreversible.
    breaks : numpy.ndarray
        Shape (n,), 0 to 1: probability that a bond of the ion breaks or forms.
    solvent : numpy.ndarray
        Shape (n,): code of each solvent, such as ``ACN``.
    """

    energy: np.ndarray
    error: np.ndarray
    size: np.ndarray
    place: np.ndarray
    irreversible: np.ndarray
    breaks: np.ndarray
    solvent: np.ndarray

    def __getitem__(self, chosen: np.ndarray) -> ProcessInputs:
        return ProcessInputs(*(column[chosen] for column in self.columns()))

    def columns(self) -> list[np.ndarray]:
        """Return the arrays of all inputs, in the order of the attributes."""
        return [getattr(self, field.name) for field in fields(self)]


class Saved(NamedTuple):
    """A fitted model in storable form: arrays for an .npz file, and values for a JSON file."""

    arrays: list[np.ndarray]
    texts: dict[str, Any]


@dataclass(frozen=True)
class Hyperparameters:
    """Hyperparameters of the Gaussian process, in V except `length` and `model`.

    Attributes
    ----------
    alike, smooth, placed, solvent
        Standard deviations of the four covariances: by Tanimoto similarity; by energy, size of the
        molecule and extent of the frontier orbital; by the elements on which this orbital lies; by
        a common solvent.
    length
        Length scale of the covariance `smooth`, in standard deviations of the inputs.
    reversible, irreversible
        Standard deviation of one measurement of a reversible, or an irreversible, wave.
    model
        V/eV: standard deviation of the noise for each eV of expected error of the computed energy.
    breaks
        Standard deviation of the noise if a bond of the ion certainly breaks or forms.
    """

    alike: float
    smooth: float
    placed: float
    length: float
    solvent: float
    reversible: float
    irreversible: float
    model: float
    breaks: float


@dataclass(frozen=True)
class GaussianProcess:
    """A Gaussian process fitted to measured potentials, or to splittings between two waves.

    Attributes
    ----------
    hyperparameters : Hyperparameters
        Hyperparameters of the fit.
    centre, scale : numpy.ndarray
        Shape (7,): mean and standard deviation of the inputs energy, size (2) and place (4).
    training : ProcessInputs
        Inputs of the m measurements of the fit.
    weight : numpy.ndarray
        Shape (m,): weights of the measurements, about 1 except for outliers.
    mean : float
        Mean of the measurements, V.
    factor, solved : numpy.ndarray
        Shapes (m, m) and (m,): Cholesky factor of the covariance matrix, and the inverse of this
        matrix times the deviations of the measurements from their mean.
    """

    hyperparameters: Hyperparameters
    centre: np.ndarray
    scale: np.ndarray
    training: ProcessInputs
    weight: np.ndarray
    mean: float
    factor: np.ndarray
    solved: np.ndarray

    N_ARRAYS: ClassVar[int] = 5 + len(fields(ProcessInputs))  # number of arrays of `saved`

    @classmethod
    def fit(
        cls,
        inputs: ProcessInputs,
        similarity: np.ndarray,
        volts: np.ndarray,
        hyperparameters: Hyperparameters | None = None,
    ) -> GaussianProcess:
        """Fit the Gaussian process to m measurements.

        Parameters
        ----------
        inputs : ProcessInputs
            Inputs of the measurements.
        similarity : numpy.ndarray
            Shape (m, m): Tanimoto similarity of each pair of measured molecules.
        volts : numpy.ndarray
            Shape (m,): measured potentials, V vs Fc/Fc⁺, or splittings, V.
        hyperparameters : Hyperparameters, optional
            Values to use; estimated (maximum a posteriori) if omitted.
        """
        numbers = _numbers(inputs)
        centre, scale = numbers.mean(axis=0), numbers.std(axis=0)
        scale = np.where(scale > 1e-9, scale, 1.0)
        weight, mean = np.ones(len(volts)), float(volts.mean())
        prior = _prior_medians()
        unfitted = cls(prior, centre, scale, inputs, weight, mean, np.empty(0), np.empty(0))
        deviation, best = volts - mean, hyperparameters or prior
        for _ in range(ROUNDS):
            if hyperparameters is None:
                best = _search(unfitted, similarity, deviation, weight, best)
            covariance = unfitted._covariance(best, similarity, weight)
            inverse = np.linalg.inv(covariance)
            # The error of each measurement left out: Rasmussen and Williams, equation 5.12.
            left_out = inverse @ deviation / np.diag(inverse)
            squared = left_out**2 * np.diag(inverse)  # over its predicted variance
            weight = np.clip((FREEDOM + 1) / (FREEDOM + squared), LEAST_WEIGHT, None)
        factor, _ = cho_factor(unfitted._covariance(best, similarity, weight), lower=True)
        factor = np.tril(factor)
        solved = cho_solve((factor, True), deviation)
        return cls(best, centre, scale, inputs, weight, mean, factor, solved)

    def leave_families_out(
        self, families: np.ndarray, similarity: np.ndarray, volts: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Predict each family by a fit to all other families, with waves taken as reversible.

        The hyperparameters of this process are used in all these fits.

        Parameters
        ----------
        families : numpy.ndarray
            Shape (m,), str: the family of each measurement.
        similarity, volts : numpy.ndarray
            Shapes (m, m) and (m,): Tanimoto similarities and measured values, as for `fit`.

        Returns
        -------
        volts, spread : numpy.ndarray
            Shape (m,), V: predicted value, and the standard deviation of the prediction.
        """
        predicted, spread = np.empty(len(volts)), np.empty(len(volts))
        for family in sorted(set(families)):
            out, rest = families == family, families != family
            fitted = GaussianProcess.fit(
                self.training[rest],
                similarity[np.ix_(rest, rest)],
                volts[rest],
                self.hyperparameters,
            )
            as_reversible = replace(self.training[out], irreversible=np.zeros(out.sum()))
            across = similarity[np.ix_(out, rest)]
            predicted[out], spread[out] = fitted.predict(as_reversible, across)
        return predicted, spread

    def predict(
        self, inputs: ProcessInputs, similarity: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Predict the potentials of n new molecules, with standard deviations.

        Parameters
        ----------
        inputs : ProcessInputs
            Inputs of the n molecules.
        similarity : numpy.ndarray
            Shape (n, m): Tanimoto similarity of each new to each measured molecule.

        Returns
        -------
        volts, spread : numpy.ndarray
            Shape (n,), V vs Fc/Fc⁺ in the solvent of each molecule; expected value, and standard
            deviation of one measurement.
        """
        fitted = self.hyperparameters
        scaled, line = self._scaled(inputs), self._line(inputs)
        cross = self._kernel(fitted, scaled, self._scaled(self.training), similarity)
        cross += fitted.solvent**2 * _same_solvent(inputs.solvent, self.training.solvent)
        cross += line * PRIOR**2 @ self._line(self.training).T
        volts = self.mean + cross @ self.solved
        explained = solve_triangular(self.factor, cross.T, lower=True, check_finite=False)
        of_kernel = fitted.alike**2 + fitted.smooth**2 + fitted.placed**2
        prior = of_kernel + np.square(line * PRIOR).sum(axis=1)
        prior += fitted.solvent**2 * (inputs.solvent != HOME)
        variance = prior - np.square(explained).sum(axis=0) + _noise(fitted, inputs)
        return volts, np.sqrt(np.maximum(variance, 1e-8))

    def solvent_effect(self, code: str) -> tuple[float, float]:
        """Return the shift of potentials vs Fc/Fc⁺, in V, from acetonitrile to another solvent.

        Returns
        -------
        shift, spread : float
            Expected shift and its standard deviation. For a solvent without measurements the shift
            is zero, and the standard deviation that of the prior; for acetonitrile both are zero.
        """
        if code == HOME:
            return 0.0, 0.0
        prior = self.hyperparameters.solvent**2
        cross = prior * (self.training.solvent == code)
        explained = solve_triangular(self.factor, cross, lower=True)
        variance = max(prior - explained @ explained, 0.0)
        return float(cross @ self.solved), float(np.sqrt(variance))

    def saved(self) -> Saved:
        """Return the fitted process as arrays and JSON values, which `restored` reads."""
        arrays = [self.centre, self.scale, self.weight, self.factor, self.solved]
        texts = {"mean": self.mean, "hyperparameters": asdict(self.hyperparameters)}
        return Saved([*arrays, *self.training.columns()], texts)

    @classmethod
    def restored(cls, saved: Saved) -> GaussianProcess:
        """Build a fitted process from what its method `saved` returned.

        Raises
        ------
        ValueError, KeyError, TypeError
            If an array or a value is missing.
        """
        centre, scale, weight, factor, solved, *training = saved.arrays
        fitted = Hyperparameters(**saved.texts["hyperparameters"])
        mean = float(saved.texts["mean"])
        return cls(fitted, centre, scale, ProcessInputs(*training), weight, mean, factor, solved)

    def _scaled(self, inputs: ProcessInputs) -> np.ndarray:
        return np.asarray((_numbers(inputs) - self.centre) / self.scale)

    def _line(self, inputs: ProcessInputs) -> np.ndarray:
        """Return the inputs of the linear function, shape (n, 6), in the order of `PRIOR`.

        The inputs are a constant, the energy, the two sizes, and the probabilities `irreversible`
        and `breaks`.
        """
        energy = (inputs.energy - self.centre[0])[:, None]
        size = self._scaled(inputs)[:, 1:3]
        chances = np.column_stack([inputs.irreversible, inputs.breaks])
        return np.hstack([np.ones_like(energy), energy, size, chances])

    @staticmethod
    def _kernel(
        fitted: Hyperparameters, left: np.ndarray, right: np.ndarray, similarity: np.ndarray
    ) -> np.ndarray:
        near = _squared_distance(left[:, :3], right[:, :3])
        near /= -2 * fitted.length**2
        place = _squared_distance(left[:, 3:], right[:, 3:])
        place /= -4
        kernel = fitted.alike**2 * similarity
        for exponent, deviation in ((near, fitted.smooth), (place, fitted.placed)):
            kernel += np.multiply(np.exp(exponent, out=exponent), deviation**2, out=exponent)
        return np.asarray(kernel)

    def _covariance(
        self, fitted: Hyperparameters, similarity: np.ndarray, weight: np.ndarray
    ) -> np.ndarray:
        scaled, line = self._scaled(self.training), self._line(self.training)
        same = _same_solvent(self.training.solvent, self.training.solvent)
        covariance = self._kernel(fitted, scaled, scaled, similarity)
        covariance += fitted.solvent**2 * same + line * PRIOR**2 @ line.T
        return covariance + np.diag(_noise(fitted, self.training, weight))


def _numbers(inputs: ProcessInputs) -> np.ndarray:
    return np.hstack([inputs.energy[:, None], inputs.size, inputs.place])


def _squared_distance(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Return the squared distance of each row of `left` to each row of `right`, shape (n, m)."""
    both = np.square(left).sum(axis=1)[:, None] + np.square(right).sum(axis=1)
    both -= (2 * left) @ right.T
    return np.asarray(np.maximum(both, 0, out=both))


def _same_solvent(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Return whether two solvents are the same and not acetonitrile: shape (n, m), bool."""
    same = np.zeros((len(left), len(right)), bool)
    elsewhere = left != HOME
    same[elsewhere] = left[elsewhere, None] == right[None]  # to compare texts takes long
    return same


def _noise(
    fitted: Hyperparameters, inputs: ProcessInputs, weight: np.ndarray | float = 1.0
) -> np.ndarray:
    """Return the noise variance of each measurement, V², shape (n,).

    It is the sum of three variances: that of reversible and irreversible waves, mixed by the
    probability that the wave is irreversible and divided by the weight of the measurement; that
    from the error of the computed energy; and that from bonds of the ion that may break.
    """
    share = inputs.irreversible
    of_wave = share * fitted.irreversible**2 + (1 - share) * fitted.reversible**2 + FINEST**2
    of_energy = np.square(fitted.model * inputs.error) + inputs.breaks * fitted.breaks**2
    return np.asarray(of_wave / weight + of_energy)


def _prior_medians() -> Hyperparameters:
    return Hyperparameters(**{name: median for name, (median, _) in PRIORS.items()})


def _search(
    process: GaussianProcess,
    similarity: np.ndarray,
    deviation: np.ndarray,
    weight: np.ndarray,
    start: Hyperparameters,
) -> Hyperparameters:
    """Return the hyperparameters of maximum posterior probability.

    `deviation`, shape (m,), V: measured values minus their mean.
    """
    from scipy.optimize import minimize

    medians = np.log([median for median, _ in PRIORS.values()])
    widths = np.array([width for _, width in PRIORS.values()])

    def cost(logarithms: np.ndarray) -> float:
        tried = Hyperparameters(*np.exp(logarithms))
        factor, _ = cho_factor(process._covariance(tried, similarity, weight), lower=True)
        solved = solve_triangular(factor, deviation, lower=True)
        prior = np.square((logarithms - medians) / widths).sum() / 2
        return float(solved @ solved / 2 + np.log(np.diag(factor)).sum() + prior)

    begin = np.log([getattr(start, name) for name in PRIORS])
    best = minimize(cost, begin, method="L-BFGS-B", options=SEARCH)
    return Hyperparameters(*map(float, np.exp(best.x)))
