"""Number the draws of a study, so that a trial that is run again stays the draw that it was.

Optuna gives each trial the next number, also a trial that repeats an interrupted trial. If random
numbers depended on these numbers, all later trials of an interrupted search would differ from those
of a search that ran through.
"""

from __future__ import annotations

import optuna
from optuna.trial import FrozenTrial, TrialState, create_trial

from organode.search.attributes import RETRY_OF


def queue_again(study: optuna.Study, trial: optuna.Trial | FrozenTrial) -> None:
    """Queue the parameters of an interrupted trial, as the next trial that the study runs.

    The new trial is the same draw as the interrupted trial.
    """
    study.add_trial(
        create_trial(
            state=TrialState.WAITING,
            params=trial.params,
            distributions=trial.distributions,
            user_attrs={RETRY_OF: _original(trial)},
        )
    )


def draw_number(study: optuna.Study, trial: optuna.Trial | FrozenTrial) -> int:
    """Return which draw of a study a trial is, from 0.

    This is the number that the trial would have if no trial of the study had been interrupted.
    """
    number = _original(trial)
    earlier = study.get_trials(deepcopy=False)[:number]
    return number - sum(RETRY_OF in other.user_attrs for other in earlier)


def _original(trial: optuna.Trial | FrozenTrial) -> int:
    """Return the number of the trial that was the first with the draw of `trial`."""
    return int(trial.user_attrs.get(RETRY_OF, trial.number))
