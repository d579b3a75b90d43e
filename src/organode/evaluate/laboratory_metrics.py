"""Metrics of the laboratory scale against measured potentials.

The laboratory scale is the model that turns predicted energies into potentials. Each family, which
is a class of molecules such as quinones, is predicted by a fit to all other families.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from organode.models.metrics import half_width, is_covered

# Columns of the table `measured.csv` that the stage `evaluate` writes.
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
    """Return metrics of potentials predicted by the laboratory scale against measured potentials.

    Parameters
    ----------
    table : pandas.DataFrame
        As from `organode.electrochemistry.scale.laboratory.Scale.table`: each potential as
        measured, and as predicted without the family of the molecule; V vs Fc/Fc⁺.
    level : float
        Nominal coverage of the intervals in the table, such as 0.95.

    Returns
    -------
    dict
        `level`; `n`, the number of rows; `families`, the number of families; `mae`, `median_abs`
        (median absolute error), `rmse`, `bias` (median of predicted − measured) and `half_width`
        (median half-width of the interval), in V; `covered`, the share of measured potentials
        inside their interval; `by_line`, the MAE of a straight line in the energy instead of the
        scale; and, if there are reversible waves, `reversible`, a dict with the metrics (without
        `level`) of the reversible waves alone. A metric that is not finite is left out.
    """
    metrics: dict[str, Any] = {"level": level, **_metrics(table)}
    reversible = table[table["reversible"] == "yes"]
    if len(reversible):
        metrics["reversible"] = _metrics(reversible)
    return metrics


def by_family(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table with metrics of each family of molecules, the largest family first.

    `table` is as for `against_measured`. The columns of the result are `family`, `n` (number of
    rows), `mae` and `bias` (median of predicted − measured) in V, `covered` (share of measured
    potentials inside their interval) and `half_width` (median half-width of the interval) in V.
    """
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
