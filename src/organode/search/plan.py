"""Plans of a study: organode's search, or the thesis's comparison of 25 settings."""

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

BEHIND = 0.03  # share of the best trial's error: trials that are worse by more are pruned
THESIS_EPOCHS = 5_000
THESIS_FOLDS = 2


@dataclass(frozen=True)
class Plan:
    """The plan of a study.

    Attributes
    ----------
    title : str
        In the names of study and run.
    data : Labelled
        With the folds for validation.
    n_trials, n_folds, epochs : int
        Total number of trials, folds of a trial, epochs of a fold.
    first : list of dict
        Parameters to try first.
    suggest : callable
        Draws the settings of a trial.
    pruner : optuna.pruners.BasePruner or None
        Decides after the first fold, and after each two more, whether a trial is pruned.
    space : dict
        Settings that distinguish the study from others, besides title, epochs and data.
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
    """Prunes a trial that is clearly worse than the best trial on the folds that both have.

    A fold that is harder than another is so for all settings: the difference between two settings
    on the same folds is that on all folds, to about a percent.
    """

    def prune(self, study: optuna.Study, trial: FrozenTrial) -> bool:
        """Compare mean errors up to the trial's last fold."""
        complete = study.get_trials(deepcopy=False, states=(TrialState.COMPLETE,))
        step = trial.last_step
        if not complete or step is None:
            return False
        best = min(complete, key=lambda other: float(other.values[0]))
        limit = (1 + BEHIND) * best.intermediate_values[step]
        return bool(trial.intermediate_values[step] > limit)


def standard_plan(target: str, settings: Settings, data: Labelled) -> Plan:
    """Return the plan of the search in `params.yaml`."""
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


def thesis_plan(target: str, data: Labelled) -> Plan:
    """Return the plan of the thesis's comparison: 25 settings with 2-fold cross-validation."""
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
