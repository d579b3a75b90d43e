"""Correct the artefact paths in the project's own MLflow database after the project was moved.

MLflow records absolute paths. After a project's folder was moved or copied, the recorded paths
still lead to the former folder: a copied project would write into the original project, and a moved
project would lose its models.
"""

from __future__ import annotations

import re
import shutil
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

from organode.tracking.databases import project_folder

ARTIFACTS = "mlruns"  # the folder beside the database into which MLflow puts artefacts by default
# Every column in which MLflow records where artefacts are.
COLUMNS = (
    ("experiments", "artifact_location"),
    ("runs", "artifact_uri"),
    ("logged_models", "artifact_location"),
    ("model_versions", "storage_location"),
    ("model_versions", "source"),
    ("trace_tags", "value"),
)
# SQLite's errors for a database, folder or disk that cannot be written. It can still be read.
UNWRITABLE = re.compile(r"SQLITE_(READONLY|CANTOPEN|PERM|FULL)")


def relocate(database: Path) -> None:
    """Correct the paths of artefacts in MLflow's database after the project's folder moved.

    In each recorded path, the project's former folder is replaced by its present folder. A database
    that cannot be written is left unchanged; `present_location` then corrects each path that is
    read from the database.

    Parameters
    ----------
    database : Path
        MLflow's SQLite file; the folder `mlruns` lies beside it.

    Raises
    ------
    sqlite3.OperationalError
        If the database cannot be opened, or another process keeps it locked for 20 s.
    """
    if not pending_moves(database):
        return
    try:
        with closing(sqlite3.connect(database, timeout=20, isolation_level=None)) as connection:
            connection.execute("BEGIN IMMEDIATE")
            # Read under the lock again: another process may have corrected locations meanwhile.
            _rewrite(connection, _moves(connection, _present_folder()))
            connection.execute("COMMIT")
    except sqlite3.OperationalError as error:
        if not UNWRITABLE.match(error.sqlite_errorname):
            raise


def relocated_copy(database: Path, folder: Path) -> Path:
    """Copy a read-only database to `folder`, correct the paths in the copy; return its path."""
    copy = folder / database.name
    shutil.copyfile(database, copy)
    with closing(sqlite3.connect(copy)) as connection, connection:
        _rewrite(connection, _moves(connection, _present_folder()))
    return copy


def pending_moves(database: Path) -> Mapping[str, str]:
    """Return `{former prefix: present prefix}` of the outdated artefact paths in `database`.

    A prefix is the beginning of a path, such as ``/home/user/project/mlruns/``. The mapping is
    empty if no path is outdated.
    """
    address = f"{database.absolute().as_uri()}?mode=ro"
    with closing(sqlite3.connect(address, timeout=20, uri=True)) as connection:
        return _moves(connection, _present_folder())


def present_location(location: str, database: Path) -> str:
    """Return the present path of an artefact that MLflow's `database` records at `location`.

    The result is `location` itself, unless the project was moved and the database was not
    corrected.
    """
    for former, present in pending_moves(database).items():
        if location.startswith(former):
            return present + location.removeprefix(former)
    return location


def _present_folder() -> str:
    """Return the project's folder as MLflow writes it before ``/mlruns``: without a final slash."""
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
    """Return what `pending_moves` returns, given an open database and the folder `present`."""
    # By the folder in which experiments were created: the ends of their paths, such as /mlruns/3.
    endings: dict[str, list[str]] = {}
    rows = connection.execute(
        "SELECT experiment_id, artifact_location FROM experiments ORDER BY experiment_id"
    )
    for number, location in rows:
        ending = f"/{ARTIFACTS}/{number}"
        if str(location).startswith("/") and str(location).endswith(ending):
            endings.setdefault(str(location).removesuffix(ending), []).append(ending)
    # The oldest experiment's folder: there the database was created, or was last corrected.
    home = next(iter(endings), present)
    return {
        f"{folder}/{ARTIFACTS}/": f"{present}/{ARTIFACTS}/"
        for folder, own in endings.items()
        if not _same(folder, present) and _has_moved(folder, own, present, is_home=folder == home)
    }


def _has_moved(former: str, endings: list[str], present: str, *, is_home: bool) -> bool:
    """Tell whether artefacts that MLflow's database records below `former` are now in `present`.

    True if any of the artefacts exists below `present`. Also true if `is_home` is true and either
    `former` holds a file ``mlflow.db``, as the original of a copied project does, or none of the
    artefacts exists below `former`. In all other cases a command put the artefacts into `former` on
    purpose.

    Parameters
    ----------
    former, present : str
        The folder in the database, and the project's folder now.
    endings : list of str
        Ends of the artefacts' paths, after the folder, such as ``/mlruns/3``.
    is_home : bool
        Whether `former` is the oldest experiment's folder, so that the database was in it.
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
    """Tell whether two paths lead to the same folder, such as a folder that is mounted twice."""
    try:
        return Path(first or "/").samefile(second or "/")
    except OSError:  # one of them is absent, or may not be read
        return False
