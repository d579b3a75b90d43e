"""Load a target's champion (the version in use), a version by name, or this project's model.

A target is what a model predicts: ``IE``, ``EA`` or ``stability``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from organode.errors import OrganodeError, UsageError
from organode.tracking.registry.history import earlier_champions
from organode.tracking.registry.kinds import kind_of
from organode.tracking.registry.load import ArtefactsMissingError, load
from organode.tracking.registry.lookup import (
    IDENTITY,
    all_versions,
    tag_of_version,
    version_by_alias,
    version_by_number,
)
from organode.tracking.registry.register import register_model
from organode.tracking.registry.versions import CHAMPION, Loaded, Registered, model_name
from organode.tracking.store import connect, shown_address, store_exists
from organode.utils.progress import say

if TYPE_CHECKING:
    from mlflow import MlflowClient


def champions(targets: Sequence[str], *, all_needed: bool = True) -> list[Loaded[Any]]:
    """Load the champion, the registered version in use, of each target.

    Parameters
    ----------
    targets : sequence of str
        ``IE``, ``EA`` or both.
    all_needed : bool
        Whether every target must have a champion; if false, one champion is enough.

    Returns
    -------
    list of Loaded
        The champions in the order of `targets`, without targets that have none.

    Raises
    ------
    OrganodeError
        If a target that needs a champion has none, or a champion cannot be loaded; the message
        gives the command that helps.
    """
    loaded = {target: champion(target) for target in targets}
    missing = [target for target, version in loaded.items() if version is None]
    if missing and (all_needed or len(missing) == len(loaded)):
        raise OrganodeError(
            f"no model {model_name(missing[0])}@{CHAMPION} is registered at "
            f"{shown_address()}: run `dvc repro` (or, after training, "
            f"`organode register {missing[0]}`), or set MLFLOW_TRACKING_URI to another store"
        )
    return [version for version in loaded.values() if version is not None]


def champion(target: str) -> Loaded[Any] | None:
    """Load the champion, the registered version in use, of a target; None if it never had one.

    If the target has never had a champion in the store, but this project's folders hold a model, as
    after `git clone` and `dvc pull`, that model is registered first and becomes champion.

    Raises
    ------
    OrganodeError
        If the champion cannot be loaded, or the former champion was removed; the message gives the
        command that helps.
    """
    # Do not create an empty store only to look for a champion in it.
    if not (kind_of(target).exists_here() or store_exists()):
        return None
    client = connect()
    restore([target])
    registered = version_by_alias(client, target, CHAMPION)
    if registered is not None:
        return _load_champion(client, registered)
    if earlier := earlier_champions(client, target, None):
        raise OrganodeError(
            f"{model_name(target)} has no champion any more: `organode rollback {target}` "
            f"makes version {earlier[-1]} champion again, `organode promote {target} "
            "--version N` another"
        )
    return None


def _load_champion(client: MlflowClient, registered: Registered) -> Loaded[Any]:
    """Load a champion; if its files are lost, load the same model from this project's folders.

    If the files are lost and this project does not hold the same model, `ArtefactsMissingError` is
    raised.
    """
    try:
        return load(registered)
    except ArtefactsMissingError as error:
        target, kind = registered.target, kind_of(registered.target)
        if not kind.exists_here():
            raise
        if kind.identity() != tag_of_version(client, registered, IDENTITY):
            raise
        folders = list(kind.parts.values())
        say(
            f"{error}. Meanwhile {folders[0]} is used, which holds the same model; "
            f"`organode register {target}` registers it again"
        )
        return Loaded(registered, kind.load(*folders))


def restore(targets: Sequence[str]) -> None:
    """Register this project's model of each target that never had a champion (version in use).

    Raises
    ------
    OrganodeError
        If the store cannot be reached.
    """
    client = connect()
    for target in targets:
        kind = kind_of(target)
        if kind.exists_here() and version_by_alias(client, target, CHAMPION) is None:
            if earlier_champions(client, target, None):  # removed by the user, who decides
                continue
            registered = register_model(target)
            folder = next(iter(kind.parts.values()))
            say(f"registered the model in {folder} as {registered.name} {registered.version}")


def named_version(target: str, name: str) -> Loaded[Any]:
    """Load the registered version of a target whose number, alias or run id is `name`.

    Raises
    ------
    UsageError
        If there is no such version; the message lists the versions that exist.
    OrganodeError
        If the store cannot be reached, or the version cannot be loaded.
    """
    client = connect()
    versions = [
        version_by_number(client, target, str(version.version))
        for version in all_versions(client, target)
    ]
    for version in versions:
        if name in (version.version, version.run_id, *version.aliases):
            return load(version)
    listed = ", ".join(
        "@".join([version.version, *version.aliases])
        for version in sorted(versions, key=lambda version: int(version.version))
    )
    raise UsageError(
        f"no version, alias or run '{name}' of {model_name(target)} at {shown_address()}: there "
        f"are versions {listed or 'none'}; `dvc repro` makes one"
    )


def project_model(target: str) -> Loaded[Any]:
    """Load this project's model of a target, after registering the model if needed.

    In the result, the version is not the number in the registry but the first 12 characters of the
    hash that identifies the model. So results that name the version do not depend on the registry.

    Raises
    ------
    OrganodeError
        If the model or its metrics are missing, or the model cannot be registered or loaded.
    """
    loaded = load(register_model(target))
    name = kind_of(target).identity()[:12]
    return replace(loaded, registered=replace(loaded.registered, version=name, aliases=()))
