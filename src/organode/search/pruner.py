"""Decide which trials of a search are pruned, that is, stopped before all folds are done."""

from __future__ import annotations

import math

import optuna
from optuna.pruners import BasePruner
from optuna.trial import FrozenTrial, TrialState

from organode.search.attributes import FIXED

BEHIND = 0.01  # clearly behind is an error above 1 + BEHIND times another error
COMPARED = (TrialState.COMPLETE, TrialState.PRUNED, TrialState.RUNNING)


def rungs(epochs: int, reduction: int) -> tuple[int, ...]:
    """Return the epochs after which trials are compared: ``epochs / reduction``, and so on down.

    Parameters
    ----------
    epochs : int
        Number of epochs of the whole training.
    reduction : int
        Ratio of the epochs of two neighbouring rungs, 2 or more.

    Returns
    -------
    tuple of int
        Numbers of epochs, sorted ascending, from 1 to below `epochs`; empty if `epochs` is 1.

    Examples
    --------
    >>> rungs(6, 3), rungs(8, 3), rungs(1, 3)
    ((1, 2), (1, 3), ())
    """
    chosen = set()
    share = float(epochs)
    while share > 1:
        share /= reduction
        chosen.add(max(1, round(share)))
    return tuple(sorted(chosen - {epochs}))


class Halving(BasePruner):  # type: ignore[misc]  # Optuna is read without its types
    """Pruner that stops a trial at a rung, or between two folds, if its error is high.

    At the rungs this is asynchronous successive halving (doi 10.48550/arXiv.1810.05934): the best
    1/`reduction` of the trials that have come to a rung so far go on, unless they are clearly
    behind the fixed settings, which do not compete. Between folds, a trial is pruned if it is
    clearly behind the best. Some folds are harder to predict than others, but for
    all settings alike: the difference in error between two settings on the same few folds agrees
    with their difference on all folds to about a percent.

    A trial reports its error at each rung, the step being the number of epochs; and after each
    fold its mean error so far, the step being ``epochs + fold``.

    Parameters
    ----------
    rungs : sequence of int
        The steps that are rungs, as the function `rungs` returns them.
    reduction : int
        One in `reduction` trials goes on at each rung.
    """

    def __init__(self, rungs: tuple[int, ...], reduction: int) -> None:
        self._rungs = rungs
        self._reduction = reduction

    def prune(self, study: optuna.Study, trial: FrozenTrial) -> bool:
        """Return whether to prune a trial because of the error that it reported last."""
        step = trial.last_step
        if step is None:
            return False
        if step in self._rungs:
            return self._is_behind_rung(study, trial, step)
        return _is_behind_best(study, trial, step)

    def _is_behind_rung(self, study: optuna.Study, trial: FrozenTrial, step: int) -> bool:
        """Return whether a trial is clearly behind the fixed settings, or not among the best.

        Without the fixed settings, the best trial so far would be the first to go on, however poor
        it is. Failed trials, which are run again, do not count.
        """
        error = _error(trial, step)
        here = [
            other
            for other in study.get_trials(deepcopy=False, states=COMPARED)
            if other.number != trial.number and step in other.intermediate_values
        ]
        fixed = [_error(other, step) for other in here if FIXED in other.user_attrs]
        others = [_error(other, step) for other in here if FIXED not in other.user_attrs]
        if fixed and error > (1 + BEHIND) * fixed[0]:
            return True
        kept = max(1, (len(others) + 1) // self._reduction)
        return sum(other <= error for other in others) >= kept


def _is_behind_best(study: optuna.Study, trial: FrozenTrial, step: int) -> bool:
    """Return whether the error of a trial is more than 1 % (`BEHIND`) above the best trial's.

    The mean error of the trial over its finished folds is compared with the mean error of the best
    complete trial over the same folds. As long as no trial of the study is complete, no trial is
    behind.
    """
    complete = study.get_trials(deepcopy=False, states=(TrialState.COMPLETE,))
    if not complete:
        return False
    best = min(complete, key=lambda other: float(other.values[0]))
    return _error(trial, step) > (1 + BEHIND) * _error(best, step)


def _error(trial: FrozenTrial, step: int) -> float:
    """Return the error of a trial at a step; infinity for a training that diverged."""
    error = float(trial.intermediate_values[step])
    return math.inf if math.isnan(error) else error
