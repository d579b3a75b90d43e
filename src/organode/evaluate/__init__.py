"""How good the ensemble is: on the outer rows, out of fold, and the thesis's own number."""

from pathlib import Path

RESULTS = Path("results/evaluate")
PREDICTIONS = "predictions.parquet"


def metrics_path(target: str) -> Path:
    """Return where `evaluate` writes a target's metrics."""
    return RESULTS / target / "metrics.json"


def predictions_path(target: str) -> Path:
    """Return where `evaluate` writes what was predicted for each row."""
    return RESULTS / target / PREDICTIONS
