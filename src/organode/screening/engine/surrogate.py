"""Surrogate of the models: estimates their predictions at a hundredth of the cost.

It is a ridge regression (Hoerl and Kennard, Technometrics 12 (1970) 55, doi
10.1080/00401706.1970.10488634) on folded Morgan count fingerprints, fitted to the models'
predictions for a random sample of the library that is screened. Cross-validation on the sample
gives its error; as the sample is random, the error is the same for the rest of the library.
"""

from __future__ import annotations

import io
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.sparse import csr_matrix
from threadpoolctl import threadpool_limits

from organode.electrochemistry.cells import ROLES
from organode.errors import OrganodeError
from organode.screening.columns import BOUNDED, FIRST_WAVE, TARGET
from organode.screening.criteria.criteria import Criteria
from organode.screening.criteria.potentials import limit_margin
from organode.utils.arrays import load_arrays, save_arrays
from organode.utils.checksums import read_sealed, write_sealed

PENALTY = 5.0  # of the ridge regression; its inputs are log(1 + count)
FOLDS = 5
SMOOTHING = 0.1  # V; width of the Gaussian weights in `_chances`
GRID = np.linspace(-2, 2, 201)  # V; margins at which `Surrogate.chances` is tabulated
NEAR = 0.2  # V; at this distance from the limits, a molecule's weight in the fit is 1/e
CONTAINED = 0.95  # share of molecules whose interval by the models lies within the estimated one


@dataclass(frozen=True)
class Estimate:
    """Estimates of what the models would predict for n molecules.

    Attributes
    ----------
    table : pandas.DataFrame
        n rows with the columns `BOUNDED`: energies in eV, potentials in V vs the cell's reference
        electrode, both with the ends of their error bars.
    margin : dict of numpy.ndarray
        For each role, ``p`` and ``n``, shape (n,), V: margin to the tightest limit of the
        potential, negative if it is missed.
    """

    table: pd.DataFrame
    margin: dict[str, np.ndarray]


@dataclass(frozen=True)
class Surrogate:
    """Linear models of energies and potentials and of the margins to their limits, with errors.

    Attributes
    ----------
    kernel, intercept : numpy.ndarray
        Shapes (8192, 20) and (20,): coefficients for the bits of the fingerprint, in eV or V. The
        20 outputs are the 18 columns `BOUNDED` (`IE`, `E_ox` and others with their bounds), and the
        margin in each role. The intercept of a potential that no model predicts is NaN.
    widening : numpy.ndarray
        Shape (18,), eV or V: added to the estimates of `BOUNDED`. It moves lower and upper bounds
        so that they enclose the models' own interval for 95 % of the molecules, and is 0 for the
        other columns.
    deviation, spread : numpy.ndarray
        Shape (2,), V, for E_ox and E_red: 95 % of the estimates are within `deviation` of the
        models' predictions; `spread` is the standard deviation of the difference.
    chances : numpy.ndarray
        Shape (2, len(GRID)): for the roles ``p`` and ``n``, and each estimated margin of `GRID`,
        the probability that a molecule is a candidate by the potential and the applicability
        domain that the models predict.
    """

    kernel: np.ndarray
    intercept: np.ndarray
    widening: np.ndarray
    deviation: np.ndarray
    spread: np.ndarray
    chances: np.ndarray

    @classmethod
    def fit(cls, counts: csr_matrix, scored: pd.DataFrame, criteria: Criteria) -> Surrogate:
        """Fit to a random sample that the models have scored.

        Parameters
        ----------
        counts : scipy.sparse.csr_matrix
            Shape (s, 8192): count fingerprints of the molecules.
        scored : pandas.DataFrame
            s rows: the models' predictions with their intervals, in the columns listed in
            `BOUNDED`, and `IE_in_domain` and `EA_in_domain`, whether the molecule is inside each
            model's applicability domain.
        criteria : Criteria
            What makes a molecule a candidate.
        """
        inputs = _inputs(counts)
        bounded = scored[list(BOUNDED)]
        margin = limit_margin(bounded, criteria)
        unknown = bounded.isna().all().to_numpy()
        # A value that only some molecules lack, such as a radical's second potential, is replaced
        # by the mean.
        values = np.column_stack([bounded.fillna(bounded.mean()).fillna(0.0), *margin.values()])
        with threadpool_limits(1):  # the same sums on every machine
            kernel, intercept = _ridge(inputs, values)
            out_of_fold = np.empty_like(values)
            for fold in range(FOLDS):
                test = np.arange(len(values)) % FOLDS == fold
                fold_kernel, fold_intercept = _ridge(inputs[~test], values[~test])
                out_of_fold[test] = inputs[test] @ fold_kernel + fold_intercept
        errors = values - out_of_fold
        n, tail = len(BOUNDED), (1 - CONTAINED) / 2
        potential_errors = errors[:, [BOUNDED.index(name) for name in FIRST_WAVE.values()]]
        shares = {"lower": tail, "upper": 1 - tail}
        widening = np.zeros(n)
        for column, name in enumerate(BOUNDED):
            if (end := name.rpartition("_")[2]) in shares:
                widening[column] = np.quantile(errors[:, column], shares[end])
        domains = scored[[f"{target}_in_domain" for target in TARGET.values()]].to_numpy(bool)
        if criteria.cell.together:
            domains[:] = domains.all(axis=1, keepdims=True)
        in_domain = [
            _share(domain[margin[role] >= 0]) if criteria.settings.in_domain else 1.0
            for role, domain in zip(ROLES, domains.T, strict=True)
        ]
        chances = [
            _chances(*columns) * share
            for *columns, share in zip(
                out_of_fold[:, n:].T, errors[:, n:].T, in_domain, strict=True
            )
        ]
        intercept[:n][unknown] = np.nan
        return cls(
            kernel.astype(np.float32),
            intercept,
            widening,
            deviation=np.quantile(np.abs(potential_errors), 0.95, axis=0),
            spread=potential_errors.std(axis=0),
            chances=np.array(chances),
        )

    def estimate(self, counts: csr_matrix) -> Estimate:
        """Estimate the models' predictions from n count fingerprints, shape (n, 8192)."""
        values = _inputs(counts) @ self.kernel + self.intercept
        n = len(BOUNDED)
        margin = dict(zip(ROLES, values[:, n:].T, strict=True))
        return Estimate(pd.DataFrame(values[:, :n], columns=list(BOUNDED)), margin)

    def chance(self, estimate: Estimate, role: str) -> np.ndarray:
        """Return the probability that each molecule is a candidate by the models, shape (n,).

        Potentials and applicability domain count, but not filters and stability of the ion.
        """
        chances = self.chances[ROLES.index(role)]
        return np.asarray(np.interp(estimate.margin[role], GRID, chances))

    def save(self, path: Path) -> None:
        """Write the fitted arrays to a file; equal surrogates give equal files, byte by byte."""
        content = io.BytesIO()
        save_arrays(content, [getattr(self, field.name) for field in fields(self)])
        write_sealed(path, content.getvalue())

    @classmethod
    def load(cls, path: Path) -> Surrogate:
        """Read a surrogate from the file that `save` wrote.

        Raises
        ------
        OrganodeError
            If the file is damaged.
        """
        content = read_sealed(path)
        if content is None:
            raise OrganodeError(f"{path} is damaged: delete it and run the same command again")
        return cls(*load_arrays(content))


def _inputs(counts: csr_matrix) -> csr_matrix:
    """Return the inputs of the regression: log(1 + count)."""
    return csr_matrix(
        (np.log1p(counts.data.astype(np.float32)), counts.indices, counts.indptr), counts.shape
    )


def _ridge(inputs: csr_matrix, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Fit ridge regressions, and return their coefficients and intercepts.

    Energies and potentials are fitted with equal weights, margins with those of `_nearness`: they
    have to be most accurate near the limits.
    """
    from sklearn.linear_model import Ridge  # imported here: workers do without it

    n = len(BOUNDED)
    models = [Ridge(PENALTY, solver="lsqr").fit(inputs, values[:, :n])]
    for margin in values[:, n:].T:
        model = Ridge(PENALTY, solver="lsqr")
        models.append(model.fit(inputs, margin[:, None], sample_weight=_nearness(margin)))
    kernel = np.vstack([np.atleast_2d(model.coef_) for model in models]).T
    return kernel, np.concatenate([np.atleast_1d(model.intercept_) for model in models])


def _nearness(margin: np.ndarray) -> np.ndarray:
    """Return weights of mean 1 that fall exponentially with the distance from the limits."""
    weights = np.exp(-np.abs(margin) / NEAR)
    return np.asarray(weights / weights.mean())


def _chances(estimated: np.ndarray, errors: np.ndarray) -> np.ndarray:
    """Return the probability that the models' margin is not negative, for estimates of `GRID`.

    For each margin of the grid, only errors of molecules with about that estimate count, since
    errors are larger for molecules with unusual margins.
    """
    chances = np.zeros(len(GRID))
    for place, margin in enumerate(GRID):
        weights = np.exp(-np.square((estimated - margin) / SMOOTHING) / 2)
        chances[place] = weights @ (errors >= -margin) / max(weights.sum(), 1e-9)
    return np.asarray(np.maximum.accumulate(chances))


def _share(mask: np.ndarray) -> float:
    """Return the share of True in a mask; 1 if the mask is empty."""
    return float(mask.mean()) if len(mask) else 1.0
