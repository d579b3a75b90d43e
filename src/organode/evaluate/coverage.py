"""Coverage of error bars (share of labels inside): overall, by group, in screening decisions."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from organode.models.metrics import half_width, is_covered

EDGES = (0.0, 0.4, 0.5, 0.6, 0.7, 0.8, 1.0)  # of the similarity to the nearest training molecule
LEVELS = (0.5, 0.68, 0.8, 0.9, 0.95, 0.98)  # nominal coverage of intervals
FEWEST = 20  # rows; smaller groups are not reported


def coverage(table: pd.DataFrame) -> dict[str, float]:
    """Return metrics of the prediction intervals on the test set.

    Parameters
    ----------
    table : pandas.DataFrame
        The test set: `label`, `outer` (prediction), `lower` and `upper` (ends of the interval), all
        in eV, and `in_domain` (whether a molecule is in the applicability domain).

    Returns
    -------
    dict
        `covered` (share of labels inside their interval), `half_width` (mean half-width of the
        interval, eV), `flagged` (share of molecules outside the applicability domain),
        `mae_in_domain` and `mae_out_of_domain` (mean absolute error, eV). A metric that is
        infinite, or of no molecules, is left out.
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
    """Return metrics of groups of molecules by similarity to the nearest training molecule.

    The result is that of `by_group`. `table` has the columns for `by_group`, and `similarity`
    (Tanimoto, 0 to 1). The groups are bins of similarity, with names such as ``0.4 to 0.5``.
    """
    bins = pd.cut(table["similarity"], EDGES, include_lowest=True)
    names = bins.map(lambda interval: f"{max(interval.left, 0):.1f} to {interval.right:.1f}")
    return by_group(table, names)


def by_group(table: pd.DataFrame, names: pd.Series) -> pd.DataFrame:
    """Return metrics of each group of at least `FEWEST` rows.

    Parameters
    ----------
    table : pandas.DataFrame
        Columns `label`, `outer` (prediction), `lower` and `upper` (ends of the interval), eV.
    names : pandas.Series
        The group of each row.

    Returns
    -------
    pandas.DataFrame
        Columns `group`, `n` (number of rows), `mae` (mean absolute error, eV), `covered` (share of
        labels inside their interval) and `half_width` (mean half-width of the interval, eV); no
        rows if all groups have fewer than `FEWEST` rows.
    """
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
    """Return the coverage of central intervals at each level in `LEVELS`.

    Parameters
    ----------
    quantile : pandas.Series
        Quantile of each label in its predictive distribution, 0 to 1.

    Returns
    -------
    pandas.DataFrame
        Columns `level` (nominal coverage), `covered` (share of labels inside the interval) and `n`
        (number of labels).
    """
    covered = [((quantile - 0.5).abs() <= level / 2).mean() for level in LEVELS]
    return pd.DataFrame({"level": LEVELS, "covered": np.round(covered, 4), "n": len(quantile)})


def decisions(table: pd.DataFrame, low: float, high: float) -> dict[str, Any]:
    """Compare two sets of molecules: whole interval in a window, and label in this window.

    Parameters
    ----------
    table : pandas.DataFrame
        Columns `label`, `lower` and `upper` (ends of the prediction interval), eV.
    low, high : float
        Ends of the window, eV.

    Returns
    -------
    dict
        Numbers of molecules: `certified` (the interval is in the window), `inside` (the label is in
        the window) and `right` (both are in the window); `precision`, which is right / certified,
        or 0 if `certified` is 0; `recall`, which is right / inside, or 0 if `inside` is 0.
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
