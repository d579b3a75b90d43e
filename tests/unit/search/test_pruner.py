"""Which trials are pruned."""

import optuna
from optuna.trial import TrialState

from organode.search.pruner import BehindBest

PRUNED, COMPLETE, WAITING = TrialState.PRUNED, TrialState.COMPLETE, TrialState.WAITING


def test_trial_clearly_worse_than_best_is_pruned():
    study = optuna.create_study(pruner=BehindBest())

    def after_one_fold(error: float) -> bool:
        trial = study.ask()
        trial.report(error, 0)
        behind = trial.should_prune()
        study.tell(trial, None if behind else error, state=PRUNED if behind else COMPLETE)
        return behind

    # The first has nothing to be compared with.
    assert [after_one_fold(error) for error in (0.5, 0.6, 0.51, 0.1, 0.2, 0.102)] == [
        False, True, False, False, True, False,
    ]  # fmt: skip
