"""Coverage of error bars, overall, by group and for the decisions of a screening."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from organode.models.metrics import half_width, is_covered

EDGES = (0.0, 0.4, 0.5, 0.6, 0.7, 0.8, 1.0)  # of the similarity to the nearest training molecule
LEVELS = (0.5, 0.68, 0.8, 0.9, 0.95, 0.98)
FEWEST = 20  # rows in a group that is reported


def coverage(table: pd.DataFrame) -> dict[str, float]:
    """Return metrics of the intervals of the test set.

    Parameters
    ----------
    table : pandas.DataFrame
        Columns `label`, `outer`, `lower`, `upper` (eV), `in_domain`.

    Returns
    -------
    dict
        `covered` (share of labels inside their interval), `half_width` (mean, eV), `flagged` (share
        outside the domain), `mae_in_domain` and `mae_out_of_domain` (eV).
    """
    error = (table["outer"] - table["label"]).abs()
    inside = table["in_domain"].astype(bool)
    values = {
        "covered": is_covered(table).mean(),
        "half_width": half_width(table).mean(),
        "flagged": (~inside).mean(),
        "mae_in_domain": error[inside].mean() if inside.any() else np.nan,
        "mae_out_of_domain": error[~inside].mean() if (~inside).any() else np.nan,
    }
    return {name: round(float(value), 4) for name, value in values.items() if np.isfinite(value)}


def by_similarity(table: pd.DataFrame) -> pd.DataFrame:
    """Return n, MAE, coverage and half-width by similarity to the nearest training molecule."""
    bins = pd.cut(table["similarity"], EDGES, include_lowest=True)
    names = bins.map(lambda interval: f"{max(interval.left, 0):.1f} to {interval.right:.1f}")
    return by_group(table, names)


def by_group(table: pd.DataFrame, names: pd.Series) -> pd.DataFrame:
    """Return n, MAE (eV), coverage and mean half-width (eV) of each group of `FEWEST` rows."""
    measured = pd.DataFrame(
        {
            "group": names.astype("str").to_numpy(),
            "mae": (table["outer"] - table["label"]).abs().to_numpy(),
            "covered": is_covered(table).to_numpy(),
            "half_width": half_width(table).to_numpy(),
        }
    )
    groups = measured.groupby("group", sort=True)
    means = groups.mean().round(4)
    means.insert(0, "n", groups.size())
    return means[means["n"] >= FEWEST].reset_index()


def by_level(quantile: pd.Series) -> pd.DataFrame:
    """Return the coverage of intervals of several levels.

    Parameters
    ----------
    quantile : pandas.Series
        Quantile of each label in its predictive distribution, 0 to 1.

    Returns
    -------
    pandas.DataFrame
        Columns `level`, `covered` (shares) and `n`.
    """
    covered = [((quantile - 0.5).abs() <= level / 2).mean() for level in LEVELS]
    return pd.DataFrame({"level": LEVELS, "covered": np.round(covered, 4), "n": len(quantile)})


def decisions(table: pd.DataFrame, low: float, high: float) -> dict[str, Any]:
    """Compare the decision "the whole interval is inside the window" with that by the label.

    Parameters
    ----------
    table : pandas.DataFrame
        Columns `label`, `lower`, `upper` (eV).
    low, high : float
        The window, eV.

    Returns
    -------
    dict
        Numbers of molecules (`certified`, `right`, `inside`), `precision` (share of the certified
        whose label is inside) and `recall` (share of those inside that are certified).
    """
    certified = (table["lower"] >= low) & (table["upper"] <= high)
    inside = table["label"].between(low, high)
    right = int((certified & inside).sum())
    return {
        "certified": int(certified.sum()),
        "right": right,
        "inside": int(inside.sum()),
        "precision": round(right / max(int(certified.sum()), 1), 4),
        "recall": round(right / max(int(inside.sum()), 1), 4),
    }
