"""Metrics of predictions and of their error bars."""

from __future__ import annotations

import numpy as np
import pandas as pd

TAIL = 0.02  # share of the rows at either end of the labels


def errors(label: np.ndarray, prediction: np.ndarray) -> dict[str, float]:
    """Return the error metrics of predictions.

    Parameters
    ----------
    label, prediction : numpy.ndarray
        Shape (n,), eV: true value and predicted value of each row.

    Returns
    -------
    dict
        `mae`, `rmse` and `sd_abs_error` (standard deviation of the absolute error) in eV, `r2`
        (coefficient of determination), `spearman` (rank correlation), `tail_slope`, and `n`, the
        number of rows. The tail slope is the slope of the least-squares line of prediction against
        label through the rows with the lowest and the highest 2 % of labels. If it is below 1,
        extreme labels are predicted too close to the mean; if it is 0, predictions do not depend on
        the extreme labels. If all labels are equal, `r2`, `spearman` and `tail_slope` are
        undefined, and given as 0. If all predictions are equal, `spearman` is given as 0.
    """
    residual = prediction - label
    absolute = np.abs(residual)
    total = np.square(label - label.mean()).sum()
    values = {
        "mae": absolute.mean(),
        "rmse": np.sqrt(np.square(residual).mean()),
        "r2": 1 - np.square(residual).sum() / total if total > 0 else 0.0,
        "sd_abs_error": absolute.std(),
        "spearman": _spearman(label, prediction),
        "tail_slope": _tail_slope(label, prediction),
    }
    return {name: round(float(value), 6) for name, value in values.items()} | {"n": len(label)}


def is_covered(table: pd.DataFrame) -> pd.Series:
    """Return for each row whether the column `label` is between the columns `lower` and `upper`."""
    return table["label"].between(table["lower"], table["upper"])


def half_width(table: pd.DataFrame) -> pd.Series:
    """Return for each row half the distance between the columns `lower` and `upper`.

    The result is infinite where a bound is infinite.
    """
    return (table["upper"] - table["lower"]) / 2


def _spearman(label: np.ndarray, prediction: np.ndarray) -> float:
    if np.ptp(label) == 0 or np.ptp(prediction) == 0:
        return 0.0
    pairs = pd.DataFrame({"label": label, "prediction": prediction})
    # By pandas, since importing scipy.stats takes longer than all other metrics.
    return float(pairs.corr(method="spearman").to_numpy()[0, 1])


def _tail_slope(label: np.ndarray, prediction: np.ndarray) -> float:
    low, high = np.quantile(label, [TAIL, 1 - TAIL])
    extreme = (label <= low) | (label >= high)
    deviation = label[extreme] - label[extreme].mean()
    spread = np.square(deviation).sum()
    return float((deviation * prediction[extreme]).sum() / spread) if spread > 0 else 0.0
