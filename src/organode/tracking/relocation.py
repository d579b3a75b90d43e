"""Keep the artifact locations of the default MLflow store inside the project's present folder.

MLflow records absolute locations. In a project that was moved, or copied, they name the folder
where it was: the copy would write into the original, and a moved project would lose its models.
"""

from __future__ import annotations

import re
import shutil
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

from organode.tracking.stores import project

ARTIFACTS = "mlruns"  # beside the database: MLflow's default
# Every column in which MLflow records where artifacts are.
COLUMNS = (
    ("experiments", "artifact_location"),
    ("runs", "artifact_uri"),
    ("logged_models", "artifact_location"),
    ("model_versions", "storage_location"),
    ("model_versions", "source"),
    ("trace_tags", "value"),
)
# The database, its folder or its disk takes no writes: reading needs none.
UNWRITABLE = re.compile(r"SQLITE_(READONLY|CANTOPEN|PERM|FULL)")


def relocate(database: Path) -> None:
    """Record the present folder wherever a database beside `mlruns` names its former one.

    A database that cannot be written stays as it is: `present_location` translates then.

    Parameters
    ----------
    database : Path
        Of MLflow, with its tables.

    Raises
    ------
    sqlite3.OperationalError
        If another process keeps the database locked.
    """
    if not pending(database):
        return
    try:
        with closing(sqlite3.connect(database, timeout=20, isolation_level=None)) as connection:
            connection.execute("BEGIN IMMEDIATE")
            _rewrite(connection, _moves(connection, _folder()))  # another process may have done it
            connection.execute("COMMIT")
    except sqlite3.OperationalError as error:
        if not UNWRITABLE.match(error.sqlite_errorname):
            raise


def relocated_copy(database: Path, folder: Path) -> Path:
    """Return a copy in `folder` of a database that cannot be written, with present locations."""
    copy = folder / database.name
    shutil.copyfile(database, copy)
    with closing(sqlite3.connect(copy)) as connection, connection:
        _rewrite(connection, _moves(connection, _folder()))
    return copy


def pending(database: Path) -> Mapping[str, str]:
    """Return which prefixes of recorded locations stand for which present ones; none is usual."""
    address = f"{database.absolute().as_uri()}?mode=ro"
    with closing(sqlite3.connect(address, timeout=20, uri=True)) as connection:
        return _moves(connection, _folder())


def present_location(location: str, database: Path) -> str:
    """Return where an artifact is now whose recorded location is `location`."""
    for before, now in pending(database).items():
        if location.startswith(before):
            return now + location.removeprefix(before)
    return location


def _folder() -> str:
    """Return the project's folder as MLflow puts it before `/mlruns`."""
    return str(project()).rstrip("/")


def _rewrite(connection: sqlite3.Connection, moves: Mapping[str, str]) -> None:
    for before, now in moves.items():
        for table, column in COLUMNS:
            connection.execute(
                f"UPDATE {table} SET {column} = ? || substr({column}, ?) "
                f"WHERE substr({column}, 1, ?) = ?",
                (now, len(before) + 1, len(before), before),
            )


def _moves(connection: sqlite3.Connection, here: str) -> dict[str, str]:
    """Return `{former prefix: present prefix}` of the locations to rewrite."""
    folders: dict[str, list[str]] = {}  # of experiments, by the folder that they were made in
    rows = connection.execute(
        "SELECT experiment_id, artifact_location FROM experiments ORDER BY experiment_id"
    )
    for number, location in rows:
        end = f"/{ARTIFACTS}/{number}"
        if str(location).startswith("/") and str(location).endswith(end):
            folders.setdefault(str(location).removesuffix(end), []).append(end)
    home = next(iter(folders), here)  # where the database was made, or was when last rewritten
    return {
        f"{folder}/{ARTIFACTS}/": f"{here}/{ARTIFACTS}/"
        for folder, ends in folders.items()
        if not _same(folder, here) and _has_left(folder, ends, here, is_home=folder == home)
    }


def _has_left(folder: str, ends: list[str], here: str, *, is_home: bool) -> bool:
    """Tell whether a store now belongs here that put its experiments' artifacts below `folder`.

    Not so where these artifacts are there and only there, and no other database is: they were put
    there on purpose, by a command that used this database from that folder.
    """
    if any(_exists(here + end) for end in ends):
        return True
    return is_home and (
        _exists(f"{folder}/mlflow.db") or not any(_exists(folder + e) for e in ends)
    )


def _exists(path: str) -> bool:
    try:
        return Path(path).exists()
    except OSError:  # in a folder that may not be looked into
        return False


def _same(one: str, other: str) -> bool:
    """Tell whether two paths lead to the same folder, as where it is mounted twice."""
    try:
        return Path(one or "/").samefile(other or "/")
    except OSError:  # one of them is gone, or may not be looked at
        return False
