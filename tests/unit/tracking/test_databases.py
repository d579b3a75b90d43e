"""The project that a database belongs to, and the lock while it is opened."""

import sqlite3
import sys
import threading
import time
from contextlib import closing

import pytest

from organode.errors import UsageError
from organode.tracking import databases
from organode.tracking.databases import database_lock, project_folder, resolved_address


@pytest.mark.parametrize(
    ("inside", "belongs_to"),
    [
        ("project", "project"),
        ("project/data", "project/data"),
        ("project/.dvc/tmp", "project/.dvc/tmp"),
        ("project/.dvc/tmp/exps/tmpab12", "project"),
        ("project/.dvc/tmp/exps/standalone/tmpab12/part", "project"),
    ],
)
def test_temporary_workspace_belongs_to_its_project(tmp_path, monkeypatch, inside, belongs_to):
    (tmp_path / inside).mkdir(parents=True)
    monkeypatch.chdir(tmp_path / inside)
    assert project_folder() == tmp_path / belongs_to


def test_relative_addresses_lead_to_the_project(tmp_path, monkeypatch):
    workspace = tmp_path / ".dvc/tmp/exps/tmpab12"
    workspace.mkdir(parents=True)
    relative = "sqlite:///.organode/studies.db"
    others = [
        "sqlite:////abs/studies.db",
        "sqlite://",
        "sqlite:///:memory:",
        "http://127.0.0.1:5000",
        "postgresql://u:p@host/db",
    ]
    monkeypatch.chdir(tmp_path)
    assert resolved_address(relative) == relative
    monkeypatch.chdir(workspace)
    assert resolved_address(relative) == f"sqlite:///{tmp_path}/.organode/studies.db"
    assert [resolved_address(address) for address in others] == others


def test_locked_database_is_waited_for(tmp_path, monkeypatch, capsys):
    database = tmp_path / "mlflow.db"
    monkeypatch.setattr(databases, "PATIENCE", 0.05)
    with closing(sqlite3.connect(database, isolation_level=None)) as other:
        other.execute("CREATE TABLE t (a)")
        other.execute("BEGIN EXCLUSIVE")
        opened = threading.Event()

        def opening():
            with database_lock(f"sqlite:///{database}"):
                opened.set()

        thread = threading.Thread(target=opening)
        thread.start()
        said = ""
        while "waiting" not in said:
            said += capsys.readouterr().err
            time.sleep(0.01)
        assert not opened.is_set()
        other.execute("ROLLBACK")
        thread.join()
    assert opened.is_set()
    assert f"{database} is locked by another program: waiting" in " ".join(said.split())


def test_only_one_process_at_a_time_holds_the_lock(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(databases, "PATIENCE", 0.05)
    address = f"sqlite:///{tmp_path}/studies.db"
    inside = []

    def entering():
        with database_lock(address):
            inside.append("second")

    with database_lock(address):
        thread = threading.Thread(target=entering)
        thread.start()
        while "waiting" not in capsys.readouterr().err:
            time.sleep(0.01)
        inside.append("first")
    thread.join()
    assert inside == ["first", "second"]


def test_missing_driver_of_postgresql_is_reported_with_its_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with (
        pytest.raises(UsageError, match=r"'psycopg'.*\.\[postgres\]"),
        database_lock("postgresql://user:secret@127.0.0.1/organode"),
    ):
        pass
