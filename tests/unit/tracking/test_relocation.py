"""Recorded artifact locations follow the project's folder, and nothing else is touched."""

import sqlite3
from contextlib import closing

import pytest

from organode.tracking.relocation import (
    COLUMNS,
    pending_moves,
    present_location,
    relocate,
    relocated_copy,
)


def make(folder, home, *, more=(), artifacts=True):
    """Make a database with one run, as MLflow would have made it in `home`."""
    folder.mkdir(parents=True, exist_ok=True)
    database = folder / "mlflow.db"
    with closing(sqlite3.connect(database)) as connection, connection:
        tables: dict[str, list[str]] = {}
        for table, column in COLUMNS:
            tables.setdefault(table, []).append(column)
        for table, columns in tables.items():
            first = "experiment_id INTEGER, " if table == "experiments" else ""
            connection.execute(f"CREATE TABLE {table} ({first}{', '.join(columns)})")
        for number, where in enumerate([home, home, *more]):
            location = f"{where}/mlruns/{number}"
            connection.execute("INSERT INTO experiments VALUES (?, ?)", (number, location))
            connection.execute("INSERT INTO runs VALUES (?)", (f"{location}/abc/artifacts",))
        model = f"{home}/mlruns/1/models/m-1/artifacts"
        connection.execute("INSERT INTO logged_models VALUES (?)", (model,))
        connection.execute("INSERT INTO model_versions VALUES (?, ?)", (model, "models:/m-1"))
        connection.execute("INSERT INTO trace_tags VALUES (?)", (f"{home}/elsewhere",))
    if artifacts:
        (folder / "mlruns/1/abc").mkdir(parents=True)
    return database


def locations(database):
    with closing(sqlite3.connect(database)) as connection:
        return sorted(
            value
            for table, column in COLUMNS
            for (value,) in connection.execute(f"SELECT {column} FROM {table}")
        )


NAMES = ["project", "with space", "sub/folder", "Ünïcode 分子", "100%25", "a#b", "quote'd", "_%"]


@pytest.mark.parametrize("name", NAMES)
def test_moved_project_records_its_present_folder(tmp_path, monkeypatch, name):
    here = tmp_path / name
    database = make(here, "/gone/before")
    monkeypatch.chdir(here)
    relocate(database)
    assert pending_moves(database) == {}
    expected = locations(make(tmp_path / "fresh", here))
    assert locations(database) == sorted(
        "/gone/before/elsewhere" if value == f"{here}/elsewhere" else value for value in expected
    )
    before = database.read_bytes()
    relocate(database)
    assert database.read_bytes() == before


@pytest.mark.parametrize("artifacts", [True, False])
def test_copy_leaves_the_original_alone(tmp_path, monkeypatch, artifacts):
    original = make(tmp_path / "original", tmp_path / "original")
    before = original.read_bytes()
    copy = make(tmp_path / "copy", tmp_path / "original", artifacts=artifacts)
    monkeypatch.chdir(copy.parent)
    relocate(copy)
    assert f"{copy.parent}/mlruns/1/abc/artifacts" in locations(copy)
    assert not any(value.startswith(f"{original.parent}/mlruns") for value in locations(copy))
    monkeypatch.chdir(original.parent)
    relocate(original)
    assert original.read_bytes() == before


def test_project_moved_twice_between_experiments(tmp_path, monkeypatch):
    database = make(tmp_path / "here", "/gone/first", more=["/gone/second"])
    (tmp_path / "here/mlruns/2").mkdir()
    monkeypatch.chdir(database.parent)
    relocate(database)
    assert not any("/gone" in value for value in locations(database) if "elsewhere" not in value)


def test_artefacts_put_elsewhere_on_purpose_stay_there(tmp_path, monkeypatch):
    # Experiment 2 was made from another project's folder, with this database as its store.
    other = make(tmp_path / "other", tmp_path / "other").parent
    (other / "mlruns/2").mkdir()
    database = make(tmp_path / "moved", "/gone", more=[other])
    monkeypatch.chdir(database.parent)
    relocate(database)
    assert f"{other}/mlruns/2" in locations(database)
    assert f"{database.parent}/mlruns/1" in locations(database)

    # All of them were, from a folder that has no database of its own.
    other = tmp_path / "scratch"
    (other / "mlruns/1").mkdir(parents=True)
    database = make(tmp_path / "shared", other, artifacts=False)
    monkeypatch.chdir(database.parent)
    before = database.read_bytes()
    relocate(database)
    assert database.read_bytes() == before


def test_locations_outside_project_folders_stay(tmp_path, monkeypatch):
    places = ["mlflow-artifacts:", "s3://bucket", "file:///gone/a"]
    database = make(tmp_path / "here", "/gone", more=places)
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute("INSERT INTO experiments VALUES (9, NULL), (10, '/data/mlruns/other')")
    monkeypatch.chdir(database.parent)
    relocate(database)
    with closing(sqlite3.connect(database)) as connection:
        rows = dict(connection.execute("SELECT * FROM experiments").fetchall())
    here = database.parent
    assert rows == {
        0: f"{here}/mlruns/0", 1: f"{here}/mlruns/1", 2: "mlflow-artifacts:/mlruns/2",
        3: "s3://bucket/mlruns/3", 4: "file:///gone/a/mlruns/4", 9: None, 10: "/data/mlruns/other",
    }  # fmt: skip


def test_same_folder_under_another_path_is_not_a_move(tmp_path, monkeypatch):
    here = tmp_path / "here"
    database = make(here, tmp_path / "link")
    (tmp_path / "link").symlink_to(here)
    monkeypatch.chdir(here)
    before = database.read_bytes()
    relocate(database)
    assert database.read_bytes() == before


def test_unwritable_database_is_read_with_present_locations(tmp_path, monkeypatch):
    database = make(tmp_path / "here", "/gone")
    monkeypatch.chdir(database.parent)
    before = database.read_bytes()
    connect = sqlite3.connect
    monkeypatch.setattr(
        sqlite3,
        "connect",
        lambda path, **more: connect(
            str(path) if more.get("uri") else f"{path.as_uri()}?mode=ro", **(more | {"uri": True})
        ),
    )
    relocate(database)
    monkeypatch.undo()
    monkeypatch.chdir(database.parent)
    assert database.read_bytes() == before
    here = database.parent
    assert present_location("/gone/mlruns/1/abc", database) == f"{here}/mlruns/1/abc"
    assert present_location("/gone/mlruns2/1", database) == "/gone/mlruns2/1"
    assert present_location("s3://bucket/mlruns/1", database) == "s3://bucket/mlruns/1"
    (tmp_path / "temporary").mkdir()
    copy = relocated_copy(database, tmp_path / "temporary")
    assert f"{here}/mlruns/1/abc/artifacts" in locations(copy)
    assert database.read_bytes() == before


def test_locked_database_is_not_treated_as_unwritable(tmp_path, monkeypatch):
    database = make(tmp_path / "here", "/gone")
    monkeypatch.chdir(database.parent)
    connect = sqlite3.connect
    monkeypatch.setattr(
        sqlite3, "connect", lambda path, **more: connect(path, **(more | {"timeout": 0}))
    )
    with closing(connect(database, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            relocate(database)
