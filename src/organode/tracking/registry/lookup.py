"""Find versions in the MLflow registry by number, alias or identity; read and write their tags.

A version's identity is a hash of its model and metrics, kept in a tag.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING

from organode.errors import OrganodeError, UsageError
from organode.tracking.provenance import TAG
from organode.tracking.registry.versions import Registered, model_name
from organode.tracking.store import failure, is_absent

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities.model_registry import ModelVersion

IDENTITY = "identity"  # tag of a version; set last, so that it marks a complete registration
PROMOTED = "promoted"  # tag of a version: when, over which version and why it became champion


def all_versions(client: MlflowClient, target: str) -> list[ModelVersion]:
    """Return all versions of a target's registered model, as objects of MLflow."""
    return list(client.search_model_versions(f"name = '{model_name(target)}'"))


def version_by_number(client: MlflowClient, target: str, number: str) -> Registered:
    """Return the version of a target's registered model with this number, such as ``3``.

    Raises
    ------
    UsageError
        If there is no such version.
    """
    from mlflow.exceptions import MlflowException

    try:
        version = client.get_model_version(model_name(target), number)
    except MlflowException as error:
        if is_absent(error):
            raise UsageError(f"{model_name(target)} has no version {number}") from error
        raise failure(error) from error
    return _registered(target, version, tags_of_run(client, version.run_id))


def version_by_alias(client: MlflowClient, target: str, alias: str) -> Registered | None:
    """Return a target's version with an alias such as ``champion``; None if no version has it."""
    from mlflow.exceptions import MlflowException

    try:
        version = client.get_model_version_by_alias(model_name(target), alias)
    except MlflowException as error:
        # Only the answer "there is none" counts as None: if any failure did, a short outage of the
        # server would let another model become champion.
        if is_absent(error):
            return None
        raise failure(error) from error
    return version_by_number(client, target, str(version.version))


def version_by_identity(client: MlflowClient, target: str, identity: str) -> Registered | None:
    """Return a target's version with this identity, a hash of model and metrics.

    Several versions have the same identity if a model was registered again because its files were
    lost. Then the newest of these versions is returned. The result is None if no
    version has this identity.
    """
    numbers = [
        int(version.version)
        for version in all_versions(client, target)
        if version.tags.get(TAG + IDENTITY) == identity
    ]
    return version_by_number(client, target, str(max(numbers))) if numbers else None


def newest_version(client: MlflowClient, target: str) -> Registered:
    """Return the newest version of a target whose registration was not interrupted.

    Raises
    ------
    OrganodeError
        If no version is registered.
    """
    numbers = [
        int(version.version)
        for version in all_versions(client, target)
        if TAG + IDENTITY in version.tags
    ]
    if not numbers:
        raise OrganodeError(
            f"no version of {model_name(target)} is registered: run `organode register {target}`"
        )
    return version_by_number(client, target, str(max(numbers)))


def tag_version(client: MlflowClient, registered: Registered, **tags: str) -> None:
    """Set tags on a version; each name gets the prefix ``organode.``."""
    for name, value in tags.items():
        client.set_model_version_tag(registered.name, registered.version, f"{TAG}{name}", value)


def tag_of_version(client: MlflowClient, registered: Registered, name: str) -> str:
    """Return the tag ``organode.`` + `name` of a version; an empty text if it is not set."""
    tags = client.get_model_version(registered.name, registered.version).tags
    return str(tags.get(f"{TAG}{name}", ""))


def run_tag(number: str, name: str) -> str:
    """Return the name of a run's tag on version `number`: ``organode.version_3.metrics``."""
    return f"{TAG}version_{number}.{name}"


def tags_of_run(client: MlflowClient, run_id: str | None) -> dict[str, str]:
    """Return the tags of an MLflow run; an empty dict if the run was permanently removed."""
    from mlflow.exceptions import MlflowException

    try:
        return dict(client.get_run(run_id).data.tags) if run_id else {}
    except MlflowException as error:
        if is_absent(error):
            return {}
        raise failure(error) from error


def _registered(target: str, version: ModelVersion, run_tags: Mapping[str, str]) -> Registered:
    """Return a version, given the object of MLflow and the tags of the version's run.

    A fact for which the version has no tag, such as its metrics and the hash of its data, is taken
    from the tags of the run. Versions that an older organode registered have fewer tags.
    """
    number = str(version.version)

    def tag(name: str, default: str = "") -> str:
        of_run = run_tags.get(run_tag(number, name), run_tags.get(TAG + name, ""))
        return str(version.tags.get(TAG + name, of_run) or default)

    return Registered(
        target=target,
        name=version.name,
        version=number,
        aliases=tuple(version.aliases or ()),
        metrics=json.loads(tag("metrics", "{}")),
        data_sha256=tag("data_sha256"),
        splits_sha256=tag("splits_sha256"),
        reference=tag("reference", "unknown"),
        level_of_theory=tag("level_of_theory", "unknown"),
        run_id=version.run_id or "",
    )
