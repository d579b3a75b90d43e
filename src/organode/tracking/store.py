"""The MLflow tracking store: its address, a client for it, and messages about its failures."""

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
    """Return the address of the MLflow tracking store.

    The environment variable `MLFLOW_TRACKING_URI` holds the address. If this variable is not set,
    the store is the SQLite database ``mlflow.db`` in the project's folder.
    """
    address = os.environ.get("MLFLOW_TRACKING_URI")
    return resolved_address(address) if address else _default_address()


def _default_address() -> str:
    """Return the address of the project's own MLflow database, with an absolute path.

    MLflow opens each address once per process and keeps the database open: a relative path would
    lead to the same file even after the working folder has changed. The path is relative only if
    the path of the project's folder contains a question mark.
    """
    path = project_folder() / DEFAULT_DATABASE
    # In an address, a question mark ends the path: a path that contains one must stay relative.
    return f"sqlite:///{DEFAULT_DATABASE if '?' in str(path) else path}"


def shown_address() -> str:
    """Return the tracking address without user and password, for messages."""
    return without_password(store_address())


def store_exists() -> bool:
    """Tell whether a tracking store exists, so that a request to it does not create an empty store.

    The project's own database exists only after the first MLflow run. A store at any other address
    is assumed to exist.
    """
    default = project_folder() / DEFAULT_DATABASE
    return store_address() != _default_address() or default.exists()


def connect() -> MlflowClient:
    """Return a client of the MLflow tracking store, after one successful request.

    If the project's folder was moved, the paths of artefacts in the project's own database are
    corrected.

    Raises
    ------
    OrganodeError
        If the store cannot be reached or used.
    """
    # A dead server should be noticed in seconds: by default MLflow retries for several minutes.
    os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "3")
    os.environ.setdefault("MLFLOW_HTTP_REQUEST_TIMEOUT", "20")
    os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
    os.environ.setdefault("DO_NOT_TRACK", "true")
    os.environ.setdefault("MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR", "false")
    # MLflow must not print there: standard output is for the command's result.
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
    """Return the path of the project's own `mlflow.db` if that is the store in use, else None.

    None is also returned if the file does not exist or is a symbolic link.
    """
    address, default = store_address(), project_folder() / DEFAULT_DATABASE
    if not address.startswith("sqlite:///"):
        return None
    if Path(address.removeprefix("sqlite:///")).absolute() != default:
        return None
    return default if default.is_file() and not default.is_symlink() else None


def present_location(location: str) -> str:
    """Return the present location of an artefact that the store records at `location`.

    The result differs from `location` only if the project was moved and the project's own MLflow
    database cannot be written, so that `relocation.relocate` could not correct the database.
    """
    database = default_database()
    return location if database is None else relocation.present_location(location, database)


def is_absent(error: MlflowException) -> bool:
    """Tell whether an error means that the requested object is absent, not a failing store."""
    if error.error_code == "RESOURCE_DOES_NOT_EXIST":
        return True
    # This is the answer of a store in a database when an alias does not exist.
    return error.error_code == "INVALID_PARAMETER_VALUE" and "not found" in str(error)


def failure(error: Exception) -> OrganodeError:
    """Return the error to raise if the MLflow store answered at first, then failed with `error`."""
    return explained(error, shown_address()) or OrganodeError(
        f"the MLflow store at {shown_address()} failed ({reason_of(error)}): "
        "start the same command again when it answers, and it resumes"
    )


@contextlib.contextmanager
def store_failures() -> Iterator[None]:
    """Turn MLflow's exceptions in a block or in a decorated function into `OrganodeError`.

    The function `failure` makes the new error.
    """
    from mlflow.exceptions import MlflowException

    try:
        yield
    except MlflowException as error:
        raise failure(error) from error


def reason_of(error: Exception) -> str:
    """Return an error's cause as text: lack of disk, memory and so on, or the error's message."""
    explanation = explained(error)
    return in_one_line(error) if explanation is None else str(explanation)


def in_one_line(error: Exception) -> str:
    """Return an error's message in one line of at most 200 characters, without passwords."""
    return without_password(" ".join(str(error).split()))[:200]


@contextlib.contextmanager
def quiet_mlflow() -> Iterator[None]:
    """Discard what MLflow prints to standard error, such as progress; exceptions still pass."""
    with contextlib.redirect_stderr(io.StringIO()):
        yield
