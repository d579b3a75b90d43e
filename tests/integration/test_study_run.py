"""What of a study's trials MLflow holds after processes that log at once, or died."""

from datetime import datetime, timedelta
from types import SimpleNamespace

import optuna
import pytest
from optuna.trial import TrialState

from organode.models.network.network import NetworkSettings
from organode.tracking.study_run import OBJECTIVE, StudyRun

SETTINGS = NetworkSettings(
    1, 64, counts=True, orbitals=False, widths=(32,), dropout=0.0, l2=0.0,
    learning_rate=1e-3, batch_size=32,
)  # fmt: skip
PLAN = SimpleNamespace(n_folds=2, epochs=2, space={"radius": [0, 1]})


def trial(number: int, *, state: TrialState = TrialState.COMPLETE) -> optuna.trial.FrozenTrial:
    made = optuna.trial.create_trial(
        value=(number / 100 + 0.2) / 2 if state == TrialState.COMPLETE else None, state=state,
        user_attrs={"settings": SETTINGS.as_dict(), "fold_maes": [number / 100, 0.2]},
    )  # fmt: skip
    made.number = number
    made.datetime_start = datetime.now() - timedelta(minutes=10)
    made.datetime_complete = made.datetime_start + timedelta(minutes=1 if number else 9)
    return made


@pytest.fixture
def study(tmp_path, monkeypatch) -> StudyRun:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{tmp_path}/mlflow.db")
    return StudyRun.open("IE", "IE-1", "identity", PLAN)


def begun(study: StudyRun, number: int) -> str:
    """Leave a trial's run as a process that died would."""
    tags = {"mlflow.parentRunId": study.run_id, "organode.trial": str(number)}
    return study.client.create_run(study.experiment, tags=tags).info.run_id


def states(study: StudyRun) -> dict[int, list[str]]:
    return {
        number: [run.info.status for run in runs] for number, runs in study._trial_runs().items()
    }


def finish(study: StudyRun, trials: list[optuna.trial.FrozenTrial], tmp_path) -> None:
    (tmp_path / "figures").mkdir(exist_ok=True)
    complete = [one for one in trials if one.state == TrialState.COMPLETE]
    study.finish(trials, complete, complete[0], PLAN, tmp_path / "figures")


def test_of_several_runs_of_one_trial_one_stays_and_is_whole(study, tmp_path):
    trials = [trial(0), trial(1)]
    for _ in range(3):
        begun(study, 1)
    study.log_trials(trials)
    assert sorted(states(study)[1]) == ["FINISHED", "RUNNING", "RUNNING"]
    finish(study, trials, tmp_path)
    assert states(study) == {0: ["FINISHED"], 1: ["FINISHED"]}


def test_a_run_that_another_process_may_still_be_writing_is_let_be_until_the_end(
    study, tmp_path, monkeypatch
):
    monkeypatch.setattr("organode.tracking.study_run.AT_IT", 3600.0)  # however busy this machine is
    just_ended = trial(2)
    just_ended.datetime_complete = datetime.now()
    begun(study, 2)
    study.log_trials([just_ended])
    assert states(study) == {2: ["RUNNING"]}
    assert study.logged == set()
    finish(study, [just_ended], tmp_path)
    assert states(study) == {2: ["FINISHED"]}


def test_two_processes_that_both_logged_a_trial_whole_leave_it_once(study, tmp_path):
    one = trial(3)
    study._log_trial(one)
    twin = begun(study, 3)
    study._complete_trial(twin, one)
    assert states(study) == {3: ["FINISHED", "FINISHED"]}
    finish(study, [one], tmp_path)
    assert states(study) == {3: ["FINISHED"]}


def test_time_spent_is_that_of_the_trials_that_ran(study, tmp_path):
    finish(study, [trial(0), trial(1), trial(2, state=TrialState.FAIL)], tmp_path)
    logged = study.client.get_run(study.run_id).data.metrics
    assert logged["cost/search_seconds"] == pytest.approx(600, abs=1)


def test_each_fold_s_mae_is_logged(study, tmp_path):
    finish(study, [trial(0), trial(6)], tmp_path)
    (run,) = study._trial_runs()[6]
    history = study.client.get_metric_history(run.info.run_id, "fold/mae")
    assert {metric.step: metric.value for metric in history} == {0: 0.06, 1: 0.2}
    assert run.data.metrics[OBJECTIVE] == pytest.approx(0.13)
    assert run.data.metrics["fold/sd_mae"] == pytest.approx(0.07)


def test_a_study_opened_again_is_the_same_run(study):
    study.log_trials([trial(0)])
    again = StudyRun.open("IE", "IE-1", "identity", PLAN)
    assert again.run_id == study.run_id
    assert again.logged == {0}


def test_a_pruned_trial_has_a_state_and_no_objective(study, tmp_path):
    pruned = trial(1, state=TrialState.PRUNED)
    pruned.user_attrs["fold_maes"] = [0.3]
    finish(study, [trial(0), pruned], tmp_path)
    (complete,), (given_up,) = study._trial_runs()[0], study._trial_runs()[1]
    assert given_up.info.run_name == "trial 1 (pruned) of IE-1"
    assert given_up.info.status == "KILLED"
    assert given_up.data.tags["organode.state"] == "pruned"
    assert set(given_up.data.metrics) == {"fold/mae", "cost/seconds"}
    assert complete.info.run_name == "trial 0 of IE-1"
    assert complete.info.status == "FINISHED"
    assert OBJECTIVE in complete.data.metrics
    of_study = study.client.get_run(study.run_id)
    assert (of_study.data.metrics["trials/complete"], of_study.data.metrics["trials/pruned"]) == (
        1, 1,
    )  # fmt: skip
    assert "1 complete, 1 pruned" in of_study.data.tags["mlflow.note.content"]


def test_a_study_shows_what_was_searched_and_the_best_so_far(study, tmp_path):
    finish(study, [trial(2), trial(0), trial(6)], tmp_path)
    run = study.client.get_run(study.run_id)
    assert run.data.params == {
        "search.radius": "[0, 1]", "search.n_folds": "2", "search.epochs": "2",
    }  # fmt: skip
    history = study.client.get_metric_history(study.run_id, OBJECTIVE)
    so_far = {metric.step: metric.value for metric in history}
    assert so_far == pytest.approx({2: 0.11, 0: 0.1, 6: 0.1})
    assert "| widths | 32 |" in run.data.tags["mlflow.note.content"]
