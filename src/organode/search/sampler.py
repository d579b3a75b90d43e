"""Sampler of a study that several processes share: no two trials use the same random numbers."""

from __future__ import annotations

import hashlib
from typing import Any

import optuna
from optuna.samplers import BaseSampler, TPESampler
from optuna.trial import FrozenTrial, TrialState

STARTUP = 10  # random trials before the Parzen estimator starts


class SeededByTrial(BaseSampler):  # type: ignore[misc]  # Optuna is read without its types
    """A tree-structured Parzen estimator whose random numbers depend on the trial's number.

    The storage of a study gives each number to one trial only, however many processes there are, so
    two trials never share a seed. A single process draws the same trials in every run, since trial
    numbers and previous errors are the same. Several processes finish their trials in a random
    order, and draw different trials in every run.

    Parameters
    ----------
    seed : int
        Seed of the whole study.
    """

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._sampler = _of_trial(seed, 0)

    def before_trial(self, study: optuna.Study, trial: FrozenTrial) -> None:
        """Seed the random numbers of a trial by its number."""
        self._sampler = _of_trial(self._seed, trial.number)
        self._sampler.before_trial(study, trial)

    def infer_relative_search_space(
        self, study: optuna.Study, trial: FrozenTrial
    ) -> dict[str, Any]:
        """Return the parameters that are drawn together: name to distribution."""
        space: dict[str, Any] = self._sampler.infer_relative_search_space(study, trial)
        return space

    def sample_relative(
        self, study: optuna.Study, trial: FrozenTrial, search_space: dict[str, Any]
    ) -> dict[str, Any]:
        """Draw the parameters in `search_space` together; return name to value."""
        drawn: dict[str, Any] = self._sampler.sample_relative(study, trial, search_space)
        return drawn

    def sample_independent(
        self, study: optuna.Study, trial: FrozenTrial, param_name: str, param_distribution: Any
    ) -> Any:
        """Draw the value of a parameter that is not drawn together with others."""
        return self._sampler.sample_independent(study, trial, param_name, param_distribution)

    def after_trial(
        self, study: optuna.Study, trial: FrozenTrial, state: TrialState, values: Any
    ) -> None:
        """Tell Optuna's own sampler that the trial has ended."""
        self._sampler.after_trial(study, trial, state, values)


def _of_trial(seed: int, number: int) -> TPESampler:
    mixed = hashlib.sha256(f"{seed} {number}".encode()).digest()[:4]
    # Running trials count as poor ones, so that processes do not try similar settings at once.
    return TPESampler(seed=int.from_bytes(mixed), n_startup_trials=STARTUP, constant_liar=True)
