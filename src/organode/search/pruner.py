"""Decide which trials of a search are pruned, that is, stopped before all folds are done."""

from __future__ import annotations

import optuna
from optuna.pruners import BasePruner
from optuna.trial import FrozenTrial, TrialState

BEHIND = 0.03  # a trial is pruned if its error is above 1 + BEHIND times the best trial's error


class BehindBest(BasePruner):  # type: ignore[misc]  # Optuna is read without its types
    """Pruner that stops a trial if its error is clearly above the best trial's on the same folds.

    The first few cross-validation folds are enough for this decision. Some folds are harder to
    predict than others, but for all settings alike: the difference in error between two settings on
    the same few folds agrees with their difference on all folds to about a percent.
    """

    def prune(self, study: optuna.Study, trial: FrozenTrial) -> bool:
        """Return whether to prune a trial: whether its error is too far above the best trial's.

        The mean error of the trial over its finished folds is compared with the mean error of the
        best complete trial over the same folds. The trial is pruned if its error is more than 3 %
        (`BEHIND`) higher. As long as no trial of the study is complete, no trial is pruned.
        """
        complete = study.get_trials(deepcopy=False, states=(TrialState.COMPLETE,))
        step = trial.last_step
        if not complete or step is None:
            return False
        best = min(complete, key=lambda other: float(other.values[0]))
        limit = (1 + BEHIND) * best.intermediate_values[step]
        return bool(trial.intermediate_values[step] > limit)
