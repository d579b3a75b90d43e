"""One study for several processes, the thesis's preset, and what a search must not do twice."""

import shutil
import subprocess
from collections import Counter
from contextlib import ExitStack
from functools import partial

import optuna
import pytest
import yaml

from helpers import PROGRAM, run_ok, set_params, started
from organode.tracking.study_run import OBJECTIVE


@pytest.fixture
def fresh(trained, tmp_path):
    """A project with features, before any search."""
    shutil.copy(trained / "params.yaml", tmp_path)
    shutil.copytree(trained / "data", tmp_path / "data")
    return tmp_path


def the_study(storage: str) -> optuna.Study:
    (name,) = optuna.get_all_study_names(storage)
    return optuna.load_study(study_name=name, storage=storage)


def logged(project) -> Counter:
    from mlflow import MlflowClient

    client = MlflowClient(f"sqlite:///{project}/mlflow.db")
    found = client.get_experiment_by_name("organode-IE-search")
    runs = client.search_runs([found.experiment_id], "tags.organode.stage = 'trial'")
    return Counter(int(run.data.tags["organode.trial"]) for run in runs)


@pytest.mark.slow
def test_two_processes_share_one_study(fresh):
    storage = f"sqlite:///{fresh}/shared/studies.db"
    (fresh / "shared").mkdir()
    set_params(fresh, f"search.storage={storage}", "search.n_trials=4", "search.epochs=2")
    with ExitStack() as stack:
        search = partial(started, PROGRAM, "search", "IE", cwd=fresh, stdout=subprocess.PIPE)
        both = [stack.enter_context(search()) for _ in range(2)]
        said = [process.communicate()[0] for process in both]
    assert [process.returncode for process in both] == [0, 0], said

    trials = the_study(storage).get_trials()
    assert {trial.state.name for trial in trials} <= {"COMPLETE", "PRUNED"}
    assert 4 <= len(trials) <= 5  # both may take what each of them saw as the last one
    assert logged(fresh) == Counter(range(len(trials)))
    best = yaml.safe_load((fresh / "results/search/IE/best.yaml").read_text())
    complete = [trial for trial in trials[:4] if trial.state.name == "COMPLETE"]
    kept = next(each for each in complete if each.user_attrs["settings"] == best["settings"])
    assert kept.value == min(each.value for each in complete) or kept.user_attrs["fixed"]
    assert best["mean_fold_mae"] == pytest.approx(kept.value, abs=1e-6)
    assert best["trials"] == 4
    # What one of them draws, the other does not draw and train again.
    assert len({str(sorted(trial.params.items())) for trial in trials}) == len(trials)


@pytest.mark.slow
def test_two_searches_started_together_draw_nothing_twice_and_show_what_was_pruned(fresh):
    from mlflow import MlflowClient

    set_params(fresh, "search.n_trials=12", "search.n_folds=2", "search.epochs=2")
    with ExitStack() as stack:
        search = partial(started, PROGRAM, "search", "IE", cwd=fresh, stdout=subprocess.PIPE)
        both = [stack.enter_context(search()) for _ in range(2)]
        said = [process.communicate()[0] for process in both]
    assert [process.returncode for process in both] == [0, 0], said

    trials = the_study(f"sqlite:///{fresh}/.organode/studies.db").get_trials()
    assert 12 <= len(trials) <= 13
    assert len({str(sorted(trial.params.items())) for trial in trials}) == len(trials)

    client = MlflowClient(f"sqlite:///{fresh}/mlflow.db")
    found = client.get_experiment_by_name("organode-IE-search")
    runs = client.search_runs([found.experiment_id], "tags.organode.stage = 'trial'")
    has_objective = {run.data.tags["organode.trial"]: OBJECTIVE in run.data.metrics for run in runs}
    assert has_objective == {str(one.number): one.state.name == "COMPLETE" for one in trials}
    assert False in has_objective.values()
    for run in runs:
        of_trial = trials[int(run.data.tags["organode.trial"])]
        if of_trial.intermediate_values.keys() == {1}:  # pruned at the first rung
            assert run.info.status == "KILLED"
            assert run.data.tags["organode.epochs"] == "1"
            assert run.data.metrics["fold/mae"] == of_trial.intermediate_values[1]
    (study,) = client.search_runs([found.experiment_id], "tags.organode.stage = 'search'")
    figures = {file.path for file in client.list_artifacts(study.info.run_id, "figures")}
    assert figures == {
        f"figures/{name}.png" for name in ("history", "importances", "parallel", "slices")
    }


def test_equal_settings_are_trained_once(fresh, called_ok):
    set_params(
        fresh, "search.n_trials=4", "search.epochs=2", "search.radius=[1, 1]",
        "search.n_bits=[1024]", "search.counts=[true]", "search.orbitals=[false]",
        "search.n_layers=[1, 1]", "search.widths=[64]", "search.dropout=[0.1, 0.1]",
        "search.l2=[1.0e-6, 1.0e-6]", "search.loss=[mse]", "search.joint=[false]",
        "search.learning_rate=[1.0e-3, 1.0e-3]", "search.batch_size=[64]",
    )  # fmt: skip
    called_ok("search", "IE", cwd=fresh)
    first, *others = the_study(f"sqlite:///{fresh}/.organode/studies.db").get_trials()
    assert "same_as" not in first.user_attrs
    assert [trial.user_attrs["same_as"] for trial in others] == [0, 0, 0]
    assert {trial.value for trial in others} == {first.value}


@pytest.mark.slow
def test_the_thesis_compares_its_25_settings_by_its_own_protocol(fresh):
    # Two epochs of its 5,000, on the smallest of tables: every setting has to be trained.
    run_ok("search", "IE", "--preset", "thesis", "--epochs", "2", cwd=fresh)
    chosen = yaml.safe_load((fresh / "results/search/IE/thesis.yaml").read_text())
    assert chosen["trials"] == 25
    assert len(chosen["fold_maes"]) == 2
    assert chosen["settings"]["protocol"] == "thesis"
    assert chosen["settings"]["batch_size"] == 30_000
    trials = the_study(f"sqlite:///{fresh}/.organode/studies.db").get_trials()
    assert sorted(trial.params["setting"] for trial in trials) == list(range(25))
    assert {trial.state.name for trial in trials} == {"COMPLETE"}
    assert logged(fresh) == Counter(range(25))
    assert not (fresh / "results/search/IE/best.yaml").exists()
