"""Error measures in eV."""

from __future__ import annotations

import numpy as np


def errors(label: np.ndarray, prediction: np.ndarray) -> dict[str, float]:
    """Return the measures that every part of `metrics.json` holds.

    Parameters
    ----------
    label, prediction : numpy.ndarray
        Shape (n,), eV.

    Returns
    -------
    dict
        `mae`, `rmse`, `sd_abs_error` in eV, `r2` (coefficient of determination) and `n`.
    """
    residual = prediction - label
    absolute = np.abs(residual)
    total = np.square(label - label.mean()).sum()
    values = {
        "mae": absolute.mean(),
        "rmse": np.sqrt(np.square(residual).mean()),
        "r2": 1 - np.square(residual).sum() / total if total > 0 else 0.0,
        "sd_abs_error": absolute.std(),
    }
    return {name: round(float(value), 6) for name, value in values.items()} | {"n": len(label)}
