"""Metrics of the probabilities of stability, each family left out in turn."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from organode.electrochemistry.stability.chance import accuracy_of

NUMBERS = ("n", "broken", "auc", "error", "spread")  # of a signal
EDGES = (0.0, 0.1, 0.3, 0.5, 0.7, 0.9, 1.0)  # of the probability


def metrics_of(couples: pd.DataFrame, signals: pd.DataFrame) -> dict[str, Any]:
    """Return metrics of the couples, each predicted without its family.

    Parameters
    ----------
    couples : pandas.DataFrame
        `Stability.couples`.
    signals : pandas.DataFrame
        Errors of the computed signals, as from
        `organode.electrochemistry.stability.signals.errors_of`.

    Returns
    -------
    dict
        `left_out`, as from `accuracy_of`, with `calibration_error`, the mean distance between the
        predicted probability and the share of reversible couples, over bins of the probability;
        `by_side` and `by_origin`: as from `accuracy_of`, of each part; `signals`: the numbers of
        that table by side and signal.
    """
    metrics = accuracy_of(couples)
    bins = reliability_diagram(couples)
    distance = (bins["predicted"] - bins["reversible"]).abs()
    metrics["calibration_error"] = round(float(np.average(distance, weights=bins["n"])), 4)
    return {
        "left_out": metrics,
        "by_side": {side: accuracy_of(part) for side, part in couples.groupby("side")},
        "by_origin": {origin: accuracy_of(part) for origin, part in couples.groupby("origin")},
        "signals": {
            str(side): {
                str(row["signal"]): {name: row[name] for name in NUMBERS if pd.notna(row[name])}
                for row in part.astype(object).to_dict("records")
            }
            for side, part in signals.groupby("side")
        },
    }


def reliability_diagram(couples: pd.DataFrame) -> pd.DataFrame:
    """Return mean probability, share of reversible couples, and n, by bins of the probability."""
    groups = couples.groupby(pd.cut(couples["left_out"], EDGES, include_lowest=True), observed=True)
    return groups.agg(
        predicted=("left_out", "mean"), reversible=("reversible", "mean"), n=("left_out", "size")
    ).reset_index(drop=True)
