"""Surrogate: a fast linear model that estimates what the full models would predict for molecules.

The surrogate takes a hundredth of the full models' time. It is a ridge regression (Hoerl and
Kennard, Technometrics 12 (1970) 55, doi 10.1080/00401706.1970.10488634) on folded Morgan count
fingerprints, fitted to the full models' predictions for a random sample of the library that is
screened. Cross-validation on the sample gives the surrogate's error; as the sample is random, the
error is the same for the rest of the library.
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
LEAST = 0.02  # probability of a stability tier: the fit is not certain enough to exclude one
NEXT_TO_NOTHING = 1e-6  # weight of molecules with a core, so that there may be no others
# For each role, whether the stability tier is ``caution``, and the probability of stability.
OF_IONS = tuple(f"{name}_{role}" for name in ("caution", "stable") for role in ROLES)
CONTAINED = 0.95  # share of molecules whose interval by the models lies within the estimated one


@dataclass(frozen=True)
class Estimate:
    """The surrogate's estimates of what the full models would predict for n molecules.

    Attributes
    ----------
    table : pandas.DataFrame
        n rows with the columns `BOUNDED` of `organode.screening.columns`, which are `IE`, `EA`,
        `E_ox`, `E_red`, `E_ox2` and `E_red2`, each also with `_lower` and `_upper` (the ends of its
        error bar): energies in eV, potentials in V vs the cell's reference electrode.
    margin : dict of numpy.ndarray
        For each role, ``p`` (the molecule gives off electrons) and ``n`` (it takes up electrons),
        shape (n,), V: how far the potential is inside the tightest limit of the criteria; negative
        if the potential misses this limit.
    caution, stable : dict of numpy.ndarray
        For each role, shape (n,), for molecules without a core (a group whose ion is known to be
        stable): the probability that the stability tier is ``caution``, not ``fatal``, and the
        probability that the ion is stable.
    """

    table: pd.DataFrame
    margin: dict[str, np.ndarray]
    caution: dict[str, np.ndarray]
    stable: dict[str, np.ndarray]


@dataclass(frozen=True)
class Surrogate:
    """Fast linear models of energies, potentials and margins, with the errors of these models.

    A margin, in V, is how far a molecule's potential is inside the tightest limit of the criteria;
    it is negative if the potential misses this limit. There is one margin for each role: ``p`` (the
    molecule gives off electrons) and ``n`` (it takes up electrons).

    Attributes
    ----------
    kernel, intercept : numpy.ndarray
        Shapes (8192, 24) and (24,): coefficients and intercepts of the linear models, in eV or V,
        for 8192 inputs, log(1 + count) of the count fingerprint, and 24 outputs. The outputs are
        the 18 columns `BOUNDED` (`IE`, `E_ox` and others with their bounds), the margins in the
        roles ``p`` and ``n``, and the columns `OF_IONS`. The intercept is NaN for a potential that
        the full models predict for no molecule.
    widening : numpy.ndarray
        Shape (18,), eV or V: to be added to the estimates of the columns `BOUNDED`. This moves the
        lower and upper bounds so that they enclose the full models' own error bar for 95 % of the
        molecules; it is 0 for columns that are no bounds.
    deviation, spread : numpy.ndarray
        Shape (2,), V, for E_ox and E_red: 95 % of the surrogate's estimates are within `deviation`
        of the full models' predictions; `spread` is the standard deviation of the difference
        between prediction and estimate.
    chances : numpy.ndarray
        Shape (2, 201): for the roles ``p`` and ``n``, and for 201 margins from −2 to 2 V (`GRID`),
        the probability that a molecule whose margin the surrogate estimates at this value is a
        candidate. Only the potential and the applicability domain that the full models predict
        decide this, not filters or the stability of the ion.
    stability_spread : numpy.ndarray
        Shape (2,): for the roles ``p`` and ``n``, the standard deviation of the error of the
        estimated probability that the ion is stable.
    """

    kernel: np.ndarray
    intercept: np.ndarray
    widening: np.ndarray
    deviation: np.ndarray
    spread: np.ndarray
    chances: np.ndarray
    stability_spread: np.ndarray

    @classmethod
    def fit(
        cls,
        counts: csr_matrix,
        scored: pd.DataFrame,
        stability: pd.DataFrame,
        has_core: np.ndarray,
        criteria: Criteria,
    ) -> Surrogate:
        """Fit the surrogate to a random sample of s molecules that the full models have scored.

        Parameters
        ----------
        counts : scipy.sparse.csr_matrix
            Shape (s, 8192): count fingerprints of the molecules.
        scored : pandas.DataFrame
            s rows: the full models' predictions with the ends of their error bars, in the columns
            `BOUNDED` (`IE`, `IE_lower` and others), and `IE_in_domain` and `EA_in_domain`, whether
            the molecule is inside the applicability domain of the model of IE and of the model of
            EA.
        stability : pandas.DataFrame
            s rows: for each role with a list of candidates, what rules and stability model say, in
            the columns `caution_p` (1 or 0) and `stable_p`, or `caution_n` and `stable_n`.
        has_core : numpy.ndarray
            Shape (s, 2), bool: whether each molecule has a group whose ion is known to be stable,
            for oxidised and reduced ions. These molecules do not count where the stability of
            others is estimated.
        criteria : Criteria
            The conditions that make a molecule a candidate.
        """
        inputs = _inputs(counts)
        bounded = scored[list(BOUNDED)]
        margin = limit_margin(bounded, criteria)
        unknown = bounded.isna().all().to_numpy()
        # A value that only some molecules lack, such as a radical's second potential, is replaced
        # by the mean.
        of_ions = stability.reindex(columns=[*OF_IONS], fill_value=0.0)
        values = np.column_stack(
            [bounded.fillna(bounded.mean()).fillna(0.0), *margin.values(), of_ions]
        )
        if criteria.cell.together:
            has_core = has_core.all(axis=1, keepdims=True).repeat(len(ROLES), axis=1)
        coreless = np.where(has_core, NEXT_TO_NOTHING, 1.0)
        with threadpool_limits(1):  # the same sums on every machine
            kernel, intercept = _ridge(inputs, values, coreless)
            out_of_fold = np.empty_like(values)
            for fold in range(FOLDS):
                test = np.arange(len(values)) % FOLDS == fold
                fold_kernel, fold_intercept = _ridge(inputs[~test], values[~test], coreless[~test])
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
            _chances(out_of_fold[:, n + role], errors[:, n + role]) * share
            for role, share in enumerate(in_domain)
        ]
        stable = errors[:, -len(ROLES) :]
        stability_spread = np.sqrt((coreless * stable**2).sum(axis=0) / coreless.sum(axis=0))
        intercept[:n][unknown] = np.nan
        return cls(
            kernel.astype(np.float32),
            intercept,
            widening,
            deviation=np.quantile(np.abs(potential_errors), 0.95, axis=0),
            spread=potential_errors.std(axis=0),
            chances=np.array(chances),
            stability_spread=stability_spread,
        )

    def estimate(self, counts: csr_matrix) -> Estimate:
        """Estimate what the full models would predict for n molecules.

        `counts` are the molecules' count fingerprints, shape (n, 8192).
        """
        values = _inputs(counts) @ self.kernel + self.intercept
        n = len(BOUNDED)
        of_roles = np.split(values[:, n:].T, range(len(ROLES), values.shape[1] - n, len(ROLES)))
        margin, caution, stable = (dict(zip(ROLES, each, strict=True)) for each in of_roles)
        return Estimate(
            pd.DataFrame(values[:, :n], columns=list(BOUNDED)),
            margin,
            {role: each.clip(LEAST, 1 - LEAST) for role, each in caution.items()},
            {role: each.clip(0, 1) for role, each in stable.items()},
        )

    def chance(self, estimate: Estimate, role: str) -> np.ndarray:
        """Return the probability that each of n molecules is a candidate, shape (n,).

        Only the potential and the applicability domain that the full models would predict are
        considered, not filters or the stability of the ion.

        Parameters
        ----------
        estimate : Estimate
            The surrogate's estimates for the n molecules.
        role : str
            ``p`` (the molecule gives off electrons) or ``n`` (it takes up electrons).
        """
        chances = self.chances[ROLES.index(role)]
        return np.asarray(np.interp(estimate.margin[role], GRID, chances))

    def save(self, path: Path) -> None:
        """Write the surrogate to a file; equal surrogates give identical files."""
        content = io.BytesIO()
        save_arrays(content, [getattr(self, field.name) for field in fields(self)])
        write_sealed(path, content.getvalue())

    @classmethod
    def load(cls, path: Path) -> Surrogate:
        """Read a surrogate from a file that `save` wrote.

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
    """Return the inputs of the regression, log(1 + count), from count fingerprints."""
    return csr_matrix(
        (np.log1p(counts.data.astype(np.float32)), counts.indices, counts.indptr), counts.shape
    )


def _ridge(
    inputs: csr_matrix, values: np.ndarray, coreless: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Fit ridge regressions, and return their coefficients and intercepts.

    All energies and potentials are fitted with equal weights of the molecules. Each margin (V
    inside the tightest limit) is fitted with the weights of `_nearness`, since margins have to be
    most accurate near the limit. Stability is fitted to the molecules without a core.

    Parameters
    ----------
    inputs : scipy.sparse.csr_matrix
        Shape (s, 8192), from `_inputs`.
    values : numpy.ndarray
        Shape (s, 24): the columns `BOUNDED` (energies and potentials with bounds), in eV or V, the
        margins in the roles ``p`` and ``n``, V, and the columns `OF_IONS`.
    coreless : numpy.ndarray
        Shape (s, 2): weights of the molecules for their stability in the roles ``p`` and ``n``.

    Returns
    -------
    kernel, intercept : numpy.ndarray
        Shapes (8192, 24) and (24,).
    """
    from sklearn.linear_model import Ridge  # imported here: workers do without it

    n, roles = len(BOUNDED), len(ROLES)
    models = [Ridge(PENALTY, solver="lsqr").fit(inputs, values[:, :n])]
    margins = values[:, n : n + roles].T
    weights = [*map(_nearness, margins), *coreless.T, *coreless.T]
    for column, weight in zip(values[:, n:].T, weights, strict=True):
        model = Ridge(PENALTY, solver="lsqr")
        models.append(model.fit(inputs, column[:, None], sample_weight=weight))
    kernel = np.vstack([np.atleast_2d(model.coef_) for model in models]).T
    return kernel, np.concatenate([np.atleast_1d(model.intercept_) for model in models])


def _nearness(margin: np.ndarray) -> np.ndarray:
    """Return weights of mean 1 that fall exponentially with the distance from a limit.

    `margin`, V, is how far each molecule's potential is inside the limit; negative outside.
    """
    weights = np.exp(-np.abs(margin) / NEAR)
    return np.asarray(weights / weights.mean())


def _chances(estimated: np.ndarray, errors: np.ndarray) -> np.ndarray:
    """Return the probability that the full models' margin is at least 0, by estimated margin.

    A margin, in V, is how far a molecule's potential is inside the tightest limit; negative
    outside. For each estimated margin in `GRID` (−2 to 2 V), the probability is a share of the
    molecules of the sample: those whose error, added to this margin, gives at least 0. Molecules
    whose own estimated margin is near this margin have the largest weight, because errors are
    larger for molecules with unusual margins. The result never falls along `GRID`.

    Parameters
    ----------
    estimated : numpy.ndarray
        Shape (s,): margins of the molecules of the sample, as estimated by cross-validation.
    errors : numpy.ndarray
        Shape (s,): the full models' margins minus `estimated`.

    Returns
    -------
    numpy.ndarray
        Shape (len(GRID),).
    """
    chances = np.zeros(len(GRID))
    for place, margin in enumerate(GRID):
        weights = np.exp(-np.square((estimated - margin) / SMOOTHING) / 2)
        chances[place] = weights @ (errors >= -margin) / max(weights.sum(), 1e-9)
    return np.asarray(np.maximum.accumulate(chances))


def _share(mask: np.ndarray) -> float:
    """Return the share of True values in a mask; 1 if the mask is empty."""
    return float(mask.mean()) if len(mask) else 1.0
