"""Keep the artefact locations of the default MLflow store inside the project's present folder.

MLflow records absolute locations. After a project was moved or copied they still point to its
former folder: a copy would write into the original, and a moved project would lose its models.
"""

from __future__ import annotations

import re
import shutil
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

from organode.tracking.databases import project_folder

ARTIFACTS = "mlruns"  # beside the database: MLflow's default
# Every column in which MLflow records where artefacts are.
COLUMNS = (
    ("experiments", "artifact_location"),
    ("runs", "artifact_uri"),
    ("logged_models", "artifact_location"),
    ("model_versions", "storage_location"),
    ("model_versions", "source"),
    ("trace_tags", "value"),
)
# The database, its folder or its disk cannot be written; reading needs no writing.
UNWRITABLE = re.compile(r"SQLITE_(READONLY|CANTOPEN|PERM|FULL)")


def relocate(database: Path) -> None:
    """Replace the former folder by the present one in all locations that a database records.

    A database that cannot be written stays as it is: `present_location` translates then.

    Parameters
    ----------
    database : Path
        MLflow's, with its tables; `mlruns` lies beside it.

    Raises
    ------
    sqlite3.OperationalError
        If another process keeps the database locked.
    """
    if not pending_moves(database):
        return
    try:
        with closing(sqlite3.connect(database, timeout=20, isolation_level=None)) as connection:
            connection.execute("BEGIN IMMEDIATE")
            # Read again under the lock: another process may have rewritten them meanwhile.
            _rewrite(connection, _moves(connection, _present_folder()))
            connection.execute("COMMIT")
    except sqlite3.OperationalError as error:
        if not UNWRITABLE.match(error.sqlite_errorname):
            raise


def relocated_copy(database: Path, folder: Path) -> Path:
    """Return a copy, in `folder`, of a database that cannot be written, with present locations."""
    copy = folder / database.name
    shutil.copyfile(database, copy)
    with closing(sqlite3.connect(copy)) as connection, connection:
        _rewrite(connection, _moves(connection, _present_folder()))
    return copy


def pending_moves(database: Path) -> Mapping[str, str]:
    """Return `{former prefix: present prefix}` of outdated locations; usually empty."""
    address = f"{database.absolute().as_uri()}?mode=ro"
    with closing(sqlite3.connect(address, timeout=20, uri=True)) as connection:
        return _moves(connection, _present_folder())


def present_location(location: str, database: Path) -> str:
    """Return where an artefact is now whose recorded location is `location`."""
    for former, present in pending_moves(database).items():
        if location.startswith(former):
            return present + location.removeprefix(former)
    return location


def _present_folder() -> str:
    """Return the project's folder as MLflow writes it before `/mlruns`."""
    return str(project_folder()).rstrip("/")


def _rewrite(connection: sqlite3.Connection, moves: Mapping[str, str]) -> None:
    for former, present in moves.items():
        for table, column in COLUMNS:
            connection.execute(
                f"UPDATE {table} SET {column} = ? || substr({column}, ?) "
                f"WHERE substr({column}, 1, ?) = ?",
                (present, len(former) + 1, len(former), former),
            )


def _moves(connection: sqlite3.Connection, present: str) -> dict[str, str]:
    """Return `{former prefix: present prefix}` of the locations to rewrite."""
    endings: dict[str, list[str]] = {}  # of experiments' locations, by the folder before them
    rows = connection.execute(
        "SELECT experiment_id, artifact_location FROM experiments ORDER BY experiment_id"
    )
    for number, location in rows:
        ending = f"/{ARTIFACTS}/{number}"
        if str(location).startswith("/") and str(location).endswith(ending):
            endings.setdefault(str(location).removesuffix(ending), []).append(ending)
    # Where the database was created, or was when it was last rewritten.
    home = next(iter(endings), present)
    return {
        f"{folder}/{ARTIFACTS}/": f"{present}/{ARTIFACTS}/"
        for folder, own in endings.items()
        if not _same(folder, present) and _has_moved(folder, own, present, is_home=folder == home)
    }


def _has_moved(former: str, endings: list[str], present: str, *, is_home: bool) -> bool:
    """Tell whether the artefacts that a database records below `former` belong to `present` now.

    They do not if they still exist there and only there, and no other database does: a command
    that used this database from that folder has put them there on purpose.
    """
    if any(_exists(present + ending) for ending in endings):
        return True
    return is_home and (
        _exists(f"{former}/mlflow.db") or not any(_exists(former + ending) for ending in endings)
    )


def _exists(path: str) -> bool:
    try:
        return Path(path).exists()
    except OSError:  # in a folder that may not be read
        return False


def _same(first: str, second: str) -> bool:
    """Tell whether two paths lead to the same folder, such as one that is mounted twice."""
    try:
        return Path(first or "/").samefile(second or "/")
    except OSError:  # one of them is absent, or may not be read
        return False
