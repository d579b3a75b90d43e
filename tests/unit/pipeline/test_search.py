"""The study of the stage `search`: sharing, resuming, interruption."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import optuna
import pytest
from optuna.trial import TrialState

from organode.pipeline.search import _await_earlier, _choose, _study
from organode.search.draws import RETRY_OF
from organode.search.objective import FIXED, ROW_ERRORS
from organode.search.paired import pack
from organode.search.plan import make_plan
from organode.settings import Settings


def test_processes_sharing_study_draw_different_settings(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    settings = Settings.model_validate(
        {"search": {"storage": f"sqlite:///{tmp_path}/studies.db", "n_trials": 8}}
    )
    data = SimpleNamespace(digest=lambda: "of some data")
    plan = replace(make_plan("IE", settings, data), first=[])
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
        plan = replace(make_plan("IE", settings, SimpleNamespace(digest=lambda: "")), first=[])
        trial = _study(plan, settings).ask()
        plan.suggest(trial)
        drawn.append(trial.params)
    assert drawn[0] == drawn[1]


def trial(number: int, errors: np.ndarray, **attributes: bool) -> optuna.trial.FrozenTrial:
    made = optuna.trial.create_trial(
        value=float(errors.mean()), user_attrs={ROW_ERRORS: pack(errors)} | attributes
    )
    made.number = number
    return made


def test_best_trial_is_chosen_only_if_better_beyond_doubt(capsys):
    usual = np.random.default_rng(1).exponential(0.1, 400)
    fixed = trial(0, usual, **{FIXED: True})
    better = trial(1, usual - 0.01)
    lucky = trial(2, usual - 0.001 + np.tile([0.05, -0.05], 200))
    chosen, comparison = _choose([fixed, trial(3, usual + 0.1), better, lucky])
    assert chosen is better
    assert comparison.difference == pytest.approx(-0.01, abs=1e-6)
    assert "best trial will be trained" in " ".join(capsys.readouterr().err.split())
    chosen, comparison = _choose([fixed, lucky])
    assert chosen is fixed
    assert comparison.lower < comparison.difference < 0 < comparison.upper
    assert "fixed settings will be trained" in " ".join(capsys.readouterr().err.split())


def test_best_trial_is_chosen_if_there_is_nothing_to_compare_it_with():
    best = trial(1, np.full(3, 0.1))
    assert _choose([trial(0, np.full(3, 0.2)), best]) == (best, None)
    fixed = trial(0, np.full(3, 0.1), **{FIXED: True})
    assert _choose([fixed]) == (fixed, None)


def test_best_other_trial_is_compared_also_if_the_fixed_settings_are_better():
    fixed = trial(0, np.full(4, 0.1), **{FIXED: True})
    chosen, comparison = _choose([fixed, trial(1, np.full(4, 0.4)), trial(2, np.full(4, 0.2))])
    assert chosen is fixed
    assert comparison.difference == pytest.approx(0.1)


def test_trial_of_a_killed_process_is_run_again_before_others(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("organode.pipeline.search.GRACE", 1)
    settings = Settings.model_validate({"search": {"storage": f"sqlite:///{tmp_path}/studies.db"}})
    plan = make_plan("IE", settings, SimpleNamespace(digest=lambda: ""))
    study = _study(plan, settings)
    killed = study.ask()
    plan.suggest(killed)
    study._storage.record_heartbeat(killed._trial_id)  # its last one
    _await_earlier(study)
    failed, again = study.get_trials()
    assert (failed.state, again.state) == (TrialState.FAIL, TrialState.WAITING)
    assert again.user_attrs == {RETRY_OF: 0}
    assert again.params == killed.params


def test_study_is_created_once(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    settings = Settings.model_validate({"search": {"storage": f"sqlite:///{tmp_path}/studies.db"}})
    plan = make_plan("IE", settings, SimpleNamespace(digest=lambda: ""))
    with ThreadPoolExecutor(4) as threads:
        studies = [*threads.map(lambda _: _study(plan, settings), range(4))]
    assert len({study.user_attrs["uid"] for study in studies}) == 1
    assert not studies[0].get_trials()
