"""Surrogate of the models: estimates their answers from fingerprints at a hundredth of the cost.

A ridge regression (Hoerl and Kennard, Technometrics 12 (1970) 55, doi
10.1080/00401706.1970.10488634) on folded Morgan counts, fitted to the models' answers about a
random sample of the library that is screened. Cross-validation on the sample gives its error; as
the sample is random, the error is the same for the rest of the library.
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

PENALTY = 5.0  # of the ridge, on log(1 + count)
FOLDS = 5
SMOOTHING = 0.1  # V; width of the Gaussian weights that the chances are averaged with
GRID = np.linspace(-2, 2, 201)  # V; margins at which the chances are known
NEAR = 0.2  # V; at this distance from the limits, a molecule's weight in the fit is 1/e
CONTAINED = 0.95  # share of molecules whose interval lies within the estimated bounds


@dataclass(frozen=True)
class Estimate:
    """Estimated answers of the models about n molecules.

    Attributes
    ----------
    table : pandas.DataFrame
        n rows, `BOUNDED`: energies in eV, potentials in V vs the cell's reference electrode.
    margin : dict of numpy.ndarray
        Of each role, shape (n,), V: `organode.screening.criteria.potentials.limit_margin`.
    """

    table: pd.DataFrame
    margin: dict[str, np.ndarray]


@dataclass(frozen=True)
class Surrogate:
    """Linear models of energies and potentials (`BOUNDED`) and of the margins, with their errors.

    Attributes
    ----------
    kernel, intercept : numpy.ndarray
        Shapes (N_BITS, 20) and (20,), eV and V. NaN for a wave that no model predicts.
    widening : numpy.ndarray
        Shape (18,), eV and V: added to bounds so that they contain the models' own interval.
    deviation, spread : numpy.ndarray
        Shape (2,), V, of E_ox and E_red: 95 % of the estimates are this close to the models'
        values; standard deviation.
    chances : numpy.ndarray
        Shape (2, len(GRID)): of each role, the probability that the full models make a molecule a
        candidate, by its estimated margin.
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
            Shape (s, N_BITS): `folded_counts`.
        scored : pandas.DataFrame
            s rows with `BOUNDED` and whether they are inside each model's domain.
        criteria : Criteria
            What makes a molecule a candidate.
        """
        inputs = _inputs(counts)
        bounded = scored[list(BOUNDED)]
        margin = limit_margin(bounded, criteria)
        unknown = bounded.isna().all().to_numpy()
        # A value that single molecules lack, the second wave of a radical, is taken as the mean.
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
        """Estimate the models' answers about n molecules from their folded counts."""
        values = _inputs(counts) @ self.kernel + self.intercept
        n = len(BOUNDED)
        margin = dict(zip(ROLES, values[:, n:].T, strict=True))
        return Estimate(pd.DataFrame(values[:, :n], columns=list(BOUNDED)), margin)

    def chance(self, estimate: Estimate, role: str) -> np.ndarray:
        """Return the probability that each molecule turns out a candidate, shape (n,)."""
        chances = self.chances[ROLES.index(role)]
        return np.asarray(np.interp(estimate.margin[role], GRID, chances))

    def save(self, path: Path) -> None:
        """Write all arrays; equal surrogates give equal bytes."""
        content = io.BytesIO()
        save_arrays(content, [getattr(self, field.name) for field in fields(self)])
        write_sealed(path, content.getvalue())

    @classmethod
    def load(cls, path: Path) -> Surrogate:
        """Read what `save` wrote.

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
    return csr_matrix(
        (np.log1p(counts.data.astype(np.float32)), counts.indices, counts.indptr), counts.shape
    )


def _ridge(inputs: csr_matrix, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return kernel and intercept: of `BOUNDED` with equal weights, of margins with `_nearness`."""
    from sklearn.linear_model import Ridge  # imported here: workers do without it

    n = len(BOUNDED)
    models = [Ridge(PENALTY, solver="lsqr").fit(inputs, values[:, :n])]
    for margin in values[:, n:].T:
        model = Ridge(PENALTY, solver="lsqr")
        models.append(model.fit(inputs, margin[:, None], sample_weight=_nearness(margin)))
    kernel = np.vstack([np.atleast_2d(model.coef_) for model in models]).T
    return kernel, np.concatenate([np.atleast_1d(model.intercept_) for model in models])


def _nearness(margin: np.ndarray) -> np.ndarray:
    """Return weights of mean 1 that fall with the distance from the limits."""
    weights = np.exp(-np.abs(margin) / NEAR)
    return np.asarray(weights / weights.mean())


def _chances(estimated: np.ndarray, errors: np.ndarray) -> np.ndarray:
    """Return the probability that the true margin is positive, by the estimated margin (`GRID`).

    Errors of molecules with about the same estimate are averaged, since they are larger for
    molecules with unusual margins.
    """
    chances = np.zeros(len(GRID))
    for place, margin in enumerate(GRID):
        weights = np.exp(-np.square((estimated - margin) / SMOOTHING) / 2)
        chances[place] = weights @ (errors >= -margin) / max(weights.sum(), 1e-9)
    return np.asarray(np.maximum.accumulate(chances))


def _share(mask: np.ndarray) -> float:
    return float(mask.mean()) if len(mask) else 1.0
