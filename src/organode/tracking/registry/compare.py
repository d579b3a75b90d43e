"""A candidate and the champion on the same labels, potentials or couples: a paired test."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from organode.errors import OrganodeError
from organode.models.metrics import half_width, is_covered

RESAMPLES = 5_000
SEED = 20
SAME = ["smiles", "solvent", "doi", "measured", "repeat"]  # what makes two measured rows the same
COUPLE = ["side", "smiles"]  # likewise of two couples


@dataclass(frozen=True)
class Comparison:
    """What the same rows say of two models.

    Attributes
    ----------
    measure, unit : str
        What is compared, such as ``outer MAE``, and its unit.
    rows : str
        What rows are called.
    n : int
        Rows.
    measures : pandas.DataFrame
        That measure and others, a row each, the former first; columns `candidate`, `champion`.
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
        """Whether the candidate's smaller error is more than chance among these rows."""
        return self.high < 0

    @property
    def is_worse(self) -> bool:
        """Whether the candidate's larger error is more than chance among these rows."""
        return self.low > 0

    def sentence(self) -> str:
        """Say it in one line."""
        unit = f" {self.unit}" if self.unit else ""
        errors = self.measures.iloc[0]
        return (
            f"{self.measure} {errors['candidate']:.4f}{unit} against {errors['champion']:.4f}{unit}"
            f" on the same {self.n:,} {self.rows}: difference {self.difference:+.4f}{unit}, "
            f"95 % interval {self.low:+.4f} to {self.high:+.4f}"
        )


def compare(candidate: pd.DataFrame, champion: pd.DataFrame) -> Comparison:
    """Compare two models' predictions of the outer test rows.

    Parameters
    ----------
    candidate, champion : pandas.DataFrame
        Columns `row`, `label`, `outer`, `lower`, `upper` (eV), outer rows only.

    Raises
    ------
    OrganodeError
        If the rows or their labels are not the same.
    """
    mine, theirs = (table.set_index("row").sort_index() for table in (candidate, champion))
    if not mine["label"].equals(theirs["label"]):
        raise OrganodeError("the two models were not tested on the same rows with the same labels")
    return _of_energies("outer", "eV", "", mine, theirs)


def compare_measured(candidate: pd.DataFrame, champion: pd.DataFrame) -> Comparison | None:
    """Compare two laboratory scales by measured potentials that both were tested on.

    Molecules of a family are off alike, so that whole families are drawn for the interval.

    Parameters
    ----------
    candidate, champion : pandas.DataFrame
        As `evaluate` writes them: columns `smiles`, `solvent`, `doi`, `family`, `measured`,
        `left_out`, `lower`, `upper` (V vs Fc/Fc⁺).

    Returns
    -------
    Comparison or None
        None if no row is the same.
    """
    mine, theirs = (_by_row(table) for table in (candidate, champion))
    both = mine.index.intersection(theirs.index)
    if both.empty:
        return None
    families = pd.factorize(mine.loc[both, "family"])[0]
    return _of_energies("measured", "V", "measured: ", mine.loc[both], theirs.loc[both], families)


def _by_row(table: pd.DataFrame) -> pd.DataFrame:
    named = table.assign(label=table["measured"], outer=table["left_out"])
    named["doi"] = named["doi"].fillna("")
    named["repeat"] = named.groupby(SAME[:-1]).cumcount()
    return named.set_index(SAME)


def compare_couples(candidate: pd.DataFrame, champion: pd.DataFrame) -> Comparison:
    """Compare two models of which ions last by the couples that both were tested on.

    Ions of a family last alike, so that whole families are drawn for the interval.

    Parameters
    ----------
    candidate, champion : pandas.DataFrame
        As `stability` writes them: columns `side`, `smiles`, `family`, `reversible` and `left_out`,
        the probability by a fit to the other families.

    Raises
    ------
    OrganodeError
        If the couples, or what was seen of them, are not the same.
    """
    mine, theirs = (table.set_index(COUPLE).sort_index() for table in (candidate, champion))
    if not mine["reversible"].equals(theirs["reversible"]):
        raise OrganodeError("the two models were not tested on the same couples")
    seen = mine["reversible"].to_numpy(float)
    distances = [np.abs(table["left_out"].to_numpy() - seen) for table in (mine, theirs)]
    columns = {
        name: {
            "Brier score": np.square(distance).mean(),
            "mean distance from what was seen": distance.mean(),
            "on the wrong side of 0.5": (distance > 0.5).mean(),
        }
        for name, distance in zip(("candidate", "champion"), distances, strict=True)
    }
    squares = [np.square(distance) for distance in distances]
    families = pd.factorize(mine["family"])[0]
    return _compared("Brier score", "", "couples", columns, squares, families)


def _of_energies(
    rows: str, unit: str, of: str, mine: pd.DataFrame, theirs: pd.DataFrame,
    group: np.ndarray | None = None,
) -> Comparison:  # fmt: skip
    errors = [(table["outer"] - table["label"]).abs().to_numpy() for table in (mine, theirs)]
    columns = {
        name: {
            f"{of}MAE / {unit}": error.mean(),
            f"{of}RMSE / {unit}": np.sqrt(np.square(error).mean()),
            f"{of}covered": is_covered(table).mean(),
            f"{of}half-width / {unit}": half_width(table).mean(),
        }
        for name, error, table in zip(
            ("candidate", "champion"), errors, (mine, theirs), strict=True
        )
    }
    return _compared(f"{rows} MAE", unit, "rows", columns, errors, group)


def _compared(
    measure: str, unit: str, rows: str, columns: dict[str, dict[str, float]],
    errors: list[np.ndarray], group: np.ndarray | None,
) -> Comparison:  # fmt: skip
    gain = errors[0] - errors[1]
    low, high = mean_interval(gain, group)
    measures = pd.DataFrame(columns)
    return Comparison(measure, unit, rows, len(gain), measures, float(gain.mean()), low, high)


def mean_interval(differences: np.ndarray, group: np.ndarray | None = None) -> tuple[float, float]:
    """Return the 95 % bootstrap interval of the mean of paired differences.

    Parameters
    ----------
    differences : numpy.ndarray
        Shape (n,).
    group : numpy.ndarray, optional
        Shape (n,), numbered from 0: rows of a group are drawn together. Each alone if omitted.
    """
    random = np.random.default_rng(SEED)
    group = np.arange(len(differences)) if group is None else group
    total, size = np.bincount(group, differences), np.bincount(group)
    picks = random.integers(len(size), size=(RESAMPLES, len(size)))
    means = total[picks].sum(axis=1) / size[picks].sum(axis=1)
    low, high = np.quantile(means, [0.025, 0.975])
    return float(low), float(high)
