"""Plans of an Optuna study: organode's own search, short or for a night, or that of a thesis.

The project began with a thesis of 2020, whose 25 network settings and training protocol are kept
for comparison.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Literal

import optuna

from organode.models.network.network import NetworkSettings
from organode.models.training_data import Labelled
from organode.search.pruner import Halving, rungs
from organode.search.space import FIXED, THESIS, first_trials, suggest
from organode.settings import Search, Settings

Preset = Literal["thesis", "nightly"]
THESIS_EPOCHS = 5_000
THESIS_FOLDS = 2
NIGHTLY_TRIALS = 100


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
    fixed : int or None
        Position in `first` of the fixed setting, with which the search's best setting is compared
        at the end. Its trial is never pruned. If None, nothing is compared.
    suggest : callable
        Takes a trial, and returns the network settings that Optuna draws for the trial.
    rungs : tuple of int
        Numbers of epochs with which fold 0 is trained first, sorted ascending.
    pruner : optuna.pruners.BasePruner or None
        Decides after each rung, and then after every second fold, whether a trial is pruned
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
    fixed: int | None
    suggest: Callable[[optuna.Trial], NetworkSettings]
    rungs: tuple[int, ...]
    pruner: optuna.pruners.BasePruner | None
    space: dict[str, Any]


def make_plan(
    target: str,
    settings: Settings,
    data: Labelled,
    preset: Preset | None = None,
    epochs: int | None = None,
) -> Plan:
    """Return the plan of a search for one target, ``IE`` or ``EA``.

    Parameters
    ----------
    target : str
        ``IE`` or ``EA``.
    settings : Settings
        All of `params.yaml`; the section `search` sets what the search tries.
    data : Labelled
        The target's labelled molecules, with their folds.
    preset : {'thesis', 'nightly'}, optional
        ``thesis`` is the comparison of 25 settings of the 2020 thesis. ``nightly`` has 100 trials,
        each on all folds and with as many epochs as the final training.
    epochs : int, optional
        Number of epochs of each training, instead of that of the settings or the preset.
    """
    if preset == "thesis":
        plan = _thesis_plan(target, data)
        return plan if epochs is None else replace(plan, epochs=epochs)
    changes: dict[str, int] = {}
    if preset == "nightly":
        changes = {
            "n_trials": NIGHTLY_TRIALS,
            "n_folds": settings.split.n_folds,
            "epochs": settings.train.epochs,
        }
    if epochs is not None:
        changes["epochs"] = epochs
    return _standard_plan(target, settings.search.model_copy(update=changes), data)


def _standard_plan(target: str, space: Search, data: Labelled) -> Plan:
    steps = rungs(space.epochs, space.reduction)
    return Plan(
        title=target,
        data=data,
        n_trials=space.n_trials,
        n_folds=space.n_folds,
        epochs=space.epochs,
        first=first_trials(target, space),
        fixed=FIXED,
        suggest=lambda trial: suggest(trial, space),
        rungs=steps,
        pruner=Halving(steps, space.reduction),
        space=space.model_dump(mode="json", exclude={"n_trials", "epochs", "storage"}),
    )


def _thesis_plan(target: str, data: Labelled) -> Plan:
    """Return the plan of the 2020 thesis: 25 network settings, compared by 2-fold validation."""
    halves = replace(data, fold=data.fold % THESIS_FOLDS - (data.fold < 0) * THESIS_FOLDS)
    return Plan(
        title=f"{target}-thesis",
        data=halves,
        n_trials=len(THESIS),
        n_folds=THESIS_FOLDS,
        epochs=THESIS_EPOCHS,
        first=[{"setting": number} for number in range(len(THESIS))],
        fixed=None,
        suggest=lambda trial: THESIS[trial.suggest_int("setting", 0, len(THESIS) - 1)],
        rungs=(),
        pruner=None,
        space={},
    )
