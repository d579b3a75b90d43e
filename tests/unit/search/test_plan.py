"""Plans of a study, and the pruner."""

import numpy as np
import optuna
from optuna.trial import TrialState

from organode.search.plan import BehindBest

PRUNED, COMPLETE, WAITING = TrialState.PRUNED, TrialState.COMPLETE, TrialState.WAITING


def test_halves_of_thesis_exclude_test_set():
    from organode.models.training_data import Labelled
    from organode.search.plan import thesis_plan

    fold = np.array([-1, 0, 1, 2, 3, 4, 5, 6, 7])
    nothing = np.zeros(len(fold))
    data = Labelled(nothing, fold, nothing, nothing, [], nothing, None, nothing > 0)
    assert thesis_plan("IE", data).data.fold.tolist() == [-1, 0, 1, 0, 1, 0, 1, 0, 1]


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
