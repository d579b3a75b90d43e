"""The files that one stage writes and another reads: their paths, and checks of their content.

The columns of the tables among them are in `organode.pipeline.schemas`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from organode.utils.checksums import CHECKSUMS, Checked, damaged, read_json

TARGETS = ("IE", "EA")

# fetch: the rows of the source, unchanged
RAW = Path("data/raw/molecules.parquet")
PROVENANCE = Path("data/raw/provenance.json")
RAW_COLUMNS = ["row", "smiles", *TARGETS, "problem", "unread"]

# curate: one clean row for each structure
CURATED = Path("data/curated/molecules.parquet")
CURATION_SUMMARY = Path("results/curate/summary.json")
MOLECULE_COLUMNS = ["row", "smiles", *TARGETS]
OK_QUALITY = "ok"  # in the column `quality`: a row without a flag

# split: test set and folds
SPLITS = Path("data/splits.parquet")
SPLIT_COLUMNS = ["row", "split", "fold"]

# featurize: unfolded Morgan environments and orbital descriptors
MORGAN = Path("data/features/morgan.parquet")
ORBITALS = Path("data/features/orbitals.parquet")
ENVIRONMENT_COLUMNS = ["position", "radius", "identifier", "count", "HOMO", "LUMO"]

# train: files in a target's folder
CURVES = "curves.csv"
TRAINING = "training.json"
SCRAMBLED = "scrambled.json"
ENSEMBLE_FILES = (
    "ensemble.json", "inputs.npz", "fold-*.npz", CURVES, TRAINING, SCRAMBLED, CHECKSUMS
)  # fmt: skip

# evaluate: files in a target's folder, and names in `metrics.json`
EVALUATIONS = Path("results/evaluate")
PREDICTIONS = "predictions.parquet"
MEASURED = "measured.csv"
PARTS = ("out_of_fold", "outer", "whole_set")
MEASURES = ("mae", "rmse", "r2", "sd_abs_error", "spearman", "n")

# stability: its model, and files beside its metrics
STABILITY_FOLDER = Path("results/stability")
STABILITY_MODEL = "stability.json"
STABILITY_FIT = "fit.json"
STABILITY_CONTENT = (STABILITY_MODEL, STABILITY_FIT)
STABILITY_FILES = (*STABILITY_CONTENT, CHECKSUMS)
STABILITY_COUPLES = "couples.csv"


def best_path(target: str, preset: str | None = None) -> Path:
    """Return the file to which the search of a target writes the settings that `train` reads."""
    return Path("results/search") / target / f"{preset or 'best'}.yaml"


def ensemble_folder(target: str) -> Path:
    """Return the folder to which `train` writes a target's ensemble."""
    return Path("results/train") / target


def stored_ensemble(folder: Path) -> Checked:
    """Return the files of a trained ensemble, checked as they are read.

    Raises
    ------
    OrganodeError
        If its checksums are damaged.
    """
    return Checked.open(folder, "run `organode train` or `dvc repro` again", needed=False)


def calibration_folder(target: str) -> Path:
    """Return the folder to which `calibrate` writes error bars and laboratory scale."""
    return Path("results/calibrate") / target


def metrics_path(target: str) -> Path:
    """Return the file to which `evaluate` (or `stability`) writes a target's metrics."""
    return EVALUATIONS / target / "metrics.json"


def headline_path(target: str) -> Path:
    """Return the file with the few numbers of a target that are compared first."""
    return Path("results/headline") / f"{target}.json"


def predictions_path(target: str) -> Path:
    """Return the file to which `evaluate` writes the prediction for each row."""
    return EVALUATIONS / target / PREDICTIONS


def version_path(target: str) -> Path:
    """Return the file to which `register` writes the identity of the registered model."""
    return Path("results/register") / f"{target}.json"


def read_metrics(target: str, path: Path | None = None) -> dict[str, Any]:
    """Return the metrics that `evaluate` wrote for a target.

    Raises
    ------
    OrganodeError
        If `metrics.json` is missing or damaged.
    """
    path, remedy = path or metrics_path(target), f"run `organode evaluate {target}` again"
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


def read_stability_metrics(path: Path | None = None) -> dict[str, Any]:
    """Return the metrics that the stage `stability` wrote.

    Raises
    ------
    OrganodeError
        If `metrics.json` is missing or damaged.
    """
    path, remedy = path or metrics_path("stability"), "run `organode stability` again"
    metrics: dict[str, Any] = read_json(path, remedy)
    try:
        numbers = [metrics["left_out"][name] for name in ("n", "auc", "brier")]
        parts = [*metrics["by_side"].values(), *metrics["by_origin"].values()]
        numbers += [part["brier"] for part in parts]
        numbers += [of["n"] for side in metrics["signals"].values() for of in side.values()]
    except (KeyError, TypeError, AttributeError) as error:
        raise damaged(path, remedy) from error
    if not all(isinstance(number, int | float) for number in numbers):
        raise damaged(path, remedy)
    return metrics
