"""The error bars of one target's ensemble, learned from its errors out of fold."""

from pathlib import Path


def uncertainty_folder(target: str) -> Path:
    """Return where `calibrate` writes a target's error bars."""
    return Path("results/calibrate") / target
