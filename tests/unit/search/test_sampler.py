"""The sampler of a study that several processes share."""

from types import SimpleNamespace

import optuna

from organode.pipeline.search import _study
from organode.search.plan import Plan, standard_plan
from organode.search.pruner import BehindBest
from organode.search.sampler import SeededByTrial
from organode.settings import Settings


def begun(folder, **space) -> tuple[Plan, Settings]:
    settings = Settings.model_validate(
        {"search": {"storage": f"sqlite:///{folder}/studies.db", **space}}
    )
    return standard_plan("IE", settings, SimpleNamespace(digest=lambda: "of some data")), settings


def test_draws_depend_on_trials_not_on_process(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    plan, settings = begun(tmp_path)
    study, other = _study(plan, settings), _study(plan, settings)
    alone = optuna.create_study(sampler=SeededByTrial(settings.seed), pruner=BehindBest())
    for parameters in plan.first:
        alone.enqueue_trial(parameters)

    def told(of: optuna.Study) -> dict:
        trial = of.ask()
        chosen = plan.suggest(trial)
        of.tell(trial, chosen.dropout + chosen.l2)
        return trial.params

    shared = [told(of) for of in (study, other) * 7]  # past the trials that are drawn blindly
    assert len({str(parameters) for parameters in shared}) == len(shared)
    assert shared == [told(alone) for _ in shared]
