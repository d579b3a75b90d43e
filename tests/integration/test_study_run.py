"""Runs of a study and its trials in MLflow, after processes that logged at once or died."""

from datetime import datetime, timedelta
from types import SimpleNamespace

import optuna
import pytest
from optuna.trial import TrialState

from organode.models.network.network import NetworkSettings
from organode.search.paired import Comparison
from organode.tracking.study_run import OBJECTIVE, StudyRun

SETTINGS = NetworkSettings(
    1, 64, counts=True, orbitals=False, widths=(32,), dropout=0.0, l2=0.0,
    learning_rate=1e-3, batch_size=32,
)  # fmt: skip
PLAN = SimpleNamespace(n_folds=2, epochs=2, space={"radius": [0, 1]})


def trial(number: int, *, state: TrialState = TrialState.COMPLETE) -> optuna.trial.FrozenTrial:
    created = optuna.trial.create_trial(
        value=(number / 100 + 0.2) / 2 if state == TrialState.COMPLETE else None,
        state=state,
        user_attrs={"settings": SETTINGS.as_dict(), "fold_maes": [number / 100, 0.2]},
    )
    created.number = number
    created.datetime_start = datetime.now() - timedelta(minutes=10)
    created.datetime_complete = created.datetime_start + timedelta(minutes=1 if number else 9)
    return created


@pytest.fixture
def study(tmp_path, monkeypatch) -> StudyRun:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{tmp_path}/mlflow.db")
    return StudyRun.open("IE", "IE-1", "identity", PLAN)


def unfinished_run(study: StudyRun, number: int) -> str:
    """Create a trial's run and leave it unfinished, as a process that died would."""
    tags = {"mlflow.parentRunId": study.run_id, "organode.trial": str(number)}
    return study.client.create_run(study.experiment, tags=tags).info.run_id


def states(study: StudyRun) -> dict[int, list[str]]:
    return {
        number: [run.info.status for run in runs] for number, runs in study._trial_runs().items()
    }


def finish(
    study: StudyRun, trials: list[optuna.trial.FrozenTrial], tmp_path, comparison=None
) -> None:
    (tmp_path / "figures").mkdir(exist_ok=True)
    complete = [each for each in trials if each.state == TrialState.COMPLETE]
    study.finish(trials, complete, complete[0], comparison, PLAN, tmp_path / "figures")


def test_only_one_run_of_a_trial_stays_and_is_fully_written(study, tmp_path):
    trials = [trial(0), trial(1)]
    for _ in range(3):
        unfinished_run(study, 1)
    study.log_trials(trials)
    assert sorted(states(study)[1]) == ["FINISHED", "RUNNING", "RUNNING"]
    finish(study, trials, tmp_path)
    assert states(study) == {0: ["FINISHED"], 1: ["FINISHED"]}


def test_run_that_another_process_may_be_writing_is_left_alone_until_the_end(
    study, tmp_path, monkeypatch
):
    # However busy this machine is.
    monkeypatch.setattr("organode.tracking.study_run.WRITING_TIME", 3600.0)
    just_ended = trial(2)
    just_ended.datetime_complete = datetime.now()
    unfinished_run(study, 2)
    study.log_trials([just_ended])
    assert states(study) == {2: ["RUNNING"]}
    assert study.logged == set()
    finish(study, [just_ended], tmp_path)
    assert states(study) == {2: ["FINISHED"]}


def test_trial_logged_by_two_processes_is_there_once(study, tmp_path):
    logged_twice = trial(3)
    study._log_trial(logged_twice)
    twin = unfinished_run(study, 3)
    study._complete_trial(twin, logged_twice)
    assert states(study) == {3: ["FINISHED", "FINISHED"]}
    finish(study, [logged_twice], tmp_path)
    assert states(study) == {3: ["FINISHED"]}


def test_failed_trials_do_not_count_in_the_time_spent(study, tmp_path):
    finish(study, [trial(0), trial(1), trial(2, state=TrialState.FAIL)], tmp_path)
    logged = study.client.get_run(study.run_id).data.metrics
    assert logged["cost/search_seconds"] == pytest.approx(600, abs=1)


def test_mae_of_each_fold_is_logged(study, tmp_path):
    finish(study, [trial(0), trial(6)], tmp_path)
    (run,) = study._trial_runs()[6]
    history = study.client.get_metric_history(run.info.run_id, "fold/mae")
    assert {metric.step: metric.value for metric in history} == {0: 0.06, 1: 0.2}
    assert run.data.metrics[OBJECTIVE] == pytest.approx(0.13)
    assert run.data.metrics["fold/sd_mae"] == pytest.approx(0.07)


def test_study_opened_again_is_the_same_run(study):
    study.log_trials([trial(0)])
    again = StudyRun.open("IE", "IE-1", "identity", PLAN)
    assert again.run_id == study.run_id
    assert again.logged == {0}


def test_pruned_trial_has_a_state_and_no_objective(study, tmp_path):
    pruned = trial(1, state=TrialState.PRUNED)
    pruned.user_attrs |= {"fold_maes": [0.3], "epochs": 2}
    pruned.intermediate_values = {1: 0.4, 2: 0.3}
    finish(study, [trial(0), pruned], tmp_path)
    (complete,), (pruned_run,) = study._trial_runs()[0], study._trial_runs()[1]
    assert pruned_run.info.run_name == "trial 1 (pruned) of IE-1"
    assert pruned_run.info.status == "KILLED"
    assert pruned_run.data.tags["organode.state"] == "pruned"
    assert set(pruned_run.data.metrics) == {"fold/mae", "rung/mae", "cost/seconds"}
    assert pruned_run.data.metrics["fold/mae"] == 0.3
    assert pruned_run.data.tags["organode.epochs"] == "2"
    history = study.client.get_metric_history(pruned_run.info.run_id, "rung/mae")
    assert {metric.step: metric.value for metric in history} == {1: 0.4, 2: 0.3}
    assert complete.info.run_name == "trial 0 of IE-1"
    assert complete.info.status == "FINISHED"
    assert OBJECTIVE in complete.data.metrics
    of_study = study.client.get_run(study.run_id)
    assert (of_study.data.metrics["trials/complete"], of_study.data.metrics["trials/pruned"]) == (
        1,
        1,
    )
    assert "1 complete, 1 pruned" in of_study.data.tags["mlflow.note.content"]


def test_study_shows_its_space_and_the_best_so_far(study, tmp_path):
    finish(study, [trial(2), trial(0), trial(6)], tmp_path)
    run = study.client.get_run(study.run_id)
    assert run.data.params == {
        "search.radius": "[0, 1]",
        "search.n_folds": "2",
        "search.epochs": "2",
    }
    history = study.client.get_metric_history(study.run_id, OBJECTIVE)
    so_far = {metric.step: metric.value for metric in history}
    assert so_far == pytest.approx({2: 0.11, 0: 0.1, 6: 0.1})
    assert "| widths | 32 |" in run.data.tags["mlflow.note.content"]


def test_comparison_with_the_fixed_settings_is_logged(study, tmp_path):
    finish(study, [trial(0)], tmp_path, Comparison(-0.002, -0.003, -0.001, 1200))
    run = study.client.get_run(study.run_id)
    logged = {
        name: run.data.metrics[f"against_fixed/{name}"] for name in ("lower", "upper", "rows")
    }
    assert logged == {"lower": -0.003, "upper": -0.001, "rows": 1200}
    assert run.data.metrics["against_fixed/difference"] == -0.002
    assert (
        "-0.0020 eV (95 % interval -0.0030 to -0.0010, 1,200 molecules)"
        in (run.data.tags["mlflow.note.content"])
    )
