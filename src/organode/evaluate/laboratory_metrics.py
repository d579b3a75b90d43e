"""How far the laboratory scale is from measured potentials, each family predicted by the others."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from organode.models.metrics import half_width, is_covered

COLUMNS = (
    "name", "smiles", "family", "solvent", "reversible", "doi", "measured", "left_out", "lower",
    "upper",
)  # fmt: skip


def against_measured(table: pd.DataFrame, level: float) -> dict[str, Any]:
    """Return errors and coverage against measurement.

    Parameters
    ----------
    table : pandas.DataFrame
        As `Scale.table` returns it: V vs Fc/Fc⁺.
    level : float
        Of the intervals in it.

    Returns
    -------
    dict
        `level`; `n` rows of so many `families`; `mae`, `median_abs` and `rmse`, `bias` (median of
        predicted − measured) and `half_width` (median), in V; `covered`, the share inside the
        interval; `by_line`, the MAE of one straight line in the scale's place; and, where there
        are such rows, `reversible`: the same of the reversible ones.
    """
    found: dict[str, Any] = {"level": level, **_measures(table)}
    sure = table[table["reversible"] == "yes"]
    if len(sure):
        found["reversible"] = _measures(sure)
    return found


def by_family(table: pd.DataFrame) -> pd.DataFrame:
    """Return n, MAE, bias, coverage and half-width (V, median) of each family, largest first."""
    rows = [{"family": family, **_measures(part)} for family, part in table.groupby("family")]
    columns = ["family", "n", "mae", "bias", "covered", "half_width"]
    found = pd.DataFrame(rows).reindex(columns=columns)
    return found.sort_values(["n", "family"], ascending=[False, True], ignore_index=True)


def _measures(table: pd.DataFrame) -> dict[str, float]:
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
    finite = {name: round(float(each), 4) for name, each in values.items() if np.isfinite(each)}
    return {"n": len(table), "families": table["family"].nunique(), **finite}
