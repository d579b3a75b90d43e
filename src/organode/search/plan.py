"""Plans of an Optuna study: organode's own search, or a comparison of 25 settings from a thesis.

The project began with a thesis of 2020, whose 25 network settings and training protocol are kept
for comparison.
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
        Number of trials in total, number of cross-validation folds in a trial, and number of
        training epochs for each fold.
    first : list of dict
        For each of the trials to run first: name of a parameter to its value.
    suggest : callable
        Takes a trial, and returns the network settings that Optuna draws for the trial.
    pruner : optuna.pruners.BasePruner or None
        Decides after the first fold, and then after every second fold, whether a trial is pruned
        (stopped). If None, no trial is pruned.
    space : dict
        Values of the section `search` of the settings that decide what the study tries. If these
        values or `title`, `epochs` or `data` change, a new study starts instead of the old study
        being resumed.
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
    """Return the plan of organode's search for one target, ``IE`` or ``EA``.

    The section `search` of the settings, which come from `params.yaml`, sets what the search tries.
    """
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
    """Return the plan of the 2020 thesis that the project began with, for the target IE or EA.

    The plan compares 25 network settings by 2-fold cross-validation.
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
