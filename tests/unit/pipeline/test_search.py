"""The study of the stage `search`: sharing, resuming, interruption."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from types import SimpleNamespace

import optuna
import pytest
from optuna.trial import TrialState

from organode.pipeline.search import _groups, _queued_again, _study
from organode.search.plan import Plan, standard_plan
from organode.settings import Settings

PRUNED, COMPLETE, WAITING = TrialState.PRUNED, TrialState.COMPLETE, TrialState.WAITING


@pytest.mark.parametrize(
    ("n_folds", "alone", "expected"),
    [
        (1, True, [[0]]),
        (2, True, [[0], [1]]),
        (3, True, [[0], [1, 2]]),
        (8, True, [[0], [1, 2], [3, 4], [5, 6], [7]]),
        (3, False, [[0, 1], [2]]),
    ],
)
def test_every_fold_is_trained_once(n_folds, alone, expected):
    assert [list(folds) for folds in _groups(n_folds, first_alone=alone)] == expected


def test_processes_sharing_study_draw_different_settings(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    settings = Settings.model_validate(
        {"search": {"storage": f"sqlite:///{tmp_path}/studies.db", "n_trials": 8}}
    )
    data = SimpleNamespace(digest=lambda: "of some data")
    plan = replace(standard_plan("IE", settings, data), first=[])
    begun = _study(plan, settings)

    def draws(study: optuna.Study) -> list[dict]:
        trials = [study.ask() for _ in range(2)]
        for trial in trials:
            plan.suggest(trial)
        return [trial.params for trial in trials]

    # The second and the third have seen the same trials of the first.
    resumed = [_study(plan, settings) for _ in range(2)]
    drawn = [str(parameters) for study in (begun, *resumed) for parameters in draws(study)]
    assert len(set(drawn)) == 6


def test_new_search_draws_same_trials(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    drawn = []
    for name in ("a", "b"):
        settings = Settings.model_validate(
            {"search": {"storage": f"sqlite:///{tmp_path}/{name}.db"}}
        )
        plan = replace(standard_plan("IE", settings, SimpleNamespace(digest=lambda: "")), first=[])
        trial = _study(plan, settings).ask()
        plan.suggest(trial)
        drawn.append(trial.params)
    assert drawn[0] == drawn[1]


def begun(folder, **space) -> tuple[Plan, Settings]:
    settings = Settings.model_validate(
        {"search": {"storage": f"sqlite:///{folder}/studies.db", **space}}
    )
    return standard_plan("IE", settings, SimpleNamespace(digest=lambda: "of some data")), settings


def test_first_settings_are_queued_once(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    plan, settings = begun(tmp_path)
    with ThreadPoolExecutor(4) as threads:
        studies = [*threads.map(lambda _: _study(plan, settings), range(4))]
    first = [trial.user_attrs.get("first") for trial in studies[0].get_trials()]
    assert first == [0, 1]


def test_interrupted_trial_is_queued_again_once(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    plan, settings = begun(tmp_path)
    study = _study(plan, settings)

    def interrupted(trial):
        plan.suggest(trial)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        study.optimize(_queued_again(interrupted), n_trials=1)
    for _ in range(2):  # however often it is resumed
        study = _study(plan, settings)
    failed, second, again = study.get_trials()
    assert (failed.state, second.state, again.state) == (TrialState.FAIL, WAITING, WAITING)
    study.ask()  # the second
    retried = study.ask()
    plan.suggest(retried)
    assert retried.params == failed.params


def test_trial_out_of_memory_is_not_queued_again(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    plan, settings = begun(tmp_path)
    study = _study(replace(plan, first=[]), settings)

    def too_large(trial):
        raise MemoryError

    study.optimize(_queued_again(too_large), n_trials=1, catch=(MemoryError,))
    assert [trial.state for trial in study.get_trials()] == [TrialState.FAIL]
