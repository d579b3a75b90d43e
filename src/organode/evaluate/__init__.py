"""How good the ensemble is: on the outer rows, out of fold, and against measured potentials.

The thesis's own number is computed too.
"""

from pathlib import Path
from typing import Any

from organode.checksums import damaged, read_json

RESULTS = Path("results/evaluate")
HEADLINES = Path("results/headline")
PREDICTIONS = "predictions.parquet"
MEASURED = "measured.csv"
PARTS = ("out_of_fold", "outer", "whole_set")
MEASURES = ("mae", "rmse", "r2", "sd_abs_error", "spearman", "n")


def metrics_path(target: str) -> Path:
    """Return where `evaluate` writes a target's metrics."""
    return RESULTS / target / "metrics.json"


def headline_path(target: str) -> Path:
    """Return where the few numbers of a target stand that are compared first."""
    return HEADLINES / f"{target}.json"


def predictions_path(target: str) -> Path:
    """Return where `evaluate` writes what was predicted for each row."""
    return RESULTS / target / PREDICTIONS


def read_metrics(target: str) -> dict[str, Any]:
    """Return what `evaluate` measured.

    Raises
    ------
    OrganodeError
        If `metrics.json` is missing or damaged.
    """
    path, remedy = metrics_path(target), f"run `organode evaluate {target}` again"
    metrics: dict[str, Any] = read_json(path, remedy)
    try:
        numbers = [metrics[part][name] for part in PARTS for name in MEASURES]
        numbers.append(metrics["margin"])
        complete = all(
            isinstance(metrics[name], dict) for name in ("scrambled", "intervals", "measured")
        )
    except (KeyError, TypeError) as error:
        raise damaged(path, remedy) from error
    if not complete or not all(isinstance(number, int | float) for number in numbers):
        raise damaged(path, remedy)
    return metrics
