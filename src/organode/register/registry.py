"""Versions of the registered models and their aliases."""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

import organode
from organode import tracking
from organode.calibrate import uncertainty_folder
from organode.errors import OrganodeError, UsageError
from organode.evaluate import PREDICTIONS, metrics_path, read_metrics
from organode.files import sha256
from organode.model import Model, columns_of, digest, predict
from organode.progress import say
from organode.register import Loaded, Registered, model_name
from organode.register.card import model_card
from organode.train import RUN, model_folder, stored
from organode.uncertainty import LEVEL

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities.model_registry import ModelVersion

CHAMPION, PREVIOUS = "champion", "previous"
CARD = "model_card.md"
MOST_OF_A_CARD = 5_000  # characters; what MLflow's stores hold of a description
KINDS = ("double", "double", "double", "boolean", "string")  # of the columns of an answer
# All that the model's code imports when it predicts.
REQUIREMENTS = ("mlflow", "numpy", "pandas", "rdkit", "rich", "scipy")


def register_model(target: str) -> Registered:
    """Register the trained and evaluated model; the same model makes no second version.

    The first version of a target becomes its champion; later ones wait for `promote`.

    Raises
    ------
    OrganodeError
        If it is not trained or not evaluated, if the store cannot be reached, or if what was
        registered does not answer as the trained ensemble does.
    """
    trained = Model.load(model_folder(target), uncertainty_folder(target))
    metrics_file = metrics_path(target)
    if not metrics_file.exists():
        raise OrganodeError(f"{metrics_file} is missing: run `organode evaluate {target}` first")
    client = tracking.connect()
    identity = _identity(target)
    found = _version_of(client, target, identity)
    if found is None:
        found = _log(client, trained, metrics_file)
        _check_answers(found, trained)
        tag(client, found, identity=identity)  # last: it says that this version is whole
    tag(client, found, **tracking.what_the_labels_are())  # may have been corrected since
    if by_alias(client, target, CHAMPION) is None:
        client.set_registered_model_alias(found.name, CHAMPION, found.version)
        tag(client, found, promoted="first version")
    return get(client, target, found.version)


def _log(client: MlflowClient, trained: Model, metrics_file: Path) -> Registered:
    import mlflow
    from mlflow.models import ModelSignature
    from mlflow.types import ColSpec, ParamSchema, ParamSpec, Schema

    target = trained.target
    metrics = read_metrics(target)
    run = tracking.ModelRun.resume(target, trained.ensemble.settings, model_folder(target))
    if run.restored:
        run.log_evaluation(metrics, metrics_file.parent)
    training = stored(model_folder(target)).json(RUN)["parameters"]
    card = model_card(trained, metrics, training)
    signature = ModelSignature(
        inputs=Schema([ColSpec("string", "smiles")]),
        outputs=Schema([
            ColSpec("string", "smiles"), ColSpec("string", "status"),
            *(ColSpec(kind, name) for kind, name in zip(KINDS, columns_of(target), strict=True)),
        ]),
        params=ParamSchema([ParamSpec("level", "double", LEVEL)]),
    )  # fmt: skip
    # A clean copy of the package: the model must load where organode is not installed.
    with tempfile.TemporaryDirectory() as temporary:
        package = Path(organode.__file__).parent
        code = Path(temporary) / "organode"
        shutil.copytree(package, code, ignore=shutil.ignore_patterns("__pycache__"))
        with tracking.quiet(), mlflow.start_run(run_id=run.run_id):
            logged = mlflow.pyfunc.log_model(
                name=f"{target}-ensemble",
                python_model=str(package / "register" / "model.py"),
                artifacts={
                    "networks": str(model_folder(target)),
                    "error_bars": str(uncertainty_folder(target)),
                },
                code_paths=[str(code)],
                pip_requirements=[f"{name}=={version(name)}" for name in REQUIREMENTS],
                signature=signature,
                input_example=pd.DataFrame({"smiles": ["O=C1C=CC(=O)C=C1"]}),
                registered_model_name=model_name(target),
            )
    number = str(logged.registered_model_version)
    client.update_registered_model(model_name(target), DESCRIPTIONS[target])
    client.update_model_version(model_name(target), number, _description(card))
    client.log_text(run.run_id, card, CARD)
    registered = get(client, target, number)
    tags = client.get_run(run.run_id).data.tags
    # With the hashes by which git and DVC know it, so that `organode data diff` can compare.
    made_from = {
        key: tags.get(f"{tracking.TAG}{key}", "")
        for key in ("data_sha256", "splits_sha256", "data_md5", "raw_md5")
    }
    made_from["git_commit"] = tags.get("mlflow.source.git.commit", "")
    tag(client, registered, metrics=json.dumps(metrics), **made_from)
    return get(client, target, number)


def _description(card: str) -> str:
    """Return as much of a card as a description can hold."""
    if len(card) <= MOST_OF_A_CARD:
        return card
    rest = f"\n\n… The whole card is `{CARD}` among the run's artefacts."
    return card[: MOST_OF_A_CARD - len(rest)] + rest


DESCRIPTIONS = {
    "IE": "Ionization energy E(cation) − E(neutral) in eV, absolute, from SMILES.",
    "EA": "Electron affinity E(neutral) − E(anion) in eV, absolute, from SMILES.",
}


def _check_answers(registered: Registered, trained: Model) -> None:
    """Load what was registered and compare: a model that cannot be loaded is only warned of."""
    probe = ["O=C1C=CC(=O)C=C1", "CN1c2ccccc2Sc2ccccc21", "no molecule"]
    expected, answered = predict([trained], probe), predict([load(registered).model], probe)
    if not answered.equals(expected):
        raise OrganodeError(
            f"{registered.uri} does not answer as the trained ensemble does: remove that version "
            "and register again"
        )


def load(registered: Registered) -> Loaded:
    """Load exactly this version.

    Raises
    ------
    OrganodeError
        If its artefact is gone or cannot be loaded.
    """
    import mlflow

    # MLflow puts the code that was registered with the model before everything else: processes
    # that this one starts would work with that copy, this one with what is installed.
    path = sys.path.copy()
    try:
        with tracking.quiet():
            model = mlflow.pyfunc.load_model(registered.uri).unwrap_python_model()
    except Exception as error:  # MLflow passes on whatever a store or a loader raised
        raise OrganodeError(
            f"{registered.uri} is registered but cannot be loaded "
            f"({tracking.one_line(error)}): if its artefacts were moved or deleted, delete the "
            f"version and run `organode register {registered.target}`; if another version of "
            f"organode made it, run `dvc repro` and promote what that registers"
        ) from error
    finally:
        sys.path[:] = path
    # Taken out of it: MLflow keeps the wrapper, and would keep all networks in memory with it.
    return Loaded(registered, vars(model).pop("model"))


def champions(targets: Sequence[str], *, all_needed: bool = True) -> list[Loaded]:
    """Load the champion of each target.

    Where the store knows no champion but this project holds a trained model, as after
    `git clone` and `dvc pull`, the model is registered first.

    Parameters
    ----------
    targets : sequence of str
        ``IE``, ``EA``.
    all_needed : bool
        False: one of them is enough.

    Raises
    ------
    OrganodeError
        If there is none; the message gives the command that makes one.
    """
    loaded = []
    missing = ""
    for target in targets:
        # A store that nobody has made yet is not made only to find it empty.
        if _trained_here(target) or tracking.store_exists():
            client = tracking.connect()
            restore([target])
            found = by_alias(client, target, CHAMPION)
            if found is not None:
                loaded.append(_load_or_log_again(client, found))
                continue
        missing = missing or target
    if missing and (all_needed or not loaded):
        raise OrganodeError(
            f"no model {model_name(missing)}@{CHAMPION} is registered at "
            f"{tracking.shown_address()}: run `dvc repro` (or, after training, "
            f"`organode register {missing}`), or set MLFLOW_TRACKING_URI to another store"
        )
    return loaded


def named(target: str, name: str) -> Loaded:
    """Load the version that a number, an alias or the id of a run names.

    Raises
    ------
    UsageError
        If there is no such version; the message lists those that are.
    OrganodeError
        If the store cannot be reached, or the version cannot be loaded.
    """
    client = tracking.connect()
    known = [
        get(client, target, str(one.version))
        for one in client.search_model_versions(f"name = '{model_name(target)}'")
    ]
    for one in known:
        if name in (one.version, one.run_id, *one.aliases):
            return load(one)
    listed = ", ".join(
        "@".join([one.version, *one.aliases])
        for one in sorted(known, key=lambda one: int(one.version))
    )
    raise UsageError(
        f"no version, alias or run '{name}' of {model_name(target)} at "
        f"{tracking.shown_address()}: there are versions {listed or 'none'}; `dvc repro` makes one"
    )


def _load_or_log_again(client: MlflowClient, found: Registered) -> Loaded:
    """Load a champion; after the project's folder was moved, log the same model anew.

    MLflow keeps absolute paths, so that a moved folder loses its artefacts.
    """
    try:
        return load(found)
    except OrganodeError:
        target = found.target
        identity = client.get_model_version(found.name, found.version).tags.get(
            f"{tracking.TAG}identity"
        )
        if not _trained_here(target) or _identity(target) != identity:
            raise
        client.delete_model_version(found.name, found.version)
        say(f"{found.uri} could not be loaded: registering the same model again")
        return load(register_model(target))


def _trained_here(target: str) -> bool:
    needed = (model_folder(target), uncertainty_folder(target), metrics_path(target))
    return all(path.exists() for path in needed)


def _identity(target: str) -> str:
    """Return what makes a version of this project's trained model: what it answers, its errors."""
    answers = digest(model_folder(target), uncertainty_folder(target))
    return answers + sha256(metrics_path(target))[:16]


def restore(targets: Sequence[str]) -> None:
    """Register this project's trained models where the store has no champion for them.

    Raises
    ------
    OrganodeError
        If the store cannot be reached.
    """
    client = tracking.connect()
    for target in targets:
        if _trained_here(target) and by_alias(client, target, CHAMPION) is None:
            made = register_model(target)
            say(f"registered the model in {model_folder(target)} as {made.name} {made.version}")


def get(client: MlflowClient, target: str, number: str) -> Registered:
    """Return one version.

    Raises
    ------
    UsageError
        If there is no such version.
    """
    from mlflow.exceptions import MlflowException

    try:
        return _registered(target, client.get_model_version(model_name(target), number))
    except MlflowException as error:
        if tracking.says_absent(error):
            raise UsageError(f"{model_name(target)} has no version {number}") from error
        raise tracking.failure(error) from error


def newest(client: MlflowClient, target: str) -> Registered:
    """Return the version registered last.

    Raises
    ------
    OrganodeError
        If none is registered.
    """
    found = [
        one
        for one in client.search_model_versions(f"name = '{model_name(target)}'")
        if f"{tracking.TAG}identity" in one.tags  # not one whose registration was interrupted
    ]
    if not found:
        raise OrganodeError(
            f"no version of {model_name(target)} is registered: run `organode register {target}`"
        )
    return get(client, target, str(max(int(one.version) for one in found)))


def outer_rows(client: MlflowClient, registered: Registered) -> pd.DataFrame:
    """Return what a version predicted for the outer test rows.

    Raises
    ------
    OrganodeError
        If the store has lost it.
    """
    try:
        with tempfile.TemporaryDirectory() as folder, tracking.quiet():
            path = client.download_artifacts(registered.run_id, PREDICTIONS, folder)
            table = pd.read_parquet(path)
    except Exception as error:  # MLflow passes on whatever a store raised
        raise OrganodeError(
            f"the predictions of {registered.uri} cannot be read ({tracking.one_line(error)}): "
            f"run `organode evaluate {registered.target}` and `organode register "
            f"{registered.target}` again"
        ) from error
    return table[table["fold"] < 0]


def tag(client: MlflowClient, registered: Registered, **tags: str) -> None:
    """Set tags of organode's own on a version."""
    for name, value in tags.items():
        client.set_model_version_tag(
            registered.name, registered.version, f"{tracking.TAG}{name}", value
        )


def _version_of(client: MlflowClient, target: str, identity: str) -> Registered | None:
    for found in client.search_model_versions(f"name = '{model_name(target)}'"):
        if found.tags.get(f"{tracking.TAG}identity") == identity:
            return get(client, target, str(found.version))
    return None


def by_alias(client: MlflowClient, target: str, alias: str) -> Registered | None:
    """Return the version that bears an alias, or None."""
    from mlflow.exceptions import MlflowException

    try:
        found = client.get_model_version_by_alias(model_name(target), alias)
    except MlflowException as error:
        # Only "there is none" counts as none: taken for it, a server's hiccup would let
        # another model become champion.
        if tracking.says_absent(error):
            return None
        raise tracking.failure(error) from error
    return get(client, target, str(found.version))


def _registered(target: str, found: ModelVersion) -> Registered:
    return Registered(
        target=target,
        name=found.name,
        version=str(found.version),
        aliases=tuple(found.aliases or ()),
        metrics=json.loads(found.tags.get(f"{tracking.TAG}metrics", "{}")),
        data_sha256=found.tags.get(f"{tracking.TAG}data_sha256", ""),
        splits_sha256=found.tags.get(f"{tracking.TAG}splits_sha256", ""),
        reference=found.tags.get(f"{tracking.TAG}reference", "unknown"),
        level_of_theory=found.tags.get(f"{tracking.TAG}level_of_theory", "unknown"),
        run_id=found.run_id or "",
    )
