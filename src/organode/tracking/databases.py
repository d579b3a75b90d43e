"""Find the databases of MLflow and Optuna, and lock a database while entries are created in it.

`dvc exp run --temp` and `--queue` work in a folder below the project's `.dvc/tmp/exps`, which DVC
deletes afterwards. MLflow's runs and Optuna's studies must not be deleted with that folder: their
databases are in the project's folder.
"""

from __future__ import annotations

import os
import re
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path

from organode.errors import missing_extra
from organode.utils.progress import say

TEMPORARY = (".dvc", "tmp", "exps")  # below the project's folder: DVC's temporary workspaces
POSTGRES = re.compile(r"postgres(ql)?(\+\w+)?://")
# Matches the address of an SQLite file with a relative path, not an absolute path or a database
# in memory.
RELATIVE = re.compile(r"(sqlite(?:\+\w+)?:///)(?![/:?]|file:)(.+)", re.DOTALL)
LOCK = int.from_bytes(b"organode")  # the key of PostgreSQL's advisory lock
PATIENCE = 3.0  # seconds until the user is told what the command waits for


def project_folder() -> Path:
    """Return the folder of the project that the working folder belongs to.

    The project's folder is the working folder itself. If the working folder is in one of DVC's
    temporary workspaces, below ``.dvc/tmp/exps``, the project's folder is the folder that holds
    ``.dvc``.
    """
    folder = Path.cwd()
    parts = folder.parts
    for start in range(1, len(parts) - len(TEMPORARY)):
        if parts[start : start + len(TEMPORARY)] == TEMPORARY:
            return Path(*parts[:start])
    return folder


def resolved_address(address: str) -> str:
    """Return a database's address whose SQLite path does not depend on the working folder.

    In a temporary workspace of DVC, a relative SQLite path in `address`, such as
    ``sqlite:///mlflow.db``, is joined to the project's folder. In all other cases `address` is
    returned unchanged.
    """
    match = RELATIVE.match(address)
    if match is None or project_folder() == Path.cwd():
        return address
    return match[1] + str(project_folder() / match[2])


@contextmanager
def database_lock(address: str) -> Iterator[None]:
    """Lock a database while a `with` block creates tables, or entries that must be unique, in it.

    The lock keeps out other organode processes that use this function. SQLite files and PostgreSQL
    databases are locked. For other addresses, such as that of an MLflow server, the block runs
    without a lock. The lock is not reentrant: a block inside another block that locks the same
    database would wait for ever.

    Parameters
    ----------
    address : str
        Address of the database, such as ``sqlite:////home/user/project/mlflow.db`` or
        ``postgresql://…``.

    Raises
    ------
    UsageError
        If the database is a PostgreSQL database, and the driver for PostgreSQL is not installed.
    """
    with ExitStack() as stack:
        if address.startswith("sqlite:///"):
            _lock_file(stack, Path(address.removeprefix("sqlite:///").partition("?")[0]))
        elif POSTGRES.match(address):
            _lock_server(stack, address)
        yield


def _lock_file(stack: ExitStack, path: Path) -> None:
    """Hold a lock file beside an SQLite database; wait until no other program locks the database.

    The lock file is released when `stack` is closed. In a folder in which no file can be created,
    no lock file is needed: SQLite can create no table there either.
    """
    from filelock import FileLock, Timeout

    if os.access(path.parent, os.W_OK):
        lock = FileLock(path.with_name(f".{path.name}.lock"))
        with suppress(OSError):  # such as another user's lock file
            try:
                lock.acquire(timeout=PATIENCE)
            except Timeout:
                say(f"another command is opening {path}: waiting")
                lock.acquire()
            stack.callback(lock.release)
    if path.is_file() and os.access(path, os.W_OK):
        _wait_while_locked(path)


def _wait_while_locked(path: Path) -> None:
    told = False
    while _is_locked(path):
        if not told:
            say(f"{path} is locked by another program: waiting")
            told = True


def _is_locked(path: Path) -> bool:
    """Tell whether another program keeps an SQLite database locked for over 3 s (`PATIENCE`)."""
    try:
        address = f"{path.absolute().as_uri()}?mode=rw"
        with closing(sqlite3.connect(address, timeout=PATIENCE, uri=True)) as connection:
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("ROLLBACK")
    except sqlite3.Error as error:  # any other error is reported by the code that needs the data
        return getattr(error, "sqlite_errorname", "").startswith(("SQLITE_BUSY", "SQLITE_LOCKED"))
    return False


def _lock_server(stack: ExitStack, address: str) -> None:
    """Hold the PostgreSQL advisory lock with the key `LOCK` until `stack` closes the connection."""
    from sqlalchemy import NullPool, create_engine, text

    try:
        engine = create_engine(re.sub("^postgres:", "postgresql:", address), poolclass=NullPool)
    except ModuleNotFoundError as error:
        raise missing_extra(str(error.name), "postgres") from error
    stack.enter_context(engine.connect()).execute(text(f"SELECT pg_advisory_lock({LOCK})"))
