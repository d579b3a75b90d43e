"""Metrics of predicted probabilities that radical ions are stable.

Each family of molecules is predicted by a fit to all other families.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from organode.electrochemistry.stability.chance import accuracy_of

NUMBERS = ("n", "broken", "auc", "error", "spread")  # of a signal, as named by `errors_of`
EDGES = (0.0, 0.1, 0.3, 0.5, 0.7, 0.9, 1.0)  # edges of the bins of the probability


def metrics_of(couples: pd.DataFrame, signals: pd.DataFrame) -> dict[str, Any]:
    """Return metrics of predicted probabilities of stability and of predicted xTB signals.

    Parameters
    ----------
    couples : pandas.DataFrame
        Redox couples, as in `organode.electrochemistry.stability.chance.Stability.couples`:
        `reversible` (bool, as observed), `left_out` (probability that the ion is stable, predicted
        by a fit without the `family` of the molecule), `side` (``oxidised`` or ``reduced`` form)
        and `origin` (``measured`` or ``literature``).
    signals : pandas.DataFrame
        Errors of the predicted signals (properties of relaxed ions that show instability), as from
        `organode.electrochemistry.stability.signals.errors_of`.

    Returns
    -------
    dict
        `left_out`: metrics of all couples as from
        `organode.electrochemistry.stability.chance.accuracy_of`, and `calibration_error`: the mean
        distance, over bins of the probability, between the mean probability and the share of
        reversible couples, weighted by the number of couples. `by_side` and `by_origin`: metrics as
        from `accuracy_of` for the couples of each side and each origin. `signals`: for each side
        and signal, the numbers in the table `signals`, such as `error`, a mean absolute error.
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
    """Return a table with one row for each bin of the predicted probability that has couples.

    The columns are `predicted` (mean probability that the ion is stable), `reversible` (share of
    reversible couples) and `n` (number of couples). `couples` is as for `metrics_of`.
    """
    groups = couples.groupby(pd.cut(couples["left_out"], EDGES, include_lowest=True), observed=True)
    return groups.agg(
        predicted=("left_out", "mean"), reversible=("reversible", "mean"), n=("left_out", "size")
    ).reset_index(drop=True)
