"""Paired tests of a candidate version and the champion on the same labels or measurements."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from organode.errors import OrganodeError
from organode.models.metrics import half_width, is_covered

RESAMPLES = 5_000
SEED = 20
MEASURED_ROW = ["smiles", "solvent", "doi", "measured", "repeat"]  # columns that identify a row
COUPLE = ["side", "smiles"]  # columns that identify a couple
MODELS = ("candidate", "champion")


@dataclass(frozen=True)
class Comparison:
    """The errors of two models on the same rows.

    Attributes
    ----------
    measure, unit : str
        The measure that decides, such as ``test MAE``, and its unit.
    rows : str
        What the result calls the rows: ``rows``, or ``couples`` for redox couples.
    n : int
        Number of rows.
    measures : pandas.DataFrame
        Columns `candidate` and `champion`; a row for each measure, such as ``MAE / eV``. The
        first measure is the one that decides.
    difference, low, high : float
        Mean of the candidate's error − the champion's, and the 95 % interval of that mean by a
        paired bootstrap (Efron and Tibshirani, An Introduction to the Bootstrap, 1993).
    """

    measure: str
    unit: str
    rows: str
    n: int
    measures: pd.DataFrame
    difference: float
    low: float
    high: float

    @property
    def is_better(self) -> bool:
        """Whether the candidate's error is smaller by more than chance: `high` is below 0."""
        return self.high < 0

    @property
    def is_worse(self) -> bool:
        """Whether the candidate's error is larger by more than chance: `low` is above 0."""
        return self.low > 0

    def sentence(self) -> str:
        """Return the result as one line: both errors, and the interval of their difference."""
        unit = f" {self.unit}" if self.unit else ""
        errors = self.measures.iloc[0]
        return (
            f"{self.measure} {errors['candidate']:.4f}{unit} against {errors['champion']:.4f}{unit}"
            f" on the same {self.n:,} {self.rows}: difference {self.difference:+.4f}{unit}, "
            f"95 % interval {self.low:+.4f} to {self.high:+.4f}"
        )


def compare_energies(candidate: pd.DataFrame, champion: pd.DataFrame) -> Comparison:
    """Compare two models' predictions of the test set.

    Parameters
    ----------
    candidate, champion : pandas.DataFrame
        Rows of the test set only: `row` (its number in the raw table), `label`, `outer` (the
        prediction), `lower` and `upper` (bounds of its interval), in eV.

    Raises
    ------
    OrganodeError
        If the rows or their labels are not the same.
    """
    tables = [table.set_index("row").sort_index() for table in (candidate, champion)]
    if not tables[0]["label"].equals(tables[1]["label"]):
        raise OrganodeError("the two models were not tested on the same rows with the same labels")
    return _compare_errors("test", "eV", "", tables)


def compare_measured(candidate: pd.DataFrame, champion: pd.DataFrame) -> Comparison | None:
    """Compare two models on the measured potentials that both were tested on.

    What is tested is the laboratory scale, a model's step from energies (eV) to potentials (V).
    Errors within a family of molecules are alike, so the bootstrap draws whole families.

    Parameters
    ----------
    candidate, champion : pandas.DataFrame
        The tables `measured.csv` that the stage `evaluate` wrote: `smiles`, `solvent`, `doi` (of
        the measurement), `family`, and in V vs Fc/Fc⁺ `measured`, `left_out` (predicted by a fit
        without this family), `lower` and `upper` (bounds of its interval).

    Returns
    -------
    Comparison or None
        None if the tables have no row in common.
    """
    tables = [_identified_rows(table) for table in (candidate, champion)]
    common = tables[0].index.intersection(tables[1].index)
    if common.empty:
        return None
    tables = [table.loc[common] for table in tables]
    families = pd.factorize(tables[0]["family"])[0]
    return _compare_errors("measured", "V", "measured: ", tables, families)


def _identified_rows(table: pd.DataFrame) -> pd.DataFrame:
    """Return measured potentials indexed by `MEASURED_ROW`; `repeat` numbers equal rows."""
    table = table.assign(label=table["measured"], outer=table["left_out"])
    table["doi"] = table["doi"].fillna("")
    table["repeat"] = table.groupby(MEASURED_ROW[:-1]).cumcount()
    return table.set_index(MEASURED_ROW)


def compare_couples(candidate: pd.DataFrame, champion: pd.DataFrame) -> Comparison:
    """Compare two stability models on the redox couples that both were tested on.

    Ions within a family of molecules are alike, so the bootstrap draws whole families.

    Parameters
    ----------
    candidate, champion : pandas.DataFrame
        The tables `couples.csv` that the stage `stability` wrote: `side` (``oxidised`` or
        ``reduced``: the form that is stable or not), `smiles`, `family`, `reversible` (observed)
        and `left_out`, the predicted probability by a fit to the other families.

    Raises
    ------
    OrganodeError
        If the two tables differ in their couples, or in whether a couple is reversible.
    """
    tables = [table.set_index(COUPLE).sort_index() for table in (candidate, champion)]
    if not tables[0]["reversible"].equals(tables[1]["reversible"]):
        raise OrganodeError("the two models were not tested on the same couples")
    reversible = tables[0]["reversible"].to_numpy(float)
    distances = [np.abs(table["left_out"].to_numpy() - reversible) for table in tables]
    measures = [
        {
            "Brier score": np.square(distance).mean(),
            "mean distance from what was seen": distance.mean(),
            "on the wrong side of 0.5": (distance > 0.5).mean(),
        }
        for distance in distances
    ]
    squares = [np.square(distance) for distance in distances]
    families = pd.factorize(tables[0]["family"])[0]
    return _comparison("Brier score", "", "couples", measures, squares, families)


def _compare_errors(
    rows: str,
    unit: str,
    prefix: str,
    tables: list[pd.DataFrame],
    group: np.ndarray | None = None,
) -> Comparison:
    """Compare the absolute errors of `outer` against `label` in two tables with the same rows."""
    errors = [(table["outer"] - table["label"]).abs().to_numpy() for table in tables]
    measures = [
        {
            f"{prefix}MAE / {unit}": error.mean(),
            f"{prefix}RMSE / {unit}": np.sqrt(np.square(error).mean()),
            f"{prefix}covered": is_covered(table).mean(),
            f"{prefix}half-width / {unit}": half_width(table).mean(),
        }
        for error, table in zip(errors, tables, strict=True)
    ]
    return _comparison(f"{rows} MAE", unit, "rows", measures, errors, group)


def _comparison(
    measure: str,
    unit: str,
    rows: str,
    measures: list[dict[str, float]],
    errors: list[np.ndarray],
    group: np.ndarray | None,
) -> Comparison:
    differences = errors[0] - errors[1]
    low, high = mean_interval(differences, group)
    table = pd.DataFrame(dict(zip(MODELS, measures, strict=True)))
    mean = float(differences.mean())
    return Comparison(measure, unit, rows, len(differences), table, mean, low, high)


def mean_interval(differences: np.ndarray, group: np.ndarray | None = None) -> tuple[float, float]:
    """Return the 95 % bootstrap interval of the mean of paired differences.

    Parameters
    ----------
    differences : numpy.ndarray
        Shape (n,).
    group : numpy.ndarray, optional
        Shape (n,), the number of each row's group, from 0: rows of a group are drawn together. By
        default each row is a group of its own.

    Returns
    -------
    low, high : float
        Quantiles 0.025 and 0.975 of the mean over `RESAMPLES` draws of as many groups.
    """
    random = np.random.default_rng(SEED)
    group = np.arange(len(differences)) if group is None else group
    total, size = np.bincount(group, differences), np.bincount(group)
    draws = random.integers(len(size), size=(RESAMPLES, len(size)))
    means = total[draws].sum(axis=1) / size[draws].sum(axis=1)
    low, high = np.quantile(means, [0.025, 0.975])
    return float(low), float(high)
