"""Which project a database belongs to, and who opens it first."""

import sqlite3
import sys
import threading
import time
from contextlib import closing

import pytest

from organode.errors import UsageError
from organode.tracking import stores


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
def test_a_temporary_workspace_belongs_to_the_project_that_it_lies_in(
    tmp_path, monkeypatch, inside, belongs_to
):
    (tmp_path / inside).mkdir(parents=True)
    monkeypatch.chdir(tmp_path / inside)
    assert stores.project() == tmp_path / belongs_to


def test_relative_databases_are_the_project_s(tmp_path, monkeypatch):
    workspace = tmp_path / ".dvc/tmp/exps/tmpab12"
    workspace.mkdir(parents=True)
    relative = "sqlite:///.organode/studies.db"
    others = [
        "sqlite:////abs/studies.db", "sqlite://", "sqlite:///:memory:", "http://127.0.0.1:5000",
        "postgresql://u:p@host/db",
    ]  # fmt: skip
    monkeypatch.chdir(tmp_path)
    assert stores.resolved(relative) == relative
    monkeypatch.chdir(workspace)
    assert stores.resolved(relative) == f"sqlite:///{tmp_path}/.organode/studies.db"
    assert [stores.resolved(address) for address in others] == others


def test_runs_and_studies_of_a_workspace_are_the_project_s(tmp_path, monkeypatch):
    from organode.tracking import client as tracking

    workspace = tmp_path / ".dvc/tmp/exps/tmpab12"
    workspace.mkdir(parents=True)
    monkeypatch.chdir(workspace)
    monkeypatch.setenv("DVC_EXP_NAME", "bumpy-oven")
    client = tracking.connect()
    number = tracking.open_experiment(client, "an experiment", "of a workspace")
    assert (tmp_path / "mlflow.db").exists()
    location = client.get_experiment(number).artifact_location
    assert location == f"{tmp_path}/mlruns/{number}"
    assert tracking.code_tags()["organode.dvc_experiment"] == "bumpy-oven"
    assert [*workspace.iterdir()] == []


def test_a_locked_database_is_waited_for(tmp_path, monkeypatch, capsys):
    database = tmp_path / "mlflow.db"
    monkeypatch.setattr(stores, "PATIENCE", 0.05)
    with closing(sqlite3.connect(database, isolation_level=None)) as other:
        other.execute("CREATE TABLE t (a)")
        other.execute("BEGIN EXCLUSIVE")
        opened = threading.Event()

        def opening():
            with stores.exclusively(f"sqlite:///{database}"):
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


def test_one_process_at_a_time_is_in_the_block(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(stores, "PATIENCE", 0.05)
    address = f"sqlite:///{tmp_path}/studies.db"
    inside = []

    def entering():
        with stores.exclusively(address):
            inside.append("second")

    with stores.exclusively(address):
        thread = threading.Thread(target=entering)
        thread.start()
        while "waiting" not in capsys.readouterr().err:
            time.sleep(0.01)
        inside.append("first")
    thread.join()
    assert inside == ["first", "second"]


def test_the_extra_that_postgresql_needs_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with (
        pytest.raises(UsageError, match=r"'psycopg'.*\.\[postgres\]"),
        stores.exclusively("postgresql://user:secret@127.0.0.1/organode"),
    ):
        pass
