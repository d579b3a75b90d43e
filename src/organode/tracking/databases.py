"""Where MLflow's and Optuna's databases are, and a lock while such a database is set up.

`dvc exp run --temp` and `--queue` work in a folder below the project's `.dvc/tmp/exps`, which DVC
deletes afterwards. MLflow's runs and Optuna's studies must stay: they go into the project's folder.
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
# The address of an SQLite file with a relative path; of none in memory or with an absolute path.
RELATIVE = re.compile(r"(sqlite(?:\+\w+)?:///)(?![/:?]|file:)(.+)", re.DOTALL)
LOCK = int.from_bytes(b"organode")  # the key of PostgreSQL's advisory lock
PATIENCE = 3.0  # seconds until the user is told what the command waits for


def project_folder() -> Path:
    """Return the folder of the project that the working folder belongs to.

    It is the working folder itself, except in one of DVC's temporary workspaces: there it is the
    folder of the project that the experiment was started in.
    """
    folder = Path.cwd()
    parts = folder.parts
    for start in range(1, len(parts) - len(TEMPORARY)):
        if parts[start : start + len(TEMPORARY)] == TEMPORARY:
            return Path(*parts[:start])
    return folder


def resolved_address(address: str) -> str:
    """Return a database's address in which a relative SQLite path starts at the project's folder.

    It differs from `address` only in a temporary workspace of DVC.
    """
    match = RELATIVE.match(address)
    if match is None or project_folder() == Path.cwd():
        return address
    return match[1] + str(project_folder() / match[2])


@contextmanager
def database_lock(address: str) -> Iterator[None]:
    """Keep other organode processes out while tables or unique entries of a database are created.

    SQLite files and PostgreSQL databases are locked. Other servers, such as MLflow's, offer no
    lock: there the block runs without. The lock is not reentrant: a block inside another block
    would wait for ever.

    Parameters
    ----------
    address : str
        Such as ``sqlite:////home/user/project/mlflow.db`` or ``postgresql://…``.

    Raises
    ------
    UsageError
        If the driver of PostgreSQL is not installed.
    """
    with ExitStack() as stack:
        if address.startswith("sqlite:///"):
            _lock_file(stack, Path(address.removeprefix("sqlite:///").partition("?")[0]))
        elif POSTGRES.match(address):
            _lock_server(stack, address)
        yield


def _lock_file(stack: ExitStack, path: Path) -> None:
    """Hold a lock file beside an SQLite database, and wait until no other program locks the latter.

    A folder in which no file can be created needs no lock: no table can be created there either.
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
    """Tell whether another program keeps a database locked for longer than `PATIENCE`."""
    try:
        address = f"{path.absolute().as_uri()}?mode=rw"
        with closing(sqlite3.connect(address, timeout=PATIENCE, uri=True)) as connection:
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("ROLLBACK")
    except sqlite3.Error as error:  # any other error is reported by the code that needs the data
        return getattr(error, "sqlite_errorname", "").startswith(("SQLITE_BUSY", "SQLITE_LOCKED"))
    return False


def _lock_server(stack: ExitStack, address: str) -> None:
    """Hold PostgreSQL's advisory lock `LOCK`, which is released when its connection closes."""
    from sqlalchemy import NullPool, create_engine, text

    try:
        engine = create_engine(re.sub("^postgres:", "postgresql:", address), poolclass=NullPool)
    except ModuleNotFoundError as error:
        raise missing_extra(str(error.name), "postgres") from error
    stack.enter_context(engine.connect()).execute(text(f"SELECT pg_advisory_lock({LOCK})"))
