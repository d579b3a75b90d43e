"""The past champions of a model, in order of promotion, kept in a tag of the registered model.

The champion is the version in use.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from organode.tracking.provenance import TAG
from organode.tracking.registry.lookup import (
    PROMOTED,
    all_versions,
    tag_of_version,
    version_by_alias,
)
from organode.tracking.registry.versions import CHAMPION, PREVIOUS, Registered, model_name
from organode.tracking.store import failure, is_absent

if TYPE_CHECKING:
    from mlflow import MlflowClient

HISTORY = f"{TAG}champions"  # tag of a registered model: the versions that were champion
MAX_CHAMPIONS = 100  # versions in that tag; older ones are dropped


def champion_history(client: MlflowClient, target: str) -> list[str]:
    """Return the numbers of the versions that were champion (in use), the present champion last.

    Some of these versions may be deleted by now. The numbers are in a tag of the registered model.
    A rollback removes the version that was champion from the tag, so that no later rollback returns
    to that version. If the tag and MLflow's alias ``champion`` disagree, the alias decides. They
    disagree if a command was killed after it wrote only one of them, or if another program moved
    the alias. The list is empty if nothing is registered.
    """
    from mlflow.exceptions import MlflowException

    try:
        tags = client.get_registered_model(model_name(target)).tags
    except MlflowException as error:
        if is_absent(error):
            return []
        raise failure(error) from error
    champion = version_by_alias(client, target, CHAMPION)
    previous = version_by_alias(client, target, PREVIOUS)
    history = str(tags.get(HISTORY, "")).split()
    if HISTORY not in tags and previous is not None:  # promoted before this tag existed
        story = tag_of_version(client, champion, PROMOTED) if champion is not None else ""
        history = [] if "rolled back" in story else [previous.version]
    if champion is None:
        return history
    if champion.version not in history:
        return [*history, champion.version]
    while history[-1] != champion.version:
        history.pop()
    return history


def earlier_champions(client: MlflowClient, target: str, present: Registered | None) -> list[str]:
    """Return the numbers of versions that were champion (in use) and still exist, the latest last.

    The version `present`, such as the present champion, is left out. None leaves out no version.
    """
    existing = {str(version.version) for version in all_versions(client, target)}
    excluded = present.version if present is not None else ""
    return [
        number
        for number in champion_history(client, target)
        if number in existing and number != excluded
    ]


def write_history(client: MlflowClient, target: str, history: Sequence[str]) -> None:
    """Write the numbers of the versions that were champion (in use) to a tag of the model.

    The present champion is last in `history`. Only the last `MAX_CHAMPIONS` numbers are written.
    """
    kept = " ".join(history[-MAX_CHAMPIONS:])
    client.set_registered_model_tag(model_name(target), HISTORY, kept)
