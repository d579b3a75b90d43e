"""Define the paths of the files that pipeline stages exchange, and read and check some of them.

The columns of the tables, and the values allowed in them, are in
`organode.pipeline.tables.schemas`.
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
    """Return the path of the YAML file to which a search writes the best network settings.

    For the target ``IE`` it is ``results/search/IE/best.yaml``, which the stage `train` reads, or
    ``results/search/IE/thesis.yaml`` if the search had the preset ``thesis``.
    """
    name = "thesis" if preset == "thesis" else "best"
    return Path("results/search") / target / f"{name}.yaml"


def pretrained_folder(target: str) -> Path:
    """Return the folder of the network that learned other labels first: ``results/pretrain/IE``."""
    return Path("results/pretrain") / target


def ensemble_folder(target: str) -> Path:
    """Return the folder of the trained networks of a target, such as ``results/train/IE``.

    The stage `train` writes the networks, which together are called the ensemble.
    """
    return Path("results/train") / target


def stored_ensemble(folder: Path) -> Checked:
    """Open a folder that the stage `train` wrote; each file is checked when it is read.

    A file is checked against its checksum in ``checksums.json``. If the folder has no such file,
    because an older version of organode wrote the folder, its files are read without a check.

    Raises
    ------
    OrganodeError
        If ``checksums.json`` is damaged.
    """
    return Checked.open(folder, "run `organode train` or `dvc repro` again", needed=False)


def calibration_folder(target: str) -> Path:
    """Return the folder to which `calibrate` writes a target's error bars and laboratory scale.

    For the target ``IE`` it is ``results/calibrate/IE``. The laboratory scale is a model that
    converts computed energies (eV) to the potentials (V) that voltammetry measures.
    """
    return Path("results/calibrate") / target


def metrics_path(target: str) -> Path:
    """Return the path of a target's metrics, such as ``results/evaluate/IE/metrics.json``.

    The stage `evaluate` writes this file for the targets ``IE`` and ``EA``, the stage `stability`
    for the target ``stability``.
    """
    return EVALUATIONS / target / "metrics.json"


def headline_path(target: str) -> Path:
    """Return the path of a target's main metrics, such as ``results/headline/IE.json``."""
    return Path("results/headline") / f"{target}.json"


def predictions_path(target: str) -> Path:
    """Return the path of the Parquet file with a target's predictions for all labelled molecules.

    For the target ``IE`` it is ``results/evaluate/IE/predictions.parquet``. The stage `evaluate`
    writes the file.
    """
    return EVALUATIONS / target / PREDICTIONS


def version_path(target: str) -> Path:
    """Return the path of the JSON file that identifies a target's registered model by a hash.

    For the target ``IE`` it is ``results/register/IE.json``. The stage `register` writes the file.
    """
    return Path("results/register") / f"{target}.json"


def read_metrics(target: str, path: Path | None = None) -> dict[str, Any]:
    """Return the metrics that the stage `evaluate` wrote for the target ``IE`` or ``EA``.

    `path` is the file to read, such as the ``metrics.json`` of an exported model; if omitted, the
    file `metrics_path(target)` is read.

    Raises
    ------
    OrganodeError
        If the file is missing or damaged, or a metric is missing or is not a number.
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

    `path` is the file to read, such as the ``metrics.json`` of an exported model; if omitted, the
    file `metrics_path("stability")` is read.

    Raises
    ------
    OrganodeError
        If the file is missing or damaged, or a metric is missing or is not a number.
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
