"""Registered models as a folder: to answer without a registry, or to go to another one."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pandas as pd

import organode
from organode.artifacts import MEASURED, PREDICTIONS, STABILITY_COUPLES
from organode.errors import OrganodeError
from organode.models.model import DESCRIPTION, STABILITY, Model
from organode.tracking import client as tracking
from organode.tracking.registry.artefacts import local_folder, table_of
from organode.tracking.registry.kinds import kind_of
from organode.tracking.registry.registry import CARD, _location, _parts, _run_tags
from organode.tracking.registry.versions import Loaded, Registered
from organode.utils.files import replacing_folder, write_json
from organode.utils.tables import write_csv, write_table

METRICS = "metrics.json"
OURS = (DESCRIPTION, "IE", "EA", STABILITY)  # what a folder of a model consists of


def export_models(loaded: Sequence[Loaded[Any]], out: Path) -> None:
    """Write registered models into one folder, from which `Model.load` reads them.

    Parameters
    ----------
    loaded : sequence of Loaded
        One a target: IE, EA, stability.
    out : Path
        The folder; replaced as a whole if it holds such a model.

    Raises
    ------
    OrganodeError
        If the store has lost a file, or the folder cannot be written.
    UsageError
        If the folder holds something else.
    """
    client = tracking.connect()
    versions = {}
    with replacing_folder(out, OURS) as folder:
        for each in loaded:
            version = each.registered
            _write(client, version, folder / version.target)
            tags = _run_tags(client, version.run_id)
            own = {name: text for name, text in tags.items() if name.startswith(tracking.TAG)}
            versions[version.target] = asdict(version) | {"tags": _portable(own)}
        write_json(folder / DESCRIPTION, {"organode": organode.__version__, "models": versions})
        Model.load(folder)  # it must answer before it takes the place of another


def _portable(tags: dict[str, str]) -> dict[str, str]:
    """Return the tags that say what a model was made from; those of its old store stay behind."""
    return {name: text for name, text in tags.items() if ".version_" not in name}


def _write(client: Any, version: Registered, folder: Path) -> None:
    """Write one version: its parts, its metrics, what it is compared by, and its card."""
    kind = kind_of(version.target)
    with local_folder(_location(client, version)) as stored:
        for name, part in zip(kind.parts, _parts(stored, kind), strict=True):
            # The only part of a model of stability is the folder itself.
            target = folder if name == version.target else folder / name
            shutil.copytree(part, target, dirs_exist_ok=True)
    write_json(folder / METRICS, version.metrics)
    tables: tuple[tuple[str, Any, Any], ...] = (
        ((STABILITY_COUPLES, pd.read_csv, write_csv),)
        if version.target == STABILITY
        else ((PREDICTIONS, pd.read_parquet, write_table), (MEASURED, pd.read_csv, write_csv))
    )
    for name, read, write in tables:
        write(table_of(client, version, name, read), folder / name)
    (folder / CARD).write_text(_card(client, version), encoding="utf-8")


def _card(client: Any, version: Registered) -> str:
    """Return the whole model card, which the run keeps.

    Raises
    ------
    OrganodeError
        If the store has lost it.
    """
    from mlflow.artifacts import load_text

    try:
        run = client.get_run(version.run_id)
        location = tracking.present_location(run.info.artifact_uri)
        with tracking.quiet():
            return str(load_text(f"{location}/{CARD}"))
    except Exception as error:  # MLflow passes on whatever a store raised
        raise OrganodeError(
            f"the card of {version.uri} cannot be read ({tracking.reason(error)}): run `organode "
            f"register {version.target}` again"
        ) from error
