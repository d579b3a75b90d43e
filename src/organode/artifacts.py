"""Files that one stage of the pipeline writes and another reads: paths, and checks of content.

Columns and value ranges of the tables are in `organode.pipeline.schemas`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from organode.utils.checksums import CHECKSUMS, Checked, damaged, read_json

TARGETS = ("IE", "EA")

# fetch: the rows of the source, unchanged; `problem` says why a row cannot be read, `unread` holds
# label cells that are not numbers
RAW = Path("data/raw/molecules.parquet")
PROVENANCE = Path("data/raw/provenance.json")
RAW_COLUMNS = ["row", "smiles", *TARGETS, "problem", "unread"]

# curate: one clean row for each structure
CURATED = Path("data/curated/molecules.parquet")
CURATION_SUMMARY = Path("results/curate/summary.json")
MOLECULE_COLUMNS = ["row", "smiles", *TARGETS]
OK_QUALITY = "ok"  # in the column `quality` of a row that curation did not flag

# split: test set and folds
SPLITS = Path("data/splits.parquet")
SPLIT_COLUMNS = ["row", "split", "fold"]

# featurize: unfolded Morgan environments and orbital descriptors
MORGAN = Path("data/features/morgan.parquet")
ORBITALS = Path("data/features/orbitals.parquet")
ENVIRONMENT_COLUMNS = ["position", "radius", "identifier", "count", "HOMO", "LUMO"]

# train: files in a target's folder; `SCRAMBLED` is the control with shuffled labels
CURVES = "curves.csv"
TRAINING = "training.json"
SCRAMBLED = "scrambled.json"
ENSEMBLE_FILES = (
    "ensemble.json", "inputs.npz", "fold-*.npz", CURVES, TRAINING, SCRAMBLED, CHECKSUMS
)  # fmt: skip

# evaluate: files in a target's folder, and names in `metrics.json` (`outer`: the test set)
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
    """Return the YAML file to which a target's search writes the best network settings.

    It is ``results/search/IE/best.yaml``, which `train` reads, or ``thesis.yaml`` there for the
    search with the preset ``thesis``.
    """
    return Path("results/search") / target / f"{preset or 'best'}.yaml"


def ensemble_folder(target: str) -> Path:
    """Return the folder to which `train` writes a target's ensemble: ``results/train/IE``."""
    return Path("results/train") / target


def stored_ensemble(folder: Path) -> Checked:
    """Open the folder of a trained ensemble, whose files are checked when they are read.

    Folders that older versions of organode wrote have no checksums: their files go unchecked.

    Raises
    ------
    OrganodeError
        If the file of checksums is damaged.
    """
    return Checked.open(folder, "run `organode train` or `dvc repro` again", needed=False)


def calibration_folder(target: str) -> Path:
    """Return the folder to which `calibrate` writes a target's error bars and laboratory scale.

    The laboratory scale turns computed energies (eV) into potentials of voltammetry (V).
    """
    return Path("results/calibrate") / target


def metrics_path(target: str) -> Path:
    """Return the file of a target's metrics, such as ``results/evaluate/IE/metrics.json``.

    The stage `evaluate` writes it for IE and EA, the stage `stability` for ``stability``.
    """
    return EVALUATIONS / target / "metrics.json"


def headline_path(target: str) -> Path:
    """Return the file with a target's most important metrics: ``results/headline/IE.json``."""
    return Path("results/headline") / f"{target}.json"


def predictions_path(target: str) -> Path:
    """Return the Parquet file to which `evaluate` writes predictions of all labelled rows."""
    return EVALUATIONS / target / PREDICTIONS


def version_path(target: str) -> Path:
    """Return the JSON file to which `register` writes the hash that identifies the model."""
    return Path("results/register") / f"{target}.json"


def read_metrics(target: str, path: Path | None = None) -> dict[str, Any]:
    """Return the metrics that `evaluate` wrote for IE or EA.

    `path` names another file than `metrics_path(target)`, such as that of an exported model.

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

    `path` names another file than the project's own, such as that of an exported model.

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
