"""The sampler of a study that several processes share."""

from types import SimpleNamespace

import optuna

from organode.pipeline.search import _study
from organode.search.draws import queue_again
from organode.search.plan import Plan, make_plan
from organode.search.sampler import SeededByDraw
from organode.settings import Settings


def begun(folder, **space) -> tuple[Plan, Settings]:
    settings = Settings.model_validate(
        {"search": {"storage": f"sqlite:///{folder}/studies.db", **space}}
    )
    return make_plan("IE", settings, SimpleNamespace(digest=lambda: "of some data")), settings


def told(study: optuna.Study, plan: Plan) -> dict:
    trial = study.ask()
    chosen = plan.suggest(trial)
    study.tell(trial, chosen.dropout + chosen.l2)
    return trial.params


def test_draws_depend_on_trials_not_on_process(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    plan, settings = begun(tmp_path)
    study, other = _study(plan, settings), _study(plan, settings)
    alone = optuna.create_study(sampler=SeededByDraw(settings.seed, plan.first))

    shared = [told(of, plan) for of in (study, other) * 7]  # past the trials drawn blindly
    assert len({str(parameters) for parameters in shared}) == len(shared)
    assert shared == [told(alone, plan) for _ in shared]


def test_first_draws_are_the_given_ones(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    plan, settings = begun(tmp_path)
    study = _study(plan, settings)
    assert [told(study, plan) for _ in plan.first] == plan.first


def test_interrupted_trials_change_no_draw(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    plan, settings = begun(tmp_path)
    undisturbed = optuna.create_study(sampler=SeededByDraw(settings.seed, plan.first))
    expected = [told(undisturbed, plan) for _ in range(14)]
    study = _study(plan, settings)
    drawn = []
    while len(drawn) < len(expected):
        if len(drawn) in (0, 3, 12):
            for _ in range(2):  # interrupted, and again when it is repeated
                trial = study.ask()
                plan.suggest(trial)
                queue_again(study, trial)
                study.tell(trial, state=optuna.trial.TrialState.FAIL)
        drawn.append(told(study, plan))
    assert drawn == expected
