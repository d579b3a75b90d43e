"""Sampler of Optuna trials for several processes: no two draws use the same random numbers."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

import optuna
from optuna.samplers import BaseSampler, TPESampler
from optuna.trial import FrozenTrial, TrialState

from organode.search.draws import draw_number

STARTUP = 10  # random trials before the Parzen estimator starts


class SeededByDraw(BaseSampler):  # type: ignore[misc]  # Optuna is read without its types
    """A tree-structured Parzen estimator whose random numbers depend on the number of the draw.

    The storage of a study gives each number to one trial only, however many processes run trials,
    so two draws never have the same seed. If one process runs all trials, every run of the search
    draws the same trials, also if the search is interrupted and resumed, because the numbers of the
    draws and the errors of earlier trials are the same. If several processes run trials, the trials
    finish in a random order, and every run draws different trials.

    Parameters
    ----------
    seed : int
        Seed of the whole study.
    first : sequence of dict
        For each of the first draws: name of a parameter to its value, which is not drawn.
    """

    def __init__(self, seed: int, first: Sequence[dict[str, Any]]) -> None:
        self._seed = seed
        self._first = first
        self._given: dict[str, Any] = {}
        self._sampler = _of_draw(seed, 0)

    def before_trial(self, study: optuna.Study, trial: FrozenTrial) -> None:
        """Seed the random numbers of a trial by the number of its draw; Optuna calls this first."""
        draw = draw_number(study, trial)
        self._given = self._first[draw] if draw < len(self._first) else {}
        self._sampler = _of_draw(self._seed, draw)
        self._sampler.before_trial(study, trial)

    def infer_relative_search_space(
        self, study: optuna.Study, trial: FrozenTrial
    ) -> dict[str, Any]:
        """Return the parameters to draw together for a trial, as name to distribution."""
        space: dict[str, Any] = self._sampler.infer_relative_search_space(study, trial)
        return space

    def sample_relative(
        self, study: optuna.Study, trial: FrozenTrial, search_space: dict[str, Any]
    ) -> dict[str, Any]:
        """Draw the parameters in `search_space` together for a trial; return name to value."""
        drawn: dict[str, Any] = self._sampler.sample_relative(study, trial, search_space)
        return drawn

    def sample_independent(
        self, study: optuna.Study, trial: FrozenTrial, param_name: str, param_distribution: Any
    ) -> Any:
        """Draw the value of a parameter that is not drawn together with other parameters."""
        if param_name in self._given:
            return self._given[param_name]
        return self._sampler.sample_independent(study, trial, param_name, param_distribution)

    def after_trial(
        self, study: optuna.Study, trial: FrozenTrial, state: TrialState, values: Any
    ) -> None:
        """Tell Optuna's sampler, to which this class passes all calls, that the trial has ended."""
        self._sampler.after_trial(study, trial, state, values)


def _of_draw(seed: int, number: int) -> TPESampler:
    mixed = hashlib.sha256(f"{seed} {number}".encode()).digest()[:4]
    # Running trials count as poor ones, so that processes do not try similar settings at once.
    return TPESampler(seed=int.from_bytes(mixed), n_startup_trials=STARTUP, constant_liar=True)
