"""`kill -9` in the middle of learning: started again, finished work is neither redone nor lost."""

import shutil
import sqlite3
from contextlib import closing

import pytest

from helpers import PROGRAM, killed_when, run_ok, set_params


@pytest.fixture
def fresh(trained, tmp_path):
    """A project with features, before any search."""
    for part in ("params.yaml", "data"):
        copy = shutil.copytree if (trained / part).is_dir() else shutil.copy
        copy(trained / part, tmp_path / part)
    return tmp_path


def finished_trials(project):
    path = project / ".organode/studies.db"
    if not path.exists():
        return []
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as studies:
        try:
            return studies.execute(
                "select number, datetime_complete from trials"
                " where state in ('COMPLETE', 'PRUNED') order by number"
            ).fetchall()
        except sqlite3.OperationalError:  # tables are being made
            return []


def begun_in_rungs(project):
    """Return the running trials that have passed a rung, from the third on."""
    path = project / ".organode/studies.db"
    if not finished_trials(project):
        return []
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as studies:
        return studies.execute(
            "select number from trials join trial_intermediate_values using (trial_id)"
            " where state = 'RUNNING' and number > 1"
        ).fetchall()


def logged_trials(project):
    from mlflow import MlflowClient

    client = MlflowClient(f"sqlite:///{project}/mlflow.db")
    experiment = client.get_experiment_by_name("organode-EA-search")
    runs = client.search_runs([experiment.experiment_id])
    return sorted(
        int(run.data.tags["organode.trial"]) for run in runs if "organode.trial" in run.data.tags
    )


def test_a_killed_search_goes_on(fresh):
    set_params(fresh, "search.n_trials=3", "search.epochs=4")
    killed_when(lambda: finished_trials(fresh), PROGRAM, "search", "EA", cwd=fresh)
    before = finished_trials(fresh)

    set_params(fresh, "search.n_trials=4")
    run_ok("search", "EA", cwd=fresh)
    after = finished_trials(fresh)
    assert after[: len(before)] == before  # not redone
    assert len(after) == 4  # and no more than asked for
    assert set(logged_trials(fresh)) >= {number for number, _ in after}
    assert len(logged_trials(fresh)) == len(set(logged_trials(fresh)))


@pytest.mark.slow
def test_search_killed_between_rungs_ends_like_one_that_ran_through(fresh, tmp_path_factory):
    set_params(fresh, "search.n_trials=12", "search.n_folds=2", "search.epochs=9")
    undisturbed = tmp_path_factory.mktemp("undisturbed")
    for part in ("params.yaml", "data"):
        copy = shutil.copytree if (fresh / part).is_dir() else shutil.copy
        copy(fresh / part, undisturbed / part)
    run_ok("search", "EA", cwd=undisturbed)
    killed_when(lambda: begun_in_rungs(fresh), PROGRAM, "search", "EA", cwd=fresh)
    run_ok("search", "EA", cwd=fresh)
    best = "results/search/EA/best.yaml"
    assert (fresh / best).read_bytes() == (undisturbed / best).read_bytes()


@pytest.mark.slow
def test_a_killed_training_goes_on_and_ends_with_the_same_networks(fresh):
    set_params(fresh, "train.epochs=10")
    run_ok("search", "EA", cwd=fresh)
    run_ok("train", "EA", cwd=fresh)
    folder = fresh / "results/train/EA"
    undisturbed = {path.name: path.read_bytes() for path in folder.iterdir()}
    shutil.rmtree(folder)

    begun = ".organode/train/EA-*/fold-1.json"
    killed_when(lambda: [*fresh.glob(begun)], PROGRAM, "train", "EA", cwd=fresh)
    assert not folder.exists()  # nothing half-written where results belong
    done = list(fresh.glob(".organode/train/EA-*/fold-*.json"))

    again = run_ok("train", "EA", cwd=fresh)
    assert f"{len(done)} of 3 folds of EA were trained before" in again.stderr
    for name, content in undisturbed.items():
        assert (folder / name).read_bytes() == content, name
    assert not list(fresh.glob(".organode/train/EA-*"))
