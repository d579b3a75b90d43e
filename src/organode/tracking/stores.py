"""Databases of runs and studies: which project they belong to, and who opens one first.

`dvc exp run --temp` and `--queue` work in a folder below the project's `.dvc/tmp/exps`, which DVC
deletes afterwards. Runs and studies are the project's and stay.
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
# A file named by a path that is relative: not one in memory, not one by a whole path.
RELATIVE = re.compile(r"(sqlite(?:\+\w+)?:///)(?![/:?]|file:)(.+)", re.DOTALL)
LOCK = int.from_bytes(b"organode")  # of PostgreSQL's advisory locks
PATIENCE = 3.0  # seconds until a person is told what is waited for


def project() -> Path:
    """Return the folder of the project that the working folder belongs to.

    In one of DVC's temporary workspaces it is the project that the experiment was started in.
    """
    here = Path.cwd()
    parts = here.parts
    for start in range(1, len(parts) - len(TEMPORARY)):
        if parts[start : start + len(TEMPORARY)] == TEMPORARY:
            return Path(*parts[:start])
    return here


def resolved(address: str) -> str:
    """Return a database's address with a relative path as one in the project's folder."""
    found = RELATIVE.match(address)
    if found is None or project() == Path.cwd():
        return address
    return found[1] + str(project() / found[2])


@contextmanager
def exclusively(address: str) -> Iterator[None]:
    """Let one process at a time into the block: to make a database's tables, or what is made once.

    No block may open another: it would wait for itself. Where an address is that of a server other
    than PostgreSQL's, nothing is held.

    Raises
    ------
    UsageError
        If the driver of PostgreSQL is not installed.
    """
    with ExitStack() as held:
        if address.startswith("sqlite:///"):
            _hold_file(held, Path(address.removeprefix("sqlite:///").partition("?")[0]))
        elif POSTGRES.match(address):
            _hold_server(held, address)
        yield


def _hold_file(held: ExitStack, path: Path) -> None:
    """Hold a lock file beside an SQLite database; wait while another program has it locked.

    In a folder that takes no lock file there are no tables to make either.
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
            held.callback(lock.release)
    if path.is_file() and os.access(path, os.W_OK):
        _wait_while_locked(path)


def _wait_while_locked(path: Path) -> None:
    said = False
    while _is_locked(path):
        if not said:
            say(f"{path} is locked by another program: waiting")
            said = True


def _is_locked(path: Path) -> bool:
    """Tell whether another program keeps a database locked for longer than `PATIENCE`."""
    try:
        address = f"{path.absolute().as_uri()}?mode=rw"
        with closing(sqlite3.connect(address, timeout=PATIENCE, uri=True)) as connection:
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("ROLLBACK")
    except sqlite3.Error as error:  # anything else is said by who opens it for its content
        return getattr(error, "sqlite_errorname", "").startswith(("SQLITE_BUSY", "SQLITE_LOCKED"))
    return False


def _hold_server(held: ExitStack, address: str) -> None:
    """Hold an advisory lock of PostgreSQL, which ends with its connection."""
    from sqlalchemy import NullPool, create_engine, text

    try:
        engine = create_engine(re.sub("^postgres:", "postgresql:", address), poolclass=NullPool)
    except ModuleNotFoundError as error:
        raise missing_extra(str(error.name), "postgres") from error
    held.enter_context(engine.connect()).execute(text(f"SELECT pg_advisory_lock({LOCK})"))
