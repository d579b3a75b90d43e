"""Files of the store: those of a version, and tables of its run."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from organode import tracking
from organode.errors import OrganodeError
from organode.register import Registered
from organode.register.kinds import kind_of

if TYPE_CHECKING:
    from mlflow import MlflowClient


@contextlib.contextmanager
def local_folder(location: str) -> Iterator[Path]:
    """Yield a folder of artefacts: the store's own if it is on this machine, or else a copy."""
    from mlflow.artifacts import download_artifacts
    from mlflow.utils.file_utils import local_file_uri_to_path
    from mlflow.utils.uri import is_local_uri

    if is_local_uri(location):  # type: ignore[no-untyped-call]
        yield Path(local_file_uri_to_path(location))  # type: ignore[no-untyped-call]
        return
    address = tracking.address()
    with tempfile.TemporaryDirectory() as folder, tracking.quiet():
        yield Path(download_artifacts(artifact_uri=location, dst_path=folder, tracking_uri=address))


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
