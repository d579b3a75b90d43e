"""Register the models that this project has trained and evaluated in the MLflow registry."""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
from importlib.metadata import packages_distributions, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

import organode
from organode.errors import OrganodeError
from organode.tracking.databases import database_lock
from organode.tracking.provenance import TAG
from organode.tracking.registry.artefacts import local_path, share_files
from organode.tracking.registry.history import champion_history, earlier_champions, write_history
from organode.tracking.registry.kinds import kind_of
from organode.tracking.registry.kinds.kind import CARD, Exported, ModelKind
from organode.tracking.registry.load import artefact_location, has_artefacts, load, part_folders
from organode.tracking.registry.lookup import (
    IDENTITY,
    PROMOTED,
    run_tag,
    tag_of_version,
    tag_version,
    tags_of_run,
    version_by_alias,
    version_by_identity,
    version_by_number,
)
from organode.tracking.registry.served.signature import signature
from organode.tracking.registry.versions import CHAMPION, Registered, model_name
from organode.tracking.store import (
    connect,
    quiet_mlflow,
    reason_of,
    store_address,
    store_failures,
)
from organode.utils.code import libraries
from organode.utils.progress import say

if TYPE_CHECKING:
    from mlflow import MlflowClient

MAX_DESCRIPTION = 5_000  # characters that MLflow's stores hold of a description
# To test a new version: a quinone, a phenothiazine and a text that is no molecule, and cannot be a
# name either: the tables of names take two seconds to load.
PROBE = ["O=C1C=CC(=O)C=C1", "CN1c2ccccc2Sc2ccccc21", "?"]


@store_failures()
def register_model(target: str, exported: Exported | None = None) -> Registered:
    """Register this project's model of a target in the MLflow registry.

    A model that is registered already gets a new version only if the files of its version are lost.
    The first version of a target becomes champion, the version in use; later versions become
    champion only by `promote`.

    Parameters
    ----------
    target : str
        ``IE``, ``EA`` or ``stability``.
    exported : Exported, optional
        A version in a folder that `organode model export` wrote; this version is registered
        instead of this project's model.

    Raises
    ------
    OrganodeError
        If the model or its metrics are missing, if the store cannot be reached, or if the
        registered model does not predict the same as the model that was to be registered.
    """
    kind = kind_of(target, exported)
    try:
        identity = kind.identity()
    except FileNotFoundError as error:
        kind.load(*kind.parts.values())  # says which file is missing, unless it is the metrics
        raise OrganodeError(
            f"{kind.metrics_path} is missing: run `{kind.measured_by}` first"
        ) from error
    client = connect()
    registered = version_by_identity(client, target, identity)
    if registered is None or not has_artefacts(registered):
        model = kind.load(*kind.parts.values())
        registered = _log_model(client, kind, model)
        _check_predictions(registered, kind, model)
        _tag_metrics(client, registered, kind)
        tag_version(client, registered, **{IDENTITY: identity})  # last: marks completeness
    # Set on an older version too: the facts about its labels may have been corrected since.
    tag_version(client, registered, **kind.label_tags())
    _make_champion_if_first(client, registered, identity)
    return version_by_number(client, target, registered.version)


def _make_champion_if_first(client: MlflowClient, registered: Registered, identity: str) -> None:
    """Make a version champion (version in use) if its target has never had a champion.

    The version also replaces a champion with the same `identity` (hash of model and metrics) whose
    files are lost.
    """
    target = registered.target
    with database_lock(store_address()):  # so that only one of two first versions is champion
        champion = version_by_alias(client, target, CHAMPION)
        if champion is None and not earlier_champions(client, target, registered):
            client.set_registered_model_alias(registered.name, CHAMPION, registered.version)
            champion = registered
    if champion is None:
        return
    if champion.version == registered.version:
        if not tag_of_version(client, registered, PROMOTED):
            tag_version(client, registered, **{PROMOTED: "first version"})
            write_history(client, target, [registered.version])
    elif tag_of_version(client, champion, IDENTITY) == identity and not has_artefacts(champion):
        _replace_champion(client, registered, champion)


def _replace_champion(client: MlflowClient, new: Registered, old: Registered) -> None:
    """Make `new` champion in place of `old`, a version of the same model whose files are lost."""
    history = champion_history(client, old.target)
    story = tag_of_version(client, old, PROMOTED)
    story = f"{story}; registered again: files of {old.version} are lost"
    tag_version(client, new, **{PROMOTED: story})
    client.set_registered_model_alias(new.name, CHAMPION, new.version)
    write_history(client, new.target, [*history[:-1], new.version])
    say(
        f"{new.name} version {new.version} is the same model as version {old.version}, whose "
        "artefacts are missing, and champion in its place"
    )


def _log_model(client: MlflowClient, kind: ModelKind[Any], model: Any) -> Registered:
    """Log a model and its model card as a new version.

    If the model's MLflow run has no evaluation yet, the evaluation is logged in the run first.
    """
    import mlflow

    target, metrics = kind.target, kind.metrics()
    run = kind.model_run(model)
    if not run.is_evaluated():
        run.log_evaluation(metrics, kind.metrics_path.parent)
    card = kind.card(model, metrics)
    # A clean copy of the package: the model must load where organode is not installed.
    with tempfile.TemporaryDirectory() as temporary:
        package = Path(organode.__file__).parent
        code = Path(temporary) / "organode"
        shutil.copytree(package, code, ignore=shutil.ignore_patterns("__pycache__", "packaged"))
        with quiet_mlflow(), mlflow.start_run(run_id=run.run_id):
            logged = mlflow.pyfunc.log_model(
                name=f"{target}-model",
                python_model=str(kind.served_by),
                artifacts={name: str(folder) for name, folder in kind.parts.items()},
                code_paths=[str(code)],
                pip_requirements=_requirements(kind),
                signature=signature(kind.columns, kind.parameters),
                input_example=pd.DataFrame({"smiles": PROBE[:1]}),
                registered_model_name=model_name(target),
            )
    number = str(logged.registered_model_version)
    client.update_registered_model(model_name(target), kind.description)
    client.update_model_version(model_name(target), number, _shortened(card))
    client.log_text(run.run_id, card, CARD)
    registered = version_by_number(client, target, number)
    _share_parts(client, registered, kind)
    return registered


def _tag_metrics(client: MlflowClient, registered: Registered, kind: ModelKind[Any]) -> None:
    """Tag a version with its main metrics and its data, and the version's run with all metrics.

    The tag on the data is made from tags of the run: a hash of the training data, and the source.
    """
    metrics = kind.metrics()
    client.set_tag(registered.run_id, run_tag(registered.version, "metrics"), json.dumps(metrics))
    run_tags = tags_of_run(client, registered.run_id)
    source, digest = (run_tags.get(f"{TAG}{name}", "") for name in kind.data_version)
    tags = {name: f"{value:.4f}" for name, value in kind.headline(metrics).items()}
    tags["data"] = f"{digest[:8]} {source}".strip()
    for name, value in tags.items():  # short names: MLflow's list of versions cuts them
        client.set_model_version_tag(registered.name, registered.version, name, value)


def _share_parts(client: MlflowClient, registered: Registered, kind: ModelKind[Any]) -> None:
    """Replace a version's files by hard links to the project's files, if the store is local."""
    folder = local_path(artefact_location(client, registered))
    if folder is not None:
        for source, stored in zip(kind.parts.values(), part_folders(folder, kind), strict=True):
            share_files(source, stored)


def _requirements(kind: ModelKind[Any]) -> list[str]:
    """Return the packages that a served model's code imports, in the versions installed here."""
    served = kind.served_by.relative_to(Path(organode.__file__).parents[1]).with_suffix("")
    distributions = packages_distributions()
    names = [
        # Several distributions may install parts of one package, as mlflow and mlflow-skinny do.
        package if package in distributions[package] else distributions[package][0]
        for package in sorted(libraries(".".join(served.parts)))
    ]
    return [f"{name}=={version(name)}" for name in names]


def _shortened(card: str) -> str:
    """Return a model card, cut to the length that MLflow allows for a description."""
    if len(card) <= MAX_DESCRIPTION:
        return card
    rest = f"\n\n… The whole card is `{CARD}` among the run's artefacts."
    return card[: MAX_DESCRIPTION - len(rest)] + rest


def _check_predictions(registered: Registered, kind: ModelKind[Any], model: Any) -> None:
    """Check that a new version, loaded by MLflow and by organode, predicts what `model` predicts.

    This also finds a version that cannot be loaded. MLflow itself only warns of such a version.

    Raises
    ------
    OrganodeError
        If the version cannot be loaded, or its predictions differ from those of `model`.
    """
    expected = kind.predictions(model, PROBE)
    for load_model in (_load_as_mlflow_does, lambda version: load(version).model):
        if not kind.predictions(load_model(registered), PROBE).equals(expected):
            raise OrganodeError(
                f"{registered.uri} does not predict the same as the model here: remove that "
                "version and register again"
            )


def _load_as_mlflow_does(registered: Registered) -> Any:
    """Load a version as MLflow does, with the copy of organode that is stored in the version."""
    import mlflow

    # MLflow puts that copy first in the search path, which is undone: processes that this command
    # starts would import the copy, while this process works with the installed package.
    path = sys.path.copy()
    try:
        with quiet_mlflow():
            model = mlflow.pyfunc.load_model(registered.uri).unwrap_python_model()
    except Exception as error:  # MLflow passes on whatever a store or a loader raised
        raise OrganodeError(
            f"{registered.uri} was registered but MLflow cannot load it "
            f"({reason_of(error)}): remove that version and register again"
        ) from error
    finally:
        sys.path[:] = path
    # MLflow never frees the wrapper: take the networks out of it, so that they can be freed.
    return vars(model).pop("model")
