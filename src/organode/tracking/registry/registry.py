"""Versions of the registered models and their aliases."""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from importlib.metadata import packages_distributions, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
import yaml

import organode
from organode.errors import OrganodeError, UsageError
from organode.tracking import client as tracking
from organode.tracking.registry.artefacts import local_folder, local_path, share
from organode.tracking.registry.kind import Kind
from organode.tracking.registry.kinds import kind_of
from organode.tracking.registry.versions import Loaded, Registered, model_name
from organode.tracking.stores import exclusively
from organode.utils.code import libraries
from organode.utils.progress import say
from organode.utils.resources import causes, explained

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities.model_registry import ModelVersion

CHAMPION, PREVIOUS = "champion", "previous"
CARD = "model_card.md"
MOST_OF_A_CARD = 5_000  # characters; what MLflow's stores hold of a description
HISTORY = f"{tracking.TAG}champions"  # of a registered model: its champions' versions
MOST_CHAMPIONS = 100
TYPES = {"float64": "double", "boolean": "boolean", "str": "string"}  # of columns, as MLflow says
PROBE = ["O=C1C=CC(=O)C=C1", "CN1c2ccccc2Sc2ccccc21", "no molecule"]


@tracking.store_failures()
def register_model(target: str) -> Registered:
    """Register a model that this project has made and measured; the same makes no second version.

    The first version of a target becomes its champion; later ones wait for `promote`.

    Raises
    ------
    OrganodeError
        If it is not made or not measured, if the store cannot be reached, or if what was
        registered does not answer as the model here does.
    """
    kind = kind_of(target)
    made = kind.load(*kind.parts.values())
    if not kind.metrics_path.exists():
        raise OrganodeError(f"{kind.metrics_path} is missing: run `{kind.measured_by}` first")
    client = tracking.connect()
    identity = kind.identity()
    whole = _version_of(client, target, identity)
    if whole is None or not _has_artefacts(whole):
        whole = _log(client, kind, made)
        _check_answers(whole, kind, made)
        _describe(client, whole, kind)
        tag(client, whole, identity=identity)  # last: it says that this version is whole
    tag(client, whole, **kind.labels())  # may have been corrected since
    with exclusively(tracking.address()):  # of two first versions one is champion
        champion = by_alias(client, target, CHAMPION)
        if champion is None and not champions_before(client, target, whole):
            client.set_registered_model_alias(whole.name, CHAMPION, whole.version)
            champion = whole
    if champion is not None and champion.version != whole.version:
        if _tag_of(client, champion, "identity") == identity and not _has_artefacts(champion):
            _stand_in(client, whole, champion)
    elif champion is not None and not _tag_of(client, whole, "promoted"):
        tag(client, whole, promoted="first version")
        remember_champions(client, target, [whole.version])
    return get(client, target, whole.version)


def _has_artefacts(registered: Registered) -> bool:
    try:
        load(registered)
    except ArtefactsMissingError:
        return False
    return True


def _stand_in(client: MlflowClient, new: Registered, old: Registered) -> None:
    """Make `new` champion instead of `old`: the same model, whose artefacts were lost."""
    line = known_champions(client, old.target)
    story = f"{_tag_of(client, old, 'promoted')}; registered again: files of {old.version} are lost"
    tag(client, new, promoted=story)
    client.set_registered_model_alias(new.name, CHAMPION, new.version)
    remember_champions(client, new.target, [*line[:-1], new.version])
    say(f"{new.name} version {new.version} is the same model as version {old.version}, whose "
        "artefacts are missing, and champion in its place")  # fmt: skip


def known_champions(client: MlflowClient, target: str) -> list[str]:
    """Return the versions that were champion, the present one last; some may be deleted by now.

    They stand in a tag of the registered model, which a rollback shortens: what it left is never
    returned to. The alias decides where the two differ: a command was killed between writing one
    and the other, or the alias was moved by other means.
    """
    from mlflow.exceptions import MlflowException

    try:
        tags = client.get_registered_model(model_name(target)).tags
    except MlflowException as error:
        if tracking.says_absent(error):
            return []
        raise tracking.failure(error) from error
    champion, previous = (by_alias(client, target, alias) for alias in (CHAMPION, PREVIOUS))
    line = str(tags.get(HISTORY, "")).split()
    if HISTORY not in tags and previous is not None:  # promoted before there was such a tag
        story = _tag_of(client, champion, "promoted") if champion is not None else ""
        line = [] if "rolled back" in story else [previous.version]
    if champion is None:
        return line
    if champion.version not in line:
        return [*line, champion.version]
    while line[-1] != champion.version:
        line.pop()
    return line


def champions_before(client: MlflowClient, target: str, present: Registered | None) -> list[str]:
    """Return the earlier champions that still exist, the latest last."""
    versions = client.search_model_versions(f"name = '{model_name(target)}'")
    existing = {str(version.version) for version in versions}
    number = present.version if present is not None else ""
    return [n for n in known_champions(client, target) if n in existing and n != number]


def remember_champions(client: MlflowClient, target: str, line: Sequence[str]) -> None:
    """Write which versions were champion, the present one last."""
    kept = " ".join(line[-MOST_CHAMPIONS:])
    client.set_registered_model_tag(model_name(target), HISTORY, kept)


def _tag_of(client: MlflowClient, registered: Registered, name: str) -> str:
    tags = client.get_model_version(registered.name, registered.version).tags
    return str(tags.get(f"{tracking.TAG}{name}", ""))


def _log(client: MlflowClient, kind: Kind[Any], made: Any) -> Registered:
    """Log the model as a new version."""
    import mlflow

    target, metrics = kind.target, kind.metrics()
    run = kind.run(made)
    if not run.is_evaluated():
        run.log_evaluation(metrics, kind.metrics_path.parent)
    card = kind.card(made, metrics)
    # A clean copy of the package: the model must load where organode is not installed.
    with tempfile.TemporaryDirectory() as temporary:
        package = Path(organode.__file__).parent
        code = Path(temporary) / "organode"
        shutil.copytree(package, code, ignore=shutil.ignore_patterns("__pycache__"))
        with tracking.quiet(), mlflow.start_run(run_id=run.run_id):
            logged = mlflow.pyfunc.log_model(
                name=f"{target}-model",
                python_model=str(kind.served_by),
                artifacts={name: str(folder) for name, folder in kind.parts.items()},
                code_paths=[str(code)],
                pip_requirements=_requirements(kind),
                signature=_signature(kind),
                input_example=pd.DataFrame({"smiles": PROBE[:1]}),
                registered_model_name=model_name(target),
            )
    number = str(logged.registered_model_version)
    client.update_registered_model(model_name(target), kind.description)
    client.update_model_version(model_name(target), number, _description(card))
    client.log_text(run.run_id, card, CARD)
    registered = get(client, target, number)
    _share_parts(client, registered, kind)
    return registered


def _describe(client: MlflowClient, registered: Registered, kind: Kind[Any]) -> None:
    """Tag a version with what a person compares, and its run with what was measured of it.

    Hashes of what it was made from are the run's own tags.
    """
    metrics = kind.metrics()
    client.set_tag(registered.run_id, _on_run(registered.version, "metrics"), json.dumps(metrics))
    known = _run_tags(client, registered.run_id)
    source, digest = (known.get(f"{tracking.TAG}{name}", "") for name in kind.data_version)
    shown = {name: f"{value:.4f}" for name, value in kind.headline(metrics).items()}
    shown["data"] = f"{digest[:8]} {source}".strip()
    for name, value in shown.items():  # short names: MLflow's list of versions cuts them
        client.set_model_version_tag(registered.name, registered.version, name, value)


def _on_run(number: str, name: str) -> str:
    """Return the tag of a run in which it keeps something of a version; there may be several."""
    return f"{tracking.TAG}version_{number}.{name}"


def _run_tags(client: MlflowClient, run_id: str | None) -> dict[str, str]:
    """Return the tags of a version's run; none where it was removed for good."""
    from mlflow.exceptions import MlflowException

    try:
        return dict(client.get_run(run_id).data.tags) if run_id else {}
    except MlflowException as error:
        if tracking.says_absent(error):
            return {}
        raise tracking.failure(error) from error


def _share_parts(client: MlflowClient, registered: Registered, kind: Kind[Any]) -> None:
    """Let a version in a store on this machine share the files of this project's model."""
    folder = local_path(_location(client, registered))
    if folder is not None:
        for made, stored in zip(kind.parts.values(), _parts(folder, kind), strict=True):
            share(made, stored)


def _requirements(kind: Kind[Any]) -> list[str]:
    """Return what the model's code imports, in the versions that are installed here."""
    served = kind.served_by.relative_to(Path(organode.__file__).parents[1]).with_suffix("")
    found = packages_distributions()
    names = [
        package if package in found[package] else found[package][0]  # of mlflow there are parts
        for package in sorted(libraries(".".join(served.parts)))
    ]
    return [f"{name}=={version(name)}" for name in names]


def _signature(kind: Kind[Any]) -> Any:
    """Return what MLflow is to know of requests and answers.

    Texts are always there; numbers are null where a row has no answer.
    """
    from mlflow.models import ModelSignature
    from mlflow.types import ColSpec, ParamSchema, ParamSpec, Schema

    asked = [ParamSpec(*parameter) for parameter in kind.parameters]
    return ModelSignature(
        inputs=Schema([ColSpec("string", "smiles")]),
        outputs=Schema([
            *(ColSpec("string", name) for name in ("smiles", "status", "note")),
            *(
                ColSpec(TYPES[type_], name, required=type_ == "str")
                for name, type_ in kind.columns.items()
            ),
        ]),
        params=ParamSchema(asked) if asked else None,  # type: ignore[arg-type]  # its default
    )  # fmt: skip


def _description(card: str) -> str:
    """Return as much of a card as a description can hold."""
    if len(card) <= MOST_OF_A_CARD:
        return card
    rest = f"\n\n… The whole card is `{CARD}` among the run's artefacts."
    return card[: MOST_OF_A_CARD - len(rest)] + rest


def _check_answers(registered: Registered, kind: Kind[Any], made: Any) -> None:
    """Load what was registered and compare: a model that cannot be loaded is only warned of."""
    expected = kind.answers(made, PROBE)
    for read in (_load_as_mlflow_does, lambda version: load(version).model):
        if not kind.answers(read(registered), PROBE).equals(expected):
            raise OrganodeError(
                f"{registered.uri} does not answer as the model here does: remove that version "
                "and register again"
            )


def _load_as_mlflow_does(registered: Registered) -> Any:
    """Load what was just registered by the code that was registered with it."""
    import mlflow

    # MLflow puts that code before everything else: processes that this one starts would work with
    # that copy, this one with what is installed.
    path = sys.path.copy()
    try:
        with tracking.quiet():
            model = mlflow.pyfunc.load_model(registered.uri).unwrap_python_model()
    except Exception as error:  # MLflow passes on whatever a store or a loader raised
        raise OrganodeError(
            f"{registered.uri} was registered but MLflow cannot load it "
            f"({tracking.reason(error)}): remove that version and register again"
        ) from error
    finally:
        sys.path[:] = path
    # Taken out of it: MLflow keeps the wrapper, and would keep all networks in memory with it.
    return vars(model).pop("model")


class ArtefactsMissingError(OrganodeError):
    """The store knows a version whose files are gone."""


def load(registered: Registered) -> Loaded[Any]:
    """Load exactly this version.

    Its parts are read, and nothing else: no code that was registered is run, and nothing is
    written, as MLflow's own loading does.

    Raises
    ------
    ArtefactsMissingError
        If its artefacts are gone.
    OrganodeError
        If they cannot be read: for lack of permission or memory, or because they are damaged.
    """
    location = _location(tracking.connect(), registered)
    folder, kind = Path(location), kind_of(registered.target)
    try:
        with local_folder(location) as folder:
            return Loaded(registered, kind.load(*_parts(folder, kind)))
    except Exception as error:  # whatever a store or a file's reader raised
        problem = _unloadable(registered, error)
        # A copy's temporary name says nothing to a person.
        raise type(problem)(str(problem).replace(str(folder), location)) from error


def _location(client: MlflowClient, registered: Registered) -> str:
    """Return where a version's files are.

    Raises
    ------
    OrganodeError
        If the store cannot be asked.
    """
    try:
        location = client.get_model_version_download_uri(registered.name, registered.version)
    except Exception as error:  # whatever MLflow's transport raised
        raise tracking.failure(error) from error
    return tracking.present_location(location)


def _parts(folder: Path, kind: Kind[Any]) -> list[Path]:
    """Return the folders of a version's parts, in the order of `Kind.parts`."""
    content = yaml.safe_load((folder / "MLmodel").read_text(encoding="utf-8"))
    parts = content["flavors"]["python_function"]["artifacts"]
    return [folder / parts[name]["path"] for name in kind.parts]


def _unloadable(registered: Registered, error: Exception) -> OrganodeError:
    """Return the sentence for a version that cannot be loaded: what is wrong, what to do."""
    name = f"{registered.name} version {registered.version}"
    if registered.aliases:
        name += f" ({', '.join(registered.aliases)})"
    target = registered.target
    another = (
        f"or choose another version (`organode rollback {target}`, or `organode promote {target} "
        '--version N --force --reason "…"`)'
    )
    for cause in causes(error):
        if isinstance(cause, FileNotFoundError | NotADirectoryError):
            return ArtefactsMissingError(
                f"{name} cannot be loaded: {cause.filename} is missing; bring it back from a "
                f"backup, {another}; nothing was changed in the registry"
            )
    if lack := explained(error):
        return OrganodeError(
            f"{name} cannot be loaded: {lack}; nothing was changed in the registry"
        )
    what, _, _ = tracking.one_line(error).partition(": run `")  # advice for a project's own folders
    return OrganodeError(
        f"{name} cannot be loaded ({what}): its files are damaged or could not be fetched, or "
        f"another version of organode wrote them; bring them back from a backup, {another}; "
        "nothing was changed in the registry"
    )


def trained_here(target: str) -> Loaded[Any]:
    """Register this project's model, if need be, and load it.

    What is made with it depends on no registry: the model's identity, shortened, is its version's
    name.

    Raises
    ------
    OrganodeError
        See `register_model` and `load`.
    """
    loaded = load(register_model(target))
    name = kind_of(target).identity()[:12]
    return replace(loaded, registered=replace(loaded.registered, version=name, aliases=()))


def champion(target: str) -> Loaded[Any] | None:
    """Load the champion of a target; None where there has never been any.

    Where the store knows no champion but this project holds the model, as after `git clone` and
    `dvc pull`, the model is registered first.

    Raises
    ------
    OrganodeError
        If it cannot be loaded, or was taken away; the message gives the command that helps.
    """
    # A store that nobody has made yet is not made only to find it empty.
    if not (kind_of(target).exists_here() or tracking.store_exists()):
        return None
    client = tracking.connect()
    restore([target])
    found = by_alias(client, target, CHAMPION)
    if found is not None:
        return _load_champion(client, found)
    if earlier := champions_before(client, target, None):
        raise OrganodeError(
            f"{model_name(target)} has no champion any more: `organode rollback {target}` "
            f"makes version {earlier[-1]} champion again, `organode promote {target} "
            "--version N` another"
        )
    return None


def champions(targets: Sequence[str], *, all_needed: bool = True) -> list[Loaded[Any]]:
    """Load the champion of each target, as `champion` does.

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
    found = {target: champion(target) for target in targets}
    missing = [target for target, loaded in found.items() if loaded is None]
    if missing and (all_needed or len(missing) == len(found)):
        raise OrganodeError(
            f"no model {model_name(missing[0])}@{CHAMPION} is registered at "
            f"{tracking.shown_address()}: run `dvc repro` (or, after training, "
            f"`organode register {missing[0]}`), or set MLFLOW_TRACKING_URI to another store"
        )
    return [loaded for loaded in found.values() if loaded is not None]


def named(target: str, name: str) -> Loaded[Any]:
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


def _load_champion(client: MlflowClient, found: Registered) -> Loaded[Any]:
    """Load a champion; if its artefacts are lost, the same model where this project holds it."""
    try:
        return load(found)
    except ArtefactsMissingError as error:
        target, kind = found.target, kind_of(found.target)
        if not kind.exists_here() or kind.identity() != _tag_of(client, found, "identity"):
            raise
        parts = list(kind.parts.values())
        say(f"{error}. Meanwhile {parts[0]} answers, which is the same model; "
            f"`organode register {target}` registers it again")  # fmt: skip
        return Loaded(found, kind.load(*parts))


def restore(targets: Sequence[str]) -> None:
    """Register this project's models where the store has no champion for them.

    Raises
    ------
    OrganodeError
        If the store cannot be reached.
    """
    client = tracking.connect()
    for target in targets:
        kind = kind_of(target)
        if kind.exists_here() and by_alias(client, target, CHAMPION) is None:
            if champions_before(client, target, None):  # it was taken away: for a person to decide
                continue
            made = register_model(target)
            folder = next(iter(kind.parts.values()))
            say(f"registered the model in {folder} as {made.name} {made.version}")


def get(client: MlflowClient, target: str, number: str) -> Registered:
    """Return one version.

    Raises
    ------
    UsageError
        If there is no such version.
    """
    from mlflow.exceptions import MlflowException

    try:
        found = client.get_model_version(model_name(target), number)
    except MlflowException as error:
        if tracking.says_absent(error):
            raise UsageError(f"{model_name(target)} has no version {number}") from error
        raise tracking.failure(error) from error
    return _registered(target, found, _run_tags(client, found.run_id))


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


def tag(client: MlflowClient, registered: Registered, **tags: str) -> None:
    """Set tags of organode's own on a version."""
    for name, value in tags.items():
        client.set_model_version_tag(
            registered.name, registered.version, f"{tracking.TAG}{name}", value
        )


def _version_of(client: MlflowClient, target: str, identity: str) -> Registered | None:
    """Return the version that holds this model; the newest, should one stand in for another."""
    numbers = [
        int(version.version)
        for version in client.search_model_versions(f"name = '{model_name(target)}'")
        if version.tags.get(f"{tracking.TAG}identity") == identity
    ]
    return get(client, target, str(max(numbers))) if numbers else None


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


def _registered(target: str, found: ModelVersion, of_run: Mapping[str, str]) -> Registered:
    """Return a version; what it does not say itself, as all did once, its run says."""

    def known(name: str, otherwise: str = "") -> str:
        on_run = of_run.get(_on_run(str(found.version), name), of_run.get(tracking.TAG + name, ""))
        return str(found.tags.get(tracking.TAG + name, on_run) or otherwise)

    return Registered(
        target=target,
        name=found.name,
        version=str(found.version),
        aliases=tuple(found.aliases or ()),
        metrics=json.loads(known("metrics", "{}")),
        data_sha256=known("data_sha256"),
        splits_sha256=known("splits_sha256"),
        reference=known("reference", "unknown"),
        level_of_theory=known("level_of_theory", "unknown"),
        run_id=found.run_id or "",
    )
