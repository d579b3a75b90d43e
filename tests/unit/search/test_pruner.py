"""Which trials are pruned."""

import math

import optuna
import pytest
from optuna.trial import TrialState

from organode.search.pruner import Halving, rungs

PRUNED, COMPLETE, FAIL = TrialState.PRUNED, TrialState.COMPLETE, TrialState.FAIL


@pytest.mark.parametrize(
    ("epochs", "reduction", "expected"),
    [(6, 3, (1, 2)), (8, 2, (1, 2, 4)), (100, 4, (1, 2, 6, 25)), (2, 3, (1,)), (1, 3, ())],
)
def test_rungs_are_below_the_number_of_epochs(epochs, reduction, expected):
    assert rungs(epochs, reduction) == expected


def begun() -> optuna.Study:
    return optuna.create_study(pruner=Halving((1, 2), 3))


def at_step(study: optuna.Study, step: int, error: float) -> bool:
    """Run a trial up to a step; tell whether it is pruned there."""
    trial = study.ask()
    trial.report(error, step)
    pruned = trial.should_prune()
    study.tell(trial, None if pruned else error, state=PRUNED if pruned else COMPLETE)
    return pruned


def test_third_of_trials_passes_a_rung():
    study = begun()
    errors = (0.5, 0.6, 0.4, 0.45, 0.7, 0.41, 0.43, 0.44, 0.42)
    assert [at_step(study, 1, error) for error in errors] == [
        False,  # nothing to be compared with
        True, False, True,  # up to five trials: the best alone
        True, False, True, True, False,  # two of six, three of nine
    ]  # fmt: skip


def test_trial_clearly_behind_fixed_settings_passes_no_rung():
    study = begun()
    fixed = study.ask()
    fixed.set_user_attr("fixed", True)
    fixed.report(0.1, 1)
    study.tell(fixed, 0.1)
    # The fixed settings take no place of the others: the best of these goes on.
    assert [at_step(study, 1, error) for error in (0.2, 0.102, 0.1005, 0.1008, 0.09)] == [
        True, True, False, True, False,
    ]  # fmt: skip


def test_rung_compares_errors_at_the_same_step():
    study = begun()
    trial = study.ask()
    trial.report(0.5, 1)
    trial.report(0.1, 2)
    study.tell(trial, 0.1)
    assert not at_step(study, 1, 0.4)
    assert at_step(study, 2, 0.2)


def test_failed_trial_and_diverged_training_displace_nobody():
    study = begun()
    failed = study.ask()
    failed.report(0.1, 1)
    study.tell(failed, state=FAIL)
    assert not at_step(study, 1, 0.5)
    assert at_step(study, 1, math.nan)
    assert not at_step(study, 1, 0.4)


def test_trial_clearly_worse_than_best_is_pruned_after_a_fold():
    study = begun()
    # The first has nothing to be compared with.
    assert [at_step(study, 6, error) for error in (0.5, 0.6, 0.504, 0.1, 0.2, 0.1008)] == [
        False, True, False, False, True, False,
    ]  # fmt: skip
