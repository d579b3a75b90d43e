"""Choose the labels to buy: which molecules, and at which level, by one of several rules."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from organode.chem.similarity import tanimoto
from organode.improve.levels import ERROR
from organode.improve.state import Decision
from organode.improve.value import value_of_label
from organode.screening.columns import TARGET

CONSIDERED = 1_500  # molecules with the most valuable labels, from which a batch is chosen
INFLUENCED = 4_000  # molecules with the most valuable labels, about which a label tells something
MOST = 2_000  # labels in a batch
NEGLIGIBLE = 0.01  # share of a value
WORTHLESS = 1e-4  # value below which a label is not bought


@dataclass(frozen=True)
class Offer:
    """The labels of n molecules that may be bought, at m levels.

    Attributes
    ----------
    levels : sequence of str
        Names of the levels, from the cheapest on.
    seconds : numpy.ndarray
        Shape (n, m): expected CPU seconds of each label; infinite if the label cannot be bought.
    bits : numpy.ndarray
        Shape (n, 32), uint64: packed Morgan bits of the molecules.
    decisions : mapping of str to Decision
        By role, ``p`` and ``n``.
    """

    levels: Sequence[str]
    seconds: np.ndarray
    bits: np.ndarray
    decisions: Mapping[str, Decision]

    def values(self) -> np.ndarray:
        """Return the value of each label for the decisions on its own molecule, shape (n, m)."""
        total = np.zeros(self.seconds.shape)
        for role, of_role in self.decisions.items():
            for place, level in enumerate(self.levels):
                error = ERROR[level][TARGET[role]]
                value = value_of_label(
                    of_role.volts, of_role.scale, of_role.model, error, of_role.low, of_role.high
                )
                total[:, place] += of_role.weight * value
        return total


# Chooses (molecule, place of the level) for at most so many CPU seconds.
Choice = list[tuple[int, int]]
Rule = Callable[[Offer, float, np.random.Generator], Choice]


def decision(offer: Offer, budget: float, random: np.random.Generator) -> Choice:  # noqa: ARG001
    """Choose the labels that improve most decisions for a CPU second.

    A label also tells something about similar molecules: its gain is the sum of the values of the
    labels of all molecules, each times the squared Tanimoto similarity to the labelled molecule.
    When a label is chosen, the values of similar molecules fall by that share, so that a batch is
    diverse.
    """
    value = offer.values()
    best = value.max(axis=1)
    influenced = np.argsort(-best, kind="stable")[:INFLUENCED]
    possible = np.isfinite(offer.seconds).any(axis=1) & (best > WORTHLESS)
    ratio = np.where(possible[:, None], value / offer.seconds, 0.0).max(axis=1)
    considered = np.argsort(-ratio, kind="stable")[:CONSIDERED]
    considered = considered[ratio[considered] > 0]
    share = np.square(tanimoto(offer.bits[considered], offer.bits[influenced])).astype(float)
    left = value[influenced].copy()
    seconds = offer.seconds[considered].copy()
    total = share @ left
    chosen: Choice = []
    while len(chosen) < min(MOST, len(considered)):
        gain = total / seconds
        place, level = np.unravel_index(np.argmax(gain), gain.shape)
        if gain[place, level] <= 0:
            break
        cost, row = seconds[place, level], int(considered[place])
        if cost > budget or value[row, level] <= WORTHLESS:
            seconds[place, level] = np.inf
            continue
        budget -= cost
        seconds[place] = np.inf
        chosen.append((row, int(level)))
        similar = np.flatnonzero(share[place] > NEGLIGIBLE)
        known = left[similar] * share[place, similar, None]
        left[similar] -= known
        total -= share[:, similar] @ known
    return chosen


def greedy(offer: Offer, budget: float, random: np.random.Generator) -> Choice:  # noqa: ARG001
    """Choose the molecules that are most probably candidates, at the cheapest level."""
    chance = np.max([each.weight * each.inside for each in offer.decisions.values()], axis=0)
    return _in_order(offer, chance, budget)


def uncertain(offer: Offer, budget: float, random: np.random.Generator) -> Choice:  # noqa: ARG001
    """Choose the molecules whose energy has the largest expected error, at the cheapest level."""
    return _in_order(offer, np.max([each.model for each in offer.decisions.values()], 0), budget)


def at_random(offer: Offer, budget: float, random: np.random.Generator) -> Choice:
    """Choose molecules at random, at the cheapest level."""
    return _in_order(offer, random.random(len(offer.bits)), budget)


RULES: Mapping[str, Rule] = {
    "decision": decision, "greedy": greedy, "uncertain": uncertain, "random": at_random
}  # fmt: skip


def _in_order(offer: Offer, score: np.ndarray, budget: float) -> Choice:
    """Choose molecules by falling score while they can be paid; each at the cheapest level.

    Molecules that have a label at this level are left out.
    """
    chosen: Choice = []
    for row in np.argsort(-score, kind="stable").tolist():
        if len(chosen) == MOST:
            break
        if offer.seconds[row, 0] <= budget:
            budget -= offer.seconds[row, 0]
            chosen.append((row, 0))
    return chosen
