"""The MLflow tracking store: its address, a client of it, and its failures in plain words."""

from __future__ import annotations

import contextlib
import io
import logging
import os
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from organode.errors import OrganodeError, without_password
from organode.tracking import relocation
from organode.tracking.databases import database_lock, project_folder, resolved_address
from organode.utils.resources import explained

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.exceptions import MlflowException

DEFAULT_DATABASE = "mlflow.db"  # in the project's folder


def store_address() -> str:
    """Return the tracking address: `MLFLOW_TRACKING_URI`, or SQLite in the project's folder."""
    address = os.environ.get("MLFLOW_TRACKING_URI")
    return resolved_address(address) if address else _default_address()


def _default_address() -> str:
    """Return the address of this project's database.

    It has the whole path: MLflow opens an address only once, whatever the working folder is then.
    """
    path = project_folder() / DEFAULT_DATABASE
    # A question mark would end the path in an address.
    return f"sqlite:///{DEFAULT_DATABASE if '?' in str(path) else path}"


def shown_address() -> str:
    """Return the tracking address without a password, fit for messages."""
    return without_password(store_address())


def store_exists() -> bool:
    """Tell whether there is a store to ask: the default one is created by the first run."""
    default = project_folder() / DEFAULT_DATABASE
    return store_address() != _default_address() or default.exists()


def connect() -> MlflowClient:
    """Return a client of the tracking store, after one successful request.

    Raises
    ------
    OrganodeError
        If the store cannot be reached; raised before any work is begun.
    """
    # A dead server should be noticed in seconds: by default MLflow retries for several minutes.
    os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "3")
    os.environ.setdefault("MLFLOW_HTTP_REQUEST_TIMEOUT", "20")
    os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
    os.environ.setdefault("DO_NOT_TRACK", "true")
    os.environ.setdefault("MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR", "false")
    # Standard output is for the command's answer.
    os.environ.setdefault("MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT", "true")
    warnings.filterwarnings("ignore", module="mlflow")
    import mlflow
    from mlflow import MlflowClient

    for name in ("mlflow", "alembic"):
        logging.getLogger(name).setLevel(logging.CRITICAL)  # errors are raised as well as logged
    address = store_address()
    mlflow.set_tracking_uri(address)
    try:
        # MLflow puts artefacts below the folder in which its store is first opened.
        with database_lock(address), contextlib.chdir(project_folder()):
            client = MlflowClient(address)
            client.search_experiments(max_results=1)
            if database := default_database():
                relocation.relocate(database)
    except OrganodeError:
        raise
    except Exception as error:  # MLflow passes on what its store or its transport raised
        if explanation := explained(error, shown_address()):
            raise explanation from error
        if address.startswith("sqlite:"):
            raise OrganodeError(
                f"the MLflow store at {shown_address()} cannot be used: {reason_of(error)}"
            ) from error
        raise OrganodeError(
            f"the MLflow store at {shown_address()} cannot be reached ({in_one_line(error)}): "
            "start it, or set MLFLOW_TRACKING_URI to one that answers (unset, runs go to "
            "./mlflow.db)"
        ) from error
    return client


def default_database() -> Path | None:
    """Return the project's own `mlflow.db` if it is the store, and is a file, not a link."""
    address, default = store_address(), project_folder() / DEFAULT_DATABASE
    if not address.startswith("sqlite:///"):
        return None
    if Path(address.removeprefix("sqlite:///")).absolute() != default:
        return None
    return default if default.is_file() and not default.is_symlink() else None


def present_location(location: str) -> str:
    """Return where an artefact is now whose recorded location is `location`.

    The two differ in a project that was moved and whose database cannot be written; see
    `relocation`.
    """
    database = default_database()
    return location if database is None else relocation.present_location(location, database)


def is_absent(error: MlflowException) -> bool:
    """Tell whether a store answered that something does not exist, and did not merely fail."""
    if error.error_code == "RESOURCE_DOES_NOT_EXIST":
        return True
    # The SQL store answers so when an alias does not exist.
    return error.error_code == "INVALID_PARAMETER_VALUE" and "not found" in str(error)


def failure(error: Exception) -> OrganodeError:
    """Return the error for a store that answered before and fails now."""
    return explained(error, shown_address()) or OrganodeError(
        f"the MLflow store at {shown_address()} failed ({reason_of(error)}): "
        "start the same command again when it answers, and it resumes"
    )


@contextlib.contextmanager
def store_failures() -> Iterator[None]:
    """Turn MLflow's exceptions in a block, or in a decorated function, into `failure`."""
    from mlflow.exceptions import MlflowException

    try:
        yield
    except MlflowException as error:
        raise failure(error) from error


def reason_of(error: Exception) -> str:
    """Return why something failed, in one line: what the machine lacks, or the error's text."""
    explanation = explained(error)
    return in_one_line(error) if explanation is None else str(explanation)


def in_one_line(error: Exception) -> str:
    """Return an error's text in one line of at most 200 characters, without passwords."""
    return without_password(" ".join(str(error).split()))[:200]


@contextlib.contextmanager
def quiet_mlflow() -> Iterator[None]:
    """Keep MLflow's progress and hints off the terminal; its errors are exceptions."""
    with contextlib.redirect_stderr(io.StringIO()):
        yield
