"""A project that is copied, moved, or read-only works with what is in its own folder."""

import hashlib
import json
import shutil
import sqlite3
import subprocess
import sys
import urllib.request
from contextlib import closing
from pathlib import Path

import pytest

from helpers import environment, free_port, run_ok, started, wait_for

FAULTS = Path(__file__).parents[1] / "faults.py"


def content(folder):
    """Return the digest of each file, but of those that MLflow writes when a model is loaded.

    Another test process may serve a model of the shared project meanwhile.
    """
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.name != "registered_model_meta" and "__pycache__" not in path.parts
        if path.is_file()
    }


def mentions(folder, text):
    """Return which columns of the database, whatever they are, begin with a text."""
    with closing(sqlite3.connect(folder / "mlflow.db")) as store:
        tables = [name for (name,) in store.execute("SELECT name FROM sqlite_master")]
        return {
            f"{table}.{column}"
            for table in tables
            for _, column, *_ in store.execute(f"SELECT * FROM pragma_table_info('{table}')")
            if store.execute(
                f'SELECT 1 FROM "{table}" WHERE instr("{column}", ?) = 1', (text,)
            ).fetchone()
        }


def other_model(folder, target="IE"):
    """Make what stands in results another model than the registered one."""
    path = folder / f"results/evaluate/{target}/metrics.json"
    path.write_text(path.read_text() + "\n")


def champion_of(folder, target="IE"):
    from mlflow import MlflowClient

    client = MlflowClient(f"sqlite:///{folder}/mlflow.db")
    return client.get_model_version_by_alias(f"organode-{target}", "champion")


def predicted(folder, *through):
    done = subprocess.run(
        [*(through or [Path(sys.executable).parent / "organode"]), "predict", "--json", "CCO"],
        cwd=folder,
        env=environment(),
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
    )
    assert done.returncode == 0, done.stderr
    assert "registers it again" not in " ".join(done.stderr.split())  # read from the registry
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def expected(trained):
    """What the models of the original answer."""
    return predicted(trained)


@pytest.fixture
def moved(project, tmp_path):
    """A project whose recorded folder is gone."""
    with closing(sqlite3.connect(project / "mlflow.db")) as store:
        recorded = store.execute("SELECT artifact_location FROM experiments").fetchone()[0]
        gone = tmp_path / "gone"
        for table, column in (
            ("experiments", "artifact_location"),
            ("runs", "artifact_uri"),
            ("logged_models", "artifact_location"),
            ("model_versions", "storage_location"),
        ):
            store.execute(
                f"UPDATE {table} SET {column} = replace({column}, ?, ?)",
                (recorded.removesuffix("/mlruns/0"), str(gone)),
            )
        store.commit()
    return project


@pytest.mark.slow
def test_copy_reads_and_writes_its_own_folder_alone(trained, project):
    before = content(trained)
    files = set(content(project))
    other_model(project)
    said = run_ok("register", "IE", cwd=project)
    assert "organode-IE version 2" in said.stdout
    assert len(mentions(project, f"{project}/mlruns/")) == 4
    assert mentions(project, str(trained)) == set()
    assert content(trained) == before
    new = {path for path in set(content(project)) - files if path.startswith("mlruns/")}
    assert any(path.endswith("MLmodel") for path in new)
    assert any(path.endswith("model_card.md") for path in content(project))
    assert champion_of(project).version == 1


@pytest.mark.parametrize("results", [pytest.param("another model", marks=pytest.mark.slow), "none"])
def test_moved_project_keeps_its_champion(expected, moved, results):
    if results == "another model":
        other_model(moved)
        other_model(moved, "EA")
    else:
        shutil.rmtree(moved / "results")
    before = champion_of(moved)
    assert predicted(moved) == expected
    after = champion_of(moved)
    assert (after.version, after.run_id, after.tags) == (before.version, before.run_id, before.tags)
    assert mentions(moved, str(moved.parent / "gone")) == set()


@pytest.mark.parametrize("where", ["in place", "moved"])
def test_read_only_project_answers(trained, expected, request, where):
    folder = request.getfixturevalue("moved") if where == "moved" else trained
    before = content(folder)
    assert predicted(folder, sys.executable, FAULTS, folder) == expected
    assert content(folder) == before


def test_read_only_project_refuses_changes_in_one_sentence(project):
    other_model(project)
    before = content(project)
    refused = subprocess.run(
        [sys.executable, FAULTS, project, "register", "IE"],
        cwd=project,
        env=environment(),
        capture_output=True,
        text=True,
    )
    assert refused.returncode == 1
    assert "read-only" in refused.stderr
    assert "unexpected" not in refused.stderr
    assert content(project) == before


@pytest.mark.parametrize("read_only", [False, pytest.param(True, marks=pytest.mark.slow)])
def test_pages_show_the_artifacts_of_a_moved_project(moved, read_only):
    port = free_port()
    before = content(moved)
    start = (
        [sys.executable, FAULTS, moved] if read_only else [Path(sys.executable).parent / "organode"]
    )
    (run,) = (path.name for path in (moved / "mlruns/1").iterdir())
    address = f"http://127.0.0.1:{port}"
    with started(*start, "ui", "--port", str(port), cwd=moved) as process:
        wait_for(f"{address}/health", process)
        listed = f"{address}/ajax-api/2.0/mlflow/artifacts/list?run_id={run}&path=curation"
        with urllib.request.urlopen(listed) as answer:
            names = {entry["path"] for entry in json.loads(answer.read())["files"]}
        report = f"{address}/get-artifact?path=curation/report.html&run_uuid={run}"
        with urllib.request.urlopen(report) as answer:
            assert answer.read() == (moved / "results/curate/report.html").read_bytes()
    assert "curation/summary.json" in names
    if read_only:
        assert content(moved) == before


def test_copy_of_the_database_alone_does_not_reach_for_the_original(trained, project, called):
    shutil.rmtree(project / "mlruns")
    shutil.rmtree(project / "results")
    before = content(trained)
    failed = called("predict", "CCO", cwd=project)
    assert failed.returncode == 1
    assert "organode-IE version 1 (champion) cannot be loaded" in failed.stderr
    assert f"{project}/mlruns/" in failed.stderr
    assert champion_of(project).version == 1
    assert content(trained) == before
