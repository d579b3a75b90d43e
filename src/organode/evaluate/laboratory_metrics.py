"""Metrics of the laboratory scale against measured potentials, each family left out in turn."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from organode.models.metrics import half_width, is_covered

COLUMNS = (
    "name",
    "smiles",
    "family",
    "solvent",
    "reversible",
    "doi",
    "measured",
    "left_out",
    "lower",
    "upper",
)


def against_measured(table: pd.DataFrame, level: float) -> dict[str, Any]:
    """Return errors and coverage against measured potentials.

    Parameters
    ----------
    table : pandas.DataFrame
        As from `Scale.table`: V vs Fc/Fc⁺.
    level : float
        Of its intervals.

    Returns
    -------
    dict
        `level`; `n` rows and number of `families`; `mae`, `median_abs`, `rmse`, `bias` (median of
        predicted − measured) and `half_width` (median), in V; `covered`, the share inside the
        interval; `by_line`, the MAE of a straight line; and, if there are reversible waves,
        `reversible`: the same metrics of these.
    """
    metrics: dict[str, Any] = {"level": level, **_metrics(table)}
    reversible = table[table["reversible"] == "yes"]
    if len(reversible):
        metrics["reversible"] = _metrics(reversible)
    return metrics


def by_family(table: pd.DataFrame) -> pd.DataFrame:
    """Return n, MAE, bias, coverage and half-width (V, median) of each family, largest first."""
    rows = [{"family": family, **_metrics(part)} for family, part in table.groupby("family")]
    columns = ["family", "n", "mae", "bias", "covered", "half_width"]
    families = pd.DataFrame(rows).reindex(columns=columns)
    return families.sort_values(["n", "family"], ascending=[False, True], ignore_index=True)


def _metrics(table: pd.DataFrame) -> dict[str, float]:
    error = table["left_out"] - table["measured"]
    scored = table.assign(label=table["measured"])
    values = {
        "mae": error.abs().mean(),
        "median_abs": error.abs().median(),
        "bias": error.median(),
        "rmse": np.sqrt(error.pow(2).mean()),
        "covered": is_covered(scored).mean(),
        "half_width": half_width(scored).median(),
        "by_line": (table["by_line"] - table["measured"]).abs().mean(),
    }
    finite = {name: round(float(value), 4) for name, value in values.items() if np.isfinite(value)}
    return {"n": len(table), "families": table["family"].nunique(), **finite}
