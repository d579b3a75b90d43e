"""Files of the store: those of a version, and tables of its run."""

from __future__ import annotations

import contextlib
import filecmp
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from organode.errors import OrganodeError
from organode.tracking import client as tracking
from organode.tracking.registry.kinds import kind_of
from organode.tracking.registry.versions import Registered

if TYPE_CHECKING:
    from mlflow import MlflowClient


def local_path(location: str) -> Path | None:
    """Return the folder of artefacts where the store is on this machine, or else None."""
    from mlflow.utils.file_utils import local_file_uri_to_path
    from mlflow.utils.uri import is_local_uri

    if not is_local_uri(location):  # type: ignore[no-untyped-call]
        return None
    return Path(local_file_uri_to_path(location))  # type: ignore[no-untyped-call]


@contextlib.contextmanager
def local_folder(location: str) -> Iterator[Path]:
    """Yield a folder of artefacts: the store's own if it is on this machine, or else a copy."""
    from mlflow.artifacts import download_artifacts

    if (folder := local_path(location)) is not None:
        yield folder
        return
    address = tracking.address()
    with tempfile.TemporaryDirectory() as copy, tracking.quiet():
        yield Path(download_artifacts(artifact_uri=location, dst_path=copy, tracking_uri=address))


def share(made: Path, stored: Path) -> None:
    """Let files of a folder that equal those of another one take no space of their own.

    They become links to the same data, where the file system has such. Nothing writes into either:
    a result is replaced as a whole.

    Parameters
    ----------
    made : Path
        Whose files stay.
    stored : Path
        Whose files may be replaced by links.
    """
    for file in list(stored.rglob("*")):
        source = (made / file.relative_to(stored)).resolve()
        if not (file.is_file() and source.is_file()) or file.samefile(source):
            continue
        if filecmp.cmp(source, file, shallow=False):
            link = file.with_name(f".{file.name}.link")
            try:
                link.hardlink_to(source)
            except OSError:  # another disk, or no links there: a copy is as good
                return
            link.replace(file)


def table_of(
    client: MlflowClient, registered: Registered, name: str, read: Callable[[str], pd.DataFrame]
) -> pd.DataFrame:
    """Return a table that a version's run holds.

    Raises
    ------
    OrganodeError
        If the store has lost it, or never had it.
    """
    from mlflow.artifacts import download_artifacts

    try:
        location = tracking.present_location(client.get_run(registered.run_id).info.artifact_uri)
        with tempfile.TemporaryDirectory() as folder, tracking.quiet():
            path = download_artifacts(
                artifact_uri=f"{location}/{name}",
                dst_path=folder,
                tracking_uri=tracking.address(),
            )
            return read(path)
    except Exception as error:  # MLflow passes on whatever a store raised
        raise OrganodeError(
            f"the predictions of {registered.uri} cannot be read ({tracking.reason(error)}): "
            f"run `{kind_of(registered.target).measured_by}` and `organode register "
            f"{registered.target}` again"
        ) from error
