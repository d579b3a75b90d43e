"""Compare two registered models by paired tests on the same labels or measurements.

The champion is the version in use; the candidate is the version that may replace the champion.
"""

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
    """The errors of two models, the candidate and the champion, on the same rows of data.

    Attributes
    ----------
    measure, unit : str
        The error measure that decides which model is better, such as ``test MAE``, and the unit of
        this measure (empty for the Brier score).
    rows : str
        The word for the rows in `sentence`: ``rows`` or, if they are redox couples, ``couples``.
    n : int
        Number of rows.
    measures : pandas.DataFrame
        Columns `candidate` and `champion`; a row for each error measure, such as ``MAE / eV``. The
        measure in the first row decides.
    difference, low, high : float
        Mean over the rows of the candidate's error minus the champion's error, and the bounds of
        the 95 % interval of that mean by a paired bootstrap (Efron and Tibshirani,
        An Introduction to the Bootstrap, 1993).
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
        """Whether the candidate's error is significantly below the champion's (`high` < 0)."""
        return self.high < 0

    @property
    def is_worse(self) -> bool:
        """Whether the candidate's error is significantly above the champion's (`low` > 0)."""
        return self.low > 0

    def sentence(self) -> str:
        """Return the result as one line: both models' errors, their difference and its interval."""
        unit = f" {self.unit}" if self.unit else ""
        errors = self.measures.iloc[0]
        return (
            f"{self.measure} {errors['candidate']:.4f}{unit} against {errors['champion']:.4f}{unit}"
            f" on the same {self.n:,} {self.rows}: difference {self.difference:+.4f}{unit}, "
            f"95 % interval {self.low:+.4f} to {self.high:+.4f}"
        )


def compare_energies(candidate: pd.DataFrame, champion: pd.DataFrame) -> Comparison:
    """Compare two models' predictions of the energies (IE or EA) in the test set.

    Parameters
    ----------
    candidate, champion : pandas.DataFrame
        The predictions of each model, for rows of the test set only: `row` (number of the row in
        the raw table) and, in eV, `label` (the true energy), `outer` (the predicted energy),
        `lower` and `upper` (bounds of the prediction's interval).

    Raises
    ------
    OrganodeError
        If the two tables differ in the rows or in the labels.
    """
    tables = [table.set_index("row").sort_index() for table in (candidate, champion)]
    if not tables[0]["label"].equals(tables[1]["label"]):
        raise OrganodeError("the two models were not tested on the same rows with the same labels")
    return _compare_errors("test", "eV", "", tables)


def compare_measured(candidate: pd.DataFrame, champion: pd.DataFrame) -> Comparison | None:
    """Compare two models on the measured potentials that both were tested on.

    This tests the laboratory scale, the part of a model that converts energies (eV) to potentials
    (V). Molecules of one family have similar errors, so the bootstrap draws whole families.

    Parameters
    ----------
    candidate, champion : pandas.DataFrame
        The table `measured.csv` that the stage `evaluate` wrote for each model: `smiles`,
        `solvent`, `doi` (of the measurement), `family` of the molecule, and in V vs Fc/Fc⁺
        `measured`, `left_out` (the potential predicted by a fit without the molecule's family),
        `lower` and `upper` (bounds of the interval of `left_out`).

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
    """Return a table of measured potentials with an index that identifies each row.

    The index consists of the columns `MEASURED_ROW`: SMILES, solvent, DOI, measured potential and
    `repeat`, which numbers the rows that agree in all of these. `label` and `outer` are added as
    copies of `measured` and `left_out`.
    """
    table = table.assign(label=table["measured"], outer=table["left_out"])
    table["doi"] = table["doi"].fillna("")
    table["repeat"] = table.groupby(MEASURED_ROW[:-1]).cumcount()
    return table.set_index(MEASURED_ROW)


def compare_couples(candidate: pd.DataFrame, champion: pd.DataFrame) -> Comparison:
    """Compare two stability models on the redox couples that both were tested on.

    The Brier score decides. Molecules of one family have similar errors, so the bootstrap draws
    whole families.

    Parameters
    ----------
    candidate, champion : pandas.DataFrame
        The table `couples.csv` that the stage `stability` wrote for each model: `side`
        (``oxidised`` or ``reduced``: the form that is stable or not), `smiles`, `family` of the
        molecule, `reversible` (whether the couple was observed to be reversible) and `left_out`
        (the probability that the form is stable, predicted by a fit to the other families).

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
    """Compare two models by the absolute difference of prediction `outer` and true value `label`.

    Parameters
    ----------
    rows : str
        First word of the deciding measure: ``test`` or ``measured``.
    unit : str
        Unit of `outer` and `label`.
    prefix : str
        Beginning of the name of each measure.
    tables : list of pandas.DataFrame
        The tables of the candidate and of the champion, with the same rows.
    group : numpy.ndarray, optional
        Number of each row's group, as in `mean_interval`.
    """
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
        Shape (n,): for each difference, the number of its group, from 0. The bootstrap draws all
        differences of a group together. By default each difference is a group of its own.

    Returns
    -------
    low, high : float
        The 0.025 and 0.975 quantiles of the mean over `RESAMPLES` bootstrap samples. Each sample
        has as many groups as the data, drawn with replacement.
    """
    random = np.random.default_rng(SEED)
    group = np.arange(len(differences)) if group is None else group
    total, size = np.bincount(group, differences), np.bincount(group)
    draws = random.integers(len(size), size=(RESAMPLES, len(size)))
    means = total[draws].sum(axis=1) / size[draws].sum(axis=1)
    low, high = np.quantile(means, [0.025, 0.975])
    return float(low), float(high)
