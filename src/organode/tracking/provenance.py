"""Record where results come from: MLflow runs' tags on code and data, and their input data.

Labels are the energies (IE, EA) of molecules on which models are trained.
"""

from __future__ import annotations

import contextlib
import getpass
import json
import os
import platform
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from organode import __version__
from organode.artifacts import CURATED, CURATION_SUMMARY, PROVENANCE, RAW, SPLITS
from organode.errors import without_password
from organode.utils.checksums import damaged, read_json
from organode.utils.files import md5, sha256

if TYPE_CHECKING:
    from mlflow import MlflowClient

TAG = "organode."  # before the names of organode's own tags


def provenance_tags() -> dict[str, str]:
    """Return the tags that say which code, data tables and labels an MLflow run uses.

    The tags are those of `code_tags`; hashes of the curated table (SHA-256 and MD5), of the raw
    table (MD5) and of the table with test set and folds (SHA-256), for each table that exists; and
    the facts of `label_provenance`, with ``organode.`` before each name.
    """
    tags = code_tags()
    if CURATED.exists():
        tags[f"{TAG}data_sha256"] = sha256(CURATED)
        tags[f"{TAG}data_md5"] = md5(CURATED)
    if RAW.exists():
        tags[f"{TAG}raw_md5"] = md5(RAW)
    if SPLITS.exists():
        tags[f"{TAG}splits_sha256"] = sha256(SPLITS)
    return tags | {f"{TAG}{key}": value for key, value in label_provenance().items()}


def code_tags() -> dict[str, str]:
    """Return a run's tags on its code: commit, versions, hash of dvc.lock, command and user.

    The versions are those of organode and Python. Commit and hash are left out if they are unknown.
    """
    tags = {
        f"{TAG}version": __version__,
        f"{TAG}python": platform.python_version(),
        "mlflow.source.name": without_password(" ".join(["organode", *sys.argv[1:]])),
        "mlflow.source.type": "LOCAL",
        "mlflow.user": _user(),
    }
    with contextlib.suppress(FileNotFoundError):  # git is not installed: no commit to name
        commit = _git("rev-parse", "HEAD")
        if commit:
            tags["mlflow.source.git.commit"] = commit
            # without dvc.lock and results, which the stages of the pipeline themselves change
            status = _git("status", "--porcelain", "--", "src", "params.yaml", "dvc.yaml")
            tags[f"{TAG}git_dirty"] = str(bool(status)).lower()
    if experiment := os.environ.get("DVC_EXP_NAME"):
        tags[f"{TAG}dvc_experiment"] = experiment
    if Path("dvc.lock").exists():
        tags[f"{TAG}dvc_lock_sha256"] = sha256(Path("dvc.lock"))
    return tags


def _git(*arguments: str) -> str:
    done = subprocess.run(["git", *arguments], capture_output=True, text=True, check=False)
    return done.stdout.strip() if done.returncode == 0 else ""


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container without a name for its user
        return "unknown"


def label_provenance() -> dict[str, str]:
    """Return where the labels, the energies to train on, come from; empty if there is no data.

    Returns
    -------
    dict of str to str
        `source` and `level_of_theory` of the labels; `source_reference`, the energy reference that
        the source states (``absolute``: vs vacuum, ``li``: vs Li/Li⁺, or ``unknown``); and
        `reference`, the energy reference of the curated table (``absolute`` or ``unknown``) or,
        before curation, that of the source.

    Raises
    ------
    OrganodeError
        If a file that the stage `fetch` or `curate` wrote is damaged.
    """
    if not PROVENANCE.exists():
        return {}
    path, remedy = PROVENANCE, "run `organode fetch` again"
    try:
        provenance = read_json(path, remedy)
        labels = {key: provenance[key] for key in ("source", "level_of_theory")}
        labels["source_reference"] = labels["reference"] = provenance["reference"]
        if CURATION_SUMMARY.exists():
            path, remedy = CURATION_SUMMARY, "run `organode curate` again"
            labels["reference"] = read_json(path, remedy)["reference"]["scale"]
    except (KeyError, TypeError) as error:
        raise damaged(path, remedy) from error
    return labels


def log_curated_table(client: MlflowClient, run_id: str, targets: Sequence[str]) -> None:
    """Log the curated table as a run's input data, with number, mean and range of its labels.

    `targets` are the label columns to describe, ``IE`` or ``EA``. In a project without a curated
    table, nothing is logged.
    """
    if not CURATED.exists():  # the project holds the model but not its data
        return
    table = pd.read_parquet(CURATED, columns=list(targets))
    profile: dict[str, Any] = {"rows": len(table)}
    for target in targets:
        labels = table[target].dropna()
        profile[f"{target}_rows"] = len(labels)
        for statistic in ("mean", "min", "max"):
            profile[f"{target}_{statistic}_eV"] = round(float(getattr(labels, statistic)()), 3)
    log_input(
        client,
        run_id,
        name="curated molecules",
        digest=md5(CURATED),
        source={"uri": str(CURATED)},
        columns={"smiles": "string"} | dict.fromkeys(targets, "double"),
        profile=profile,
    )


def log_input(
    client: MlflowClient,
    run_id: str,
    *,
    name: str,
    digest: str,
    source: dict[str, Any],
    columns: dict[str, str],
    profile: dict[str, Any],
) -> None:
    """Log a data set as the input of a run.

    Parameters
    ----------
    client, run_id
        MLflow's client and the id of the run.
    name : str
        Name of the data set in MLflow's pages.
    digest : str
        A hash of the content, of at most 36 characters.
    source : dict
        Where the data come from, such as ``{"uri": "data/curated/molecules.parquet"}``.
    columns : dict of str to str
        MLflow's type of each column, such as ``{"smiles": "string"}``.
    profile : dict
        Numbers that describe the data, such as ``{"rows": 5000}``.
    """
    from mlflow.entities import Dataset, DatasetInput, InputTag

    types = [{"name": column, "type": type_} for column, type_ in columns.items()]
    dataset = Dataset(
        name=name,
        digest=digest,
        source_type="local",
        source=json.dumps(source),
        schema=json.dumps({"mlflow_colspec": types}),
        profile=json.dumps(profile),
    )
    client.log_inputs(run_id, [DatasetInput(dataset, [InputTag("mlflow.data.context", "all")])])
