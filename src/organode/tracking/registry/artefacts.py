"""Access the files of registered model versions, and tables of their runs, in the MLflow store."""

from __future__ import annotations

import contextlib
import filecmp
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from organode.errors import OrganodeError
from organode.tracking.registry.kinds import kind_of
from organode.tracking.registry.versions import Registered
from organode.tracking.store import present_location, quiet_mlflow, reason_of, store_address

if TYPE_CHECKING:
    from mlflow import MlflowClient


def local_path(location: str) -> Path | None:
    """Return the path of the artefact folder at a URI or path; None if the folder is remote."""
    from mlflow.utils.file_utils import local_file_uri_to_path
    from mlflow.utils.uri import is_local_uri

    if not is_local_uri(location):  # type: ignore[no-untyped-call]
        return None
    return Path(local_file_uri_to_path(location))  # type: ignore[no-untyped-call]


@contextlib.contextmanager
def local_folder(location: str) -> Iterator[Path]:
    """Yield the path of the artefact folder at a URI or path.

    If the folder is on another machine, the path is that of a temporary local copy of the folder.
    """
    from mlflow.artifacts import download_artifacts

    if (folder := local_path(location)) is not None:
        yield folder
        return
    address = store_address()
    with tempfile.TemporaryDirectory() as copy, quiet_mlflow():
        yield Path(download_artifacts(artifact_uri=location, dst_path=copy, tracking_uri=address))


def share_files(source: Path, stored: Path) -> None:
    """Replace files in `stored` by hard links to equal files in `source`, to save disk space.

    Links are safe, as organode never changes an existing file in these folders: a new result
    replaces the whole file. If a hard link cannot be made, as between two disks, the remaining
    files in `stored` stay as they are.

    Parameters
    ----------
    source : Path
        A folder whose files stay as they are.
    stored : Path
        A folder whose files may be replaced by links.
    """
    for file in list(stored.rglob("*")):
        original = (source / file.relative_to(stored)).resolve()
        if not (file.is_file() and original.is_file()) or file.samefile(original):
            continue
        if filecmp.cmp(original, file, shallow=False):
            link = file.with_name(f".{file.name}.link")
            try:
                link.hardlink_to(original)
            except OSError:  # another disk, or a file system without hard links
                return
            link.replace(file)


def read_run_table(
    client: MlflowClient, registered: Registered, name: str, read: Callable[[str], pd.DataFrame]
) -> pd.DataFrame:
    """Return a table that is an artefact of the MLflow run of a registered version.

    Parameters
    ----------
    client : MlflowClient
        Client of the store.
    registered : Registered
        The registered version.
    name : str
        Name of the file, such as ``predictions.parquet``.
    read : callable
        Reads the file from its path, such as `pandas.read_parquet`.

    Raises
    ------
    OrganodeError
        If the store does not have the file, or the file cannot be read.
    """
    from mlflow.artifacts import download_artifacts

    try:
        location = present_location(client.get_run(registered.run_id).info.artifact_uri)
        with tempfile.TemporaryDirectory() as folder, quiet_mlflow():
            path = download_artifacts(
                artifact_uri=f"{location}/{name}", dst_path=folder, tracking_uri=store_address()
            )
            return read(path)
    except Exception as error:  # MLflow passes on whatever a store raised
        raise OrganodeError(
            f"the predictions of {registered.uri} cannot be read ({reason_of(error)}): "
            f"run `{kind_of(registered.target).measured_by}` and `organode register "
            f"{registered.target}` again"
        ) from error
