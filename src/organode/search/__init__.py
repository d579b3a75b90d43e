"""The Optuna search over fingerprint and network, judged by the MAE over folds."""

from pathlib import Path

RESULTS = Path("results/search")


def best_path(target: str, preset: str | None = None) -> Path:
    """Return where the search of a target writes the settings that `train` reads."""
    return RESULTS / target / f"{preset or 'best'}.yaml"
