"""Share the budget of a campaign among its rounds, from the times that finished rounds took."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

ROUNDS = 6  # about so many in a budget
RESERVE = 120.0  # s; for retraining, before a round has shown how long it takes
MOST_RESERVED = 0.5  # of the budget, before a round has shown it
SAFETY = 1.2  # the next retraining takes at most so many times as long as the longest before
LEAST = 0.02  # share of the budget below which no further round begins
BUSY = 1.3  # wall seconds of a process for a CPU second, before a round has shown it
MOST_BUSY = 10.0

Summaries = Sequence[Mapping[str, Any]]


class Share(NamedTuple):
    """The time of a round for labels.

    `until` is the time, in s spent by the campaign, at which labelling ends; `cpu_seconds` is what
    all processes are expected to compute until then.
    """

    until: float
    cpu_seconds: float


def reserve(budget: float, rounds: Summaries) -> float:
    """Return the time to keep for retraining, s.

    `rounds` are the summaries of the finished rounds after the first, in which labels were bought.
    """
    longest = max((each["retrain_seconds"] for each in rounds), default=0.0)
    return SAFETY * longest if rounds else min(RESERVE, MOST_RESERVED * budget)


def has_time(budget: float, spent: float, rounds: Summaries) -> bool:
    """Return whether a further round fits into the budget; times in s."""
    return budget - spent - reserve(budget, rounds) > LEAST * budget


def share(budget: float, spent: float, jobs: int, rounds: Summaries) -> Share:
    """Return the next round's time for labels; a round labels at least as long as it retrains.

    Parameters
    ----------
    budget, spent : float
        Wall time of the whole campaign, and what was spent of it, s.
    jobs : int
        Number of processes that label.
    rounds : sequence of mapping
        As for `reserve`.
    """
    kept = reserve(budget, rounds)
    last = budget - kept
    time = max(budget / ROUNDS - kept, kept)
    if last - spent < 1.5 * time + kept:  # not enough for a round after this one
        time = last - spent
    cpu = sum(each["cpu_seconds"] for each in rounds)
    wall = sum(each["label_seconds"] for each in rounds)
    busy = float(np.clip(wall * jobs / cpu, 1.0, MOST_BUSY)) if cpu > 0 else BUSY
    return Share(min(spent + time, last), time * jobs / busy)
