"""How well probabilities of families that were left out tell what lasts."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from organode.electrochemistry.stability.chance import accuracy_of

EDGES = (0.0, 0.1, 0.3, 0.5, 0.7, 0.9, 1.0)  # of the probability


def metrics_of(couples: pd.DataFrame) -> dict[str, Any]:
    """Return errors of the couples, each predicted without its family.

    Parameters
    ----------
    couples : pandas.DataFrame
        `Stability.couples`.

    Returns
    -------
    dict
        `left_out`, as `accuracy_of` gives it, and `calibration_error`, the mean distance between a
        probability and the share that was reversible, over bins of the probability; `by_side` and
        `by_origin`, the same of each part.
    """
    found = accuracy_of(couples)
    bins = reliability_diagram(couples)
    distance = (bins["predicted"] - bins["reversible"]).abs()
    found["calibration_error"] = round(float(np.average(distance, weights=bins["n"])), 4)
    return {
        "left_out": found,
        "by_side": {side: accuracy_of(part) for side, part in couples.groupby("side")},
        "by_origin": {origin: accuracy_of(part) for origin, part in couples.groupby("origin")},
    }


def reliability_diagram(couples: pd.DataFrame) -> pd.DataFrame:
    """Return mean probability, share that was reversible, and n, by bins of the probability."""
    groups = couples.groupby(pd.cut(couples["left_out"], EDGES, include_lowest=True), observed=True)
    return groups.agg(
        predicted=("left_out", "mean"), reversible=("reversible", "mean"), n=("left_out", "size")
    ).reset_index(drop=True)
