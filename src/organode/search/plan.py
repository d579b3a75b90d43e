"""What a study does: organode's own search, or the thesis's comparison of 25 settings."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import optuna
from optuna.pruners import BasePruner
from optuna.trial import FrozenTrial, TrialState

from organode.models.network.network import NetworkSettings
from organode.models.training_data import Labelled
from organode.search.space import THESIS, first_trials, suggest
from organode.settings import Settings

BEHIND = 0.03  # of the best trial's error; one that is further behind is given up
THESIS_EPOCHS = 5_000
THESIS_FOLDS = 2


@dataclass(frozen=True)
class Plan:
    """One study's work.

    Attributes
    ----------
    title : str
        In the names of study and run.
    data : Labelled
        With the folds that trials are judged on.
    n_trials, n_folds, epochs : int
        Trials in all, folds a trial, epochs a fold.
    first : list of dict
        Parameters to try first.
    suggest : callable
        Draws the settings of a trial.
    pruner : optuna.pruners.BasePruner or None
        Decides after the first fold, and after each two more, whether the next are worth it.
    space : dict
        What tells this study from others beside title, epochs and data.
    """

    title: str
    data: Labelled
    n_trials: int
    n_folds: int
    epochs: int
    first: list[dict[str, Any]]
    suggest: Callable[[optuna.Trial], NetworkSettings]
    pruner: optuna.pruners.BasePruner | None
    space: dict[str, Any]


class BehindBest(BasePruner):  # type: ignore[misc]  # Optuna is read without its types
    """Gives a trial up that is clearly behind the best one on the folds that both have learned.

    What makes a fold harder than another makes it so for every setting: on the same folds two
    settings' errors differ by what they would differ by on all of them, to a percent or so.
    """

    def prune(self, study: optuna.Study, trial: FrozenTrial) -> bool:
        """Compare mean errors up to the trial's last fold."""
        complete = study.get_trials(deepcopy=False, states=(TrialState.COMPLETE,))
        step = trial.last_step
        if not complete or step is None:
            return False
        best = min(complete, key=lambda one: float(one.values[0]))
        limit = (1 + BEHIND) * best.intermediate_values[step]
        return bool(trial.intermediate_values[step] > limit)


def usual(target: str, settings: Settings, data: Labelled) -> Plan:
    """Return the search that `params.yaml` describes."""
    space = settings.search
    return Plan(
        title=target,
        data=data,
        n_trials=space.n_trials,
        n_folds=space.n_folds,
        epochs=space.epochs,
        first=first_trials(target, space),
        suggest=lambda trial: suggest(trial, space),
        pruner=BehindBest(),
        space=space.model_dump(mode="json", exclude={"n_trials", "epochs", "storage"}),
    )


def thesis(target: str, data: Labelled) -> Plan:
    """Return the thesis's comparison: 25 settings, each trained on either half of the rows."""
    halves = replace(data, fold=data.fold % THESIS_FOLDS - (data.fold < 0) * THESIS_FOLDS)
    return Plan(
        title=f"{target}-thesis",
        data=halves,
        n_trials=len(THESIS),
        n_folds=THESIS_FOLDS,
        epochs=THESIS_EPOCHS,
        first=[{"setting": number} for number in range(len(THESIS))],
        suggest=lambda trial: THESIS[trial.suggest_int("setting", 0, len(THESIS) - 1)],
        pruner=None,
        space={},
    )
