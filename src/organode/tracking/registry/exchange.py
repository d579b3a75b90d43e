"""Export registered models to a folder, and register models from such a folder elsewhere."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

import organode
from organode.artifacts import MEASURED, PREDICTIONS, STABILITY_COUPLES, TARGETS
from organode.errors import OrganodeError, UsageError
from organode.models.model import DESCRIPTION, REMEDY, STABILITY, Model
from organode.tracking.provenance import TAG
from organode.tracking.registry.artefacts import local_folder, read_run_table
from organode.tracking.registry.champions import champion, named_version
from organode.tracking.registry.kinds import NAMES, kind_of
from organode.tracking.registry.kinds.kind import CARD, Exported
from organode.tracking.registry.load import artefact_location, part_folders
from organode.tracking.registry.lookup import tags_of_run
from organode.tracking.registry.register import register_model
from organode.tracking.registry.versions import Loaded, Registered
from organode.tracking.store import connect, present_location, quiet_mlflow, reason_of
from organode.utils.checksums import damaged
from organode.utils.files import replacing_folder, write_json
from organode.utils.tables import write_csv, write_table

if TYPE_CHECKING:
    from mlflow import MlflowClient

METRICS = "metrics.json"
OURS = (DESCRIPTION, "IE", "EA", STABILITY)  # entries of an exported folder


def export_models(versions: Sequence[Loaded[Any]], out: Path) -> None:
    """Write registered models into one folder, from which `Model.load` reads the models.

    Predictions with an exported folder need no registry.

    Parameters
    ----------
    versions : sequence of Loaded
        Loaded versions, at most one for each of IE, EA and stability.
    out : Path
        The folder to write; replaced as a whole if it holds an earlier export.

    Raises
    ------
    OrganodeError
        If the store has lost a file, or the folder cannot be written.
    UsageError
        If the folder holds anything else than an earlier export.
    """
    client = connect()
    described = {}
    with replacing_folder(out, OURS) as folder:
        for version in (loaded.registered for loaded in versions):
            _write(client, version, folder / version.target)
            described[version.target] = asdict(version) | {"tags": _tags(client, version)}
        write_json(folder / DESCRIPTION, {"organode": organode.__version__, "models": described})
        Model.load(folder)  # raises before an unreadable folder replaces an older one


def export_champions(out: Path, versions: Mapping[str, str] | None = None) -> list[Loaded[Any]]:
    """Write the champions, the versions in use, into one folder as `export_models` does.

    Parameters
    ----------
    out : Path
        The folder to write.
    versions : mapping of str to str, optional
        By target (``IE``, ``EA``, ``stability``), a version or alias in place of the champion.

    Returns
    -------
    list of Loaded
        The versions that were written. A target without a champion is left out.

    Raises
    ------
    UsageError
        If neither IE nor EA has a champion, or a version does not exist, or the folder holds
        anything else than an earlier export.
    OrganodeError
        If the store has lost a file, or the folder cannot be written.
    """
    asked = versions or {}
    loaded = [
        named_version(target, asked[target]) if target in asked else champion(target)
        for target in NAMES
    ]
    present = [each for each in loaded if each is not None]
    if not any(each.registered.target in TARGETS for each in present):
        raise UsageError("no model of IE or EA is registered: run `dvc repro` first")
    export_models(present, out)
    return present


def import_models(folder: Path) -> list[Registered]:
    """Register the models of a folder that `export_models` wrote.

    The first version of a target (IE, EA, stability) becomes champion, the version in use; later
    versions become champion only by `promote`. A model that is registered already gets no second
    version.

    Raises
    ------
    UsageError
        If the folder holds no model.
    OrganodeError
        If the folder is damaged, or the store cannot be reached.
    """
    versions = Model.load(folder).versions
    try:
        tags = {target: dict(version["tags"]) for target, version in versions.items()}
    except (KeyError, TypeError, ValueError) as error:
        raise damaged(folder / DESCRIPTION, REMEDY) from error
    return [register_model(target, Exported(folder / target, tags[target])) for target in versions]


def _tags(client: MlflowClient, version: Registered) -> dict[str, str]:
    """Return the tags of a version's MLflow run that describe training data and code.

    Tags that have a meaning only in this store, such as those with version numbers, are left out.
    """
    tags = tags_of_run(client, version.run_id)
    return {
        name: text
        for name, text in tags.items()
        if name.startswith(TAG) and ".version_" not in name and name != f"{TAG}model"
    }


def _write(client: MlflowClient, version: Registered, folder: Path) -> None:
    """Write one version to `folder`: model files, metrics, tables for comparisons, model card."""
    kind = kind_of(version.target)
    with local_folder(artefact_location(client, version)) as stored:
        for name, part in zip(kind.parts, part_folders(stored, kind), strict=True):
            # A stability model has a single part, whose files go into the folder itself.
            target = folder if name == version.target else folder / name
            shutil.copytree(part, target, dirs_exist_ok=True)
    write_json(folder / METRICS, version.metrics)
    if version.target == STABILITY:
        couples = read_run_table(client, version, STABILITY_COUPLES, pd.read_csv)
        write_csv(couples, folder / STABILITY_COUPLES)
    else:
        rows = read_run_table(client, version, PREDICTIONS, pd.read_parquet)
        write_table(rows, folder / PREDICTIONS)
        write_csv(read_run_table(client, version, MEASURED, pd.read_csv), folder / MEASURED)
    (folder / CARD).write_text(_card(client, version), encoding="utf-8")


def _card(client: MlflowClient, version: Registered) -> str:
    """Return the complete model card, an artefact of the version's MLflow run.

    Raises
    ------
    OrganodeError
        If the store does not have the card, or does not answer.
    """
    from mlflow.artifacts import load_text

    try:
        location = present_location(client.get_run(version.run_id).info.artifact_uri)
        with quiet_mlflow():
            return str(load_text(f"{location}/{CARD}"))
    except Exception as error:  # MLflow passes on whatever a store raised
        raise OrganodeError(
            f"the card of {version.uri} cannot be read ({reason_of(error)}): run `organode "
            f"register {version.target}` again"
        ) from error
