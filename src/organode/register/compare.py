"""A candidate and the champion on the same rows: a paired test."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from organode.errors import OrganodeError
from organode.metrics import half_width, is_covered

RESAMPLES = 5_000
SEED = 20


@dataclass(frozen=True)
class Comparison:
    """What the outer test rows say of two models.

    Attributes
    ----------
    n : int
        Rows.
    measures : pandas.DataFrame
        Rows `MAE / eV`, `RMSE / eV`, `covered`, `half-width / eV`; columns `candidate`,
        `champion`.
    difference, low, high : float
        Mean of |error of the candidate| − |error of the champion|, eV, and the 95 % interval of
        that mean by a paired bootstrap (Efron and Tibshirani, An Introduction to the Bootstrap,
        1993).
    """

    n: int
    measures: pd.DataFrame
    difference: float
    low: float
    high: float

    @property
    def is_better(self) -> bool:
        """Whether the candidate's smaller error is more than chance among these rows."""
        return self.high < 0

    def sentence(self) -> str:
        """Say it in one line."""
        errors = self.measures.loc["MAE / eV"]
        return (
            f"outer MAE {errors['candidate']:.4f} eV against {errors['champion']:.4f} eV on the "
            f"same {self.n:,} rows: difference {self.difference:+.4f} eV, 95 % interval "
            f"{self.low:+.4f} to {self.high:+.4f}"
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
    errors = [(table["outer"] - table["label"]).abs().to_numpy() for table in (mine, theirs)]
    gain = errors[0] - errors[1]
    low, high = mean_interval(gain)
    columns = {
        name: {
            "MAE / eV": error.mean(),
            "RMSE / eV": np.sqrt(np.square(error).mean()),
            "covered": is_covered(table).mean(),
            "half-width / eV": half_width(table).mean(),
        }
        for name, error, table in zip(
            ("candidate", "champion"), errors, (mine, theirs), strict=True
        )
    }
    return Comparison(len(gain), pd.DataFrame(columns), float(gain.mean()), low, high)


def mean_interval(differences: np.ndarray) -> tuple[float, float]:
    """Return the 95 % bootstrap interval of the mean of paired differences, shape (n,)."""
    random = np.random.default_rng(SEED)
    picks = random.integers(len(differences), size=(RESAMPLES, len(differences)))
    low, high = np.quantile(differences[picks].mean(axis=1), [0.025, 0.975])
    return float(low), float(high)
