"""How the networks of a trial are trained, pruned, interrupted and repeated."""

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import optuna
import pytest
from optuna.trial import FrozenTrial, TrialState
from scipy.sparse import csr_matrix

from organode.models.network.network import Fit, NetworkSettings
from organode.search.draws import RETRY_OF
from organode.search.objective import objective, pairs, resumable
from organode.search.paired import unpack
from organode.search.plan import Plan
from organode.search.pruner import Halving
from organode.search.sampler import SeededByDraw

PRUNED, COMPLETE, WAITING = TrialState.PRUNED, TrialState.COMPLETE, TrialState.WAITING
EPOCHS, FOLDS = 6, 3
LABELS = np.array([[5.0], [6.0]])  # eV


def error(dropout: float, fold: int, epochs: int) -> float:
    """Return the validation MAE (eV) that a pretended training of so many epochs reaches."""
    return dropout + 0.01 * fold + 0.1 / epochs


class Trainings:
    """Stands for `fit_folds`: a network whose output is the label plus the expected error."""

    def __init__(self) -> None:
        self.epochs: list[tuple[float, int]] = []  # dropout and fold of each epoch
        self.interrupt_at = 0  # number of epochs after which the user interrupts

    def __call__(self, settings, parts, folds, *, epochs, seed):
        for fold in folds:
            parts(fold)
            for _ in range(epochs):
                self.epochs.append((settings.dropout, fold))
                if len(self.epochs) == self.interrupt_at:
                    raise KeyboardInterrupt
            final = error(settings.dropout, fold, epochs)
            weights = [np.array([[1.0]]), np.array([final])]
            yield fold, Fit(weights, 0.0, 1.0, [], [final], 1)


@pytest.fixture
def trainings(monkeypatch) -> Trainings:
    pretended = Trainings()
    monkeypatch.setattr("organode.models.network.folds.fit_folds", pretended)
    return pretended


def plan(first: list[float]) -> Plan:
    rungs = (1, 2)
    part = (csr_matrix(LABELS), LABELS)
    data = SimpleNamespace(
        inputs=lambda _: None, matrix=lambda _: None, parts=lambda *_, joint: (part, part)
    )
    return Plan(
        "IE", data, len(first), FOLDS, EPOCHS, [{"dropout": each} for each in first], 0,
        lambda trial: NetworkSettings(
            1, 64, counts=True, orbitals=False, widths=(8,), l2=0.0,
            dropout=trial.suggest_float("dropout", 0, 0.9),
        ),
        rungs, Halving(rungs, 3), {},
    )  # fmt: skip


def begun(chosen: Plan) -> optuna.Study:
    return optuna.create_study(sampler=SeededByDraw(1, chosen.first), pruner=chosen.pruner)


def searched(*first: float, **changes: Any) -> list[FrozenTrial]:
    chosen = replace(plan([*first]), **changes)
    study = begun(chosen)
    study.optimize(objective(chosen, 1), n_trials=len(first))
    return study.get_trials()


@pytest.mark.parametrize(("n_folds", "expected"), [(1, [[0]]), (2, [[0, 1]]), (3, [[0, 1], [2]])])
def test_every_fold_is_trained_once(n_folds, expected):
    assert [list(folds) for folds in pairs(n_folds)] == expected


def test_trial_pruned_at_a_rung_is_trained_no_further_and_keeps_its_error(trainings):
    _, pruned = searched(0.1, 0.2)
    assert pruned.state == PRUNED
    assert trainings.epochs.count((0.2, 0)) == 1
    assert pruned.user_attrs["fold_maes"] == [error(0.2, 0, 1)]
    assert pruned.user_attrs["epochs"] == 1
    assert pruned.intermediate_values == {1: error(0.2, 0, 1)}
    assert "row_errors" not in pruned.user_attrs


def test_trial_that_is_clearly_behind_after_two_folds_is_pruned(trainings):
    _, behind = searched(0.1, 0.11, rungs=())
    assert behind.state == PRUNED
    assert (0.11, 2) not in trainings.epochs
    assert behind.user_attrs["fold_maes"] == [error(0.11, fold, EPOCHS) for fold in (0, 1)]


def test_best_trial_is_trained_on_all_folds(trainings):
    _, best = searched(0.2, 0.1)
    maes = [error(0.1, fold, EPOCHS) for fold in range(FOLDS)]
    assert best.state == COMPLETE
    assert best.value == pytest.approx(np.mean(maes))
    assert best.user_attrs["fold_maes"] == maes
    assert best.user_attrs["epochs"] == EPOCHS
    assert best.intermediate_values == pytest.approx(
        {1: error(0.1, 0, 1), 2: error(0.1, 0, 2), 6: maes[0], 7: np.mean(maes[:2]), 8: best.value}
    )
    # Absolute errors on the two validation rows of each fold.
    assert unpack(best.user_attrs["row_errors"]) == pytest.approx(np.repeat(maes, 2))


def test_fixed_settings_are_never_pruned(trainings):
    better, fixed = searched(0.1, 0.5, fixed=1)
    assert (better.state, fixed.state) == (COMPLETE, COMPLETE)
    assert len(trainings.epochs) == 2 * (1 + 2 + FOLDS * EPOCHS)
    assert fixed.user_attrs["fixed"]
    assert "fixed" not in better.user_attrs


def test_equal_settings_are_trained_once(trainings):
    _, pruned, again, best, once_more = searched(0.1, 0.5, 0.5, 0.05, 0.05)
    assert [trial.state for trial in (pruned, again, best, once_more)] == [PRUNED] * 2 + [
        COMPLETE
    ] * 2
    assert again.user_attrs["fold_maes"] == pruned.user_attrs["fold_maes"]
    assert once_more.user_attrs["same_as"] == best.number
    assert once_more.user_attrs["row_errors"] == best.user_attrs["row_errors"]
    assert trainings.epochs.count((0.05, 0)) == 1 + 2 + EPOCHS


@pytest.mark.parametrize("interrupt_at", [1, 20, 22, 27])
def test_search_interrupted_anywhere_ends_as_if_it_had_run_through(trainings, interrupt_at):
    first = [0.2, 0.3, 0.1, 0.15, 0.4, 0.1, 0.09]
    expected = searched(*first)
    begin = len(trainings.epochs)
    trainings.interrupt_at = begin + interrupt_at
    chosen = plan(first)
    study = begun(chosen)
    with pytest.raises(KeyboardInterrupt):
        study.optimize(objective(chosen, 1), n_trials=len(first))
    left = len(first) - sum(trial.state.is_finished() for trial in study.get_trials()) + 1
    study.optimize(objective(chosen, 1), n_trials=left)
    counted = [trial for trial in study.get_trials() if trial.state in (COMPLETE, PRUNED)]
    assert len(study.get_trials()) == len(expected) + 1
    assert [trial.state for trial in counted] == [trial.state for trial in expected]
    for trial, same in zip(counted, expected, strict=True):
        assert trial.params == same.params
        assert trial.intermediate_values == same.intermediate_values


def test_interrupted_trial_is_queued_again_once():
    chosen = plan([0.1, 0.2])
    study = begun(chosen)

    def interrupted(trial):
        chosen.suggest(trial)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        study.optimize(resumable(interrupted), n_trials=1)
    failed, again = study.get_trials()
    assert (failed.state, again.state) == (TrialState.FAIL, WAITING)
    assert again.user_attrs == {RETRY_OF: 0}
    retried = study.ask()
    chosen.suggest(retried)
    assert retried.params == failed.params


def test_trial_out_of_memory_is_not_queued_again():
    study = begun(plan([]))

    def too_large(trial):
        raise MemoryError

    study.optimize(resumable(too_large), n_trials=1, catch=(MemoryError,))
    assert [trial.state for trial in study.get_trials()] == [TrialState.FAIL]
