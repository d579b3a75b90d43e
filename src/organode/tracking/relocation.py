"""Keep the artefact locations of the default MLflow store inside the project's present folder.

MLflow records absolute locations. After a project was moved or copied, they still point to the
former folder: a copied project would write into the original, a moved one would lose its models.
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
    """Correct the locations of artefacts in MLflow's database after the project's folder moved.

    In each location, the former folder is replaced by the present one. A database that cannot be
    written stays as it is; `present_location` then translates locations that are read from it.

    Parameters
    ----------
    database : Path
        MLflow's SQLite file; the folder `mlruns` lies beside it.

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
            # Read under the lock again: another process may have corrected locations meanwhile.
            _rewrite(connection, _moves(connection, _present_folder()))
            connection.execute("COMMIT")
    except sqlite3.OperationalError as error:
        if not UNWRITABLE.match(error.sqlite_errorname):
            raise


def relocated_copy(database: Path, folder: Path) -> Path:
    """Copy a database that cannot be written into `folder`, correct the copy, return its path."""
    copy = folder / database.name
    shutil.copyfile(database, copy)
    with closing(sqlite3.connect(copy)) as connection, connection:
        _rewrite(connection, _moves(connection, _present_folder()))
    return copy


def pending_moves(database: Path) -> Mapping[str, str]:
    """Return `{former prefix: present prefix}` of outdated locations; empty if none is outdated.

    A prefix is a path such as ``/home/user/project/mlruns/``.
    """
    address = f"{database.absolute().as_uri()}?mode=ro"
    with closing(sqlite3.connect(address, timeout=20, uri=True)) as connection:
        return _moves(connection, _present_folder())


def present_location(location: str, database: Path) -> str:
    """Return the present location of an artefact that `database` records at `location`.

    That is `location` itself, unless the project was moved and the database not corrected.
    """
    for former, present in pending_moves(database).items():
        if location.startswith(former):
            return present + location.removeprefix(former)
    return location


def _present_folder() -> str:
    """Return the project's folder without a final slash, as MLflow writes it before `/mlruns`."""
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
    """Return `{former prefix: present prefix}` of outdated locations, for `pending_moves`."""
    # Of each folder that experiments were created in, the ends of their locations: /mlruns/3.
    endings: dict[str, list[str]] = {}
    rows = connection.execute(
        "SELECT experiment_id, artifact_location FROM experiments ORDER BY experiment_id"
    )
    for number, location in rows:
        ending = f"/{ARTIFACTS}/{number}"
        if str(location).startswith("/") and str(location).endswith(ending):
            endings.setdefault(str(location).removesuffix(ending), []).append(ending)
    # That of the oldest experiment: where the database was created, or was last corrected.
    home = next(iter(endings), present)
    return {
        f"{folder}/{ARTIFACTS}/": f"{present}/{ARTIFACTS}/"
        for folder, own in endings.items()
        if not _same(folder, present) and _has_moved(folder, own, present, is_home=folder == home)
    }


def _has_moved(former: str, endings: list[str], present: str, *, is_home: bool) -> bool:
    """Tell whether the artefacts that a database records below `former` belong to `present` now.

    They do if any of them is below `present`. If not, they do only if `former` is where the
    database was (`is_home`) and either has a database of its own, as the original of a copied
    project has, or holds none of them. Otherwise a command put them into `former` on purpose.

    Parameters
    ----------
    former, present : str
        The folder in the database, and the project's folder now.
    endings : list of str
        Ends of the artefacts' locations after the folder, such as ``/mlruns/3``.
    is_home : bool
        Whether `former` is the folder of the oldest experiment.
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
