"""Plans of an Optuna study: organode's search, or the 2020 thesis's comparison of 25 settings.

The project began with that thesis, and its settings and protocol are kept for comparison.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import optuna

from organode.models.network.network import NetworkSettings
from organode.models.training_data import Labelled
from organode.search.pruner import BehindBest
from organode.search.space import THESIS, first_trials, suggest
from organode.settings import Settings

THESIS_EPOCHS = 5_000
THESIS_FOLDS = 2


@dataclass(frozen=True)
class Plan:
    """What an Optuna study tries, on which data, and when it prunes a trial.

    Attributes
    ----------
    title : str
        Beginning of the study's name, such as ``IE`` or ``IE-thesis``.
    data : Labelled
        The labelled molecules, with the folds for validation.
    n_trials, n_folds, epochs : int
        Number of trials in total, of folds in a trial, and of training epochs for a fold.
    first : list of dict
        Parameters of the trials to run first, by name.
    suggest : callable
        Takes a trial, and returns the network settings that Optuna draws for it.
    pruner : optuna.pruners.BasePruner or None
        Decides after the first fold, and after each two more, whether a trial is pruned. None: no
        trial is.
    space : dict
        The section `search` of the settings, as far as it identifies the study beside title, epochs
        and data. If any of them changes, a new study starts instead of the old one going on.
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


def standard_plan(target: str, settings: Settings, data: Labelled) -> Plan:
    """Return the plan of the search for one target, ``IE`` or ``EA``, as set in `params.yaml`."""
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
    """Return the plan of the 2020 thesis that the project began with.

    It compares 25 settings by 2-fold cross-validation.
    """
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
