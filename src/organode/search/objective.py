"""The objective of a study: train the networks of a trial, fold by fold, until it is pruned."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import optuna
from optuna.trial import FrozenTrial, TrialState

from organode.models.network.network import Fit, Part, forward
from organode.search.attributes import (
    EPOCHS,
    FIXED,
    FOLD_MAES,
    ROW_ERRORS,
    SAME_AS,
    SETTINGS,
)
from organode.search.draws import draw_number, queue_again
from organode.search.paired import pack
from organode.search.plan import Plan

PAIR = 2  # folds trained at the same time; the same number on every machine


def objective(plan: Plan, seed: int) -> Callable[[optuna.Trial], float]:
    """Return the objective of a plan: it trains a trial's networks, and returns their mean MAE.

    Before all folds are trained, fold 0 is trained with few epochs, once for each rung of the plan;
    most trials are pruned there. Each rung is a training of its own, in which the learning rate
    falls to zero: errors in the middle of a longer training say little about the errors at its end.
    A trial that is interrupted by an error or by the user is queued again.
    """
    from organode.models.network.folds import fit_folds  # imports TensorFlow

    def run(trial: optuna.Trial) -> float:
        network = plan.suggest(trial)
        trial.set_user_attr(SETTINGS, network.as_dict())
        prunable = plan.pruner is not None
        if draw_number(trial.study, trial) == plan.fixed:
            trial.set_user_attr(FIXED, True)
            prunable = False
        elif (twin := _twin(trial)) is not None:
            return _repeat(trial, twin)
        matrix = plan.data.matrix(plan.data.inputs(network))

        def parts(fold: int) -> tuple[Part, Part]:
            return plan.data.parts(matrix, fold, joint=network.joint)

        for epochs in plan.rungs:
            ((_, short),) = fit_folds(network, parts, range(1), epochs=epochs, seed=seed)
            _keep(trial, [short.mae], epochs, step=epochs)
            if prunable and trial.should_prune():
                raise optuna.TrialPruned
        maes: list[float] = []
        errors: list[np.ndarray] = []
        for folds in pairs(plan.n_folds):
            fits = dict(fit_folds(network, parts, folds, epochs=plan.epochs, seed=seed))
            for fold in folds:
                maes.append(fits[fold].mae)
                errors.append(_row_errors(fits[fold], parts(fold)[1]))
                _keep(trial, maes, plan.epochs, step=plan.epochs + fold)
            if prunable and len(maes) < plan.n_folds and trial.should_prune():
                raise optuna.TrialPruned
        if plan.fixed is not None:
            trial.set_user_attr(ROW_ERRORS, pack(np.concatenate(errors)))
        return float(np.mean(maes))

    return resumable(run)


def resumable(run: Callable[[optuna.Trial], float]) -> Callable[[optuna.Trial], float]:
    """Return an objective that queues a trial's parameters again if the trial is interrupted.

    If the process of a trial is killed, another process queues the parameters again as soon as the
    heartbeat of the trial has stopped.
    """

    def run_or_queue(trial: optuna.Trial) -> float:
        try:
            return run(trial)
        except (optuna.TrialPruned, MemoryError):  # pruned, or too large for this machine
            raise
        except (Exception, KeyboardInterrupt):
            queue_again(trial.study, trial)
            raise

    return run_or_queue


def pairs(n_folds: int) -> list[range]:
    """Return the numbers of the folds in groups of at most two, which are trained together."""
    return [range(start, min(start + PAIR, n_folds)) for start in range(0, n_folds, PAIR)]


def _keep(trial: optuna.Trial, maes: list[float], epochs: int, step: int) -> None:
    """Keep the errors of the folds that were trained with so many epochs; report their mean."""
    trial.set_user_attr(FOLD_MAES, maes)
    trial.set_user_attr(EPOCHS, epochs)
    trial.report(float(np.mean(maes)), step)


def _row_errors(fitted: Fit, valid: Part) -> np.ndarray:
    """Return the absolute errors of a network on its n validation rows, eV, shape (n,)."""
    inputs, labels = valid
    energies = forward(fitted.weights, inputs) * fitted.scale + fitted.mean
    return np.asarray(np.abs(energies - labels[:, 0]))


def _twin(trial: optuna.Trial) -> FrozenTrial | None:
    """Return a completed or pruned trial of the study with the same parameters, or None."""
    states = (TrialState.COMPLETE, TrialState.PRUNED)
    for other in trial.study.get_trials(deepcopy=False, states=states):
        if other.params == trial.params:
            return other
    return None


def _repeat(trial: optuna.Trial, twin: FrozenTrial) -> float:
    """Return the MAE (eV) of `twin`, a finished trial with the same parameters as `trial`.

    This saves the training. The errors of `twin` are copied to `trial`. If `twin` was pruned,
    `trial` is pruned too.
    """
    trial.set_user_attr(SAME_AS, twin.number)
    for name in (FOLD_MAES, EPOCHS, ROW_ERRORS):
        if name in twin.user_attrs:
            trial.set_user_attr(name, twin.user_attrs[name])
    for step, value in twin.intermediate_values.items():
        trial.report(value, step=step)
    if twin.state == TrialState.PRUNED:
        raise optuna.TrialPruned
    return float(twin.values[0])
