"""Cross-conformal predictive distributions: intervals at any level, and P(within a window).

Each training row i was predicted by the network k(i) that had not seen it. The score of the row is
its error divided by its expected error. A new molecule is as likely to have the score of one row as
that of any other, so its value is distributed like ``f_k(i)(x) + score_i · expected(x)`` over all
rows i, where f_k(x) is the prediction of network k for the new molecule x. This is
the CV+ of Barber, Candès, Ramdas and Tibshirani (Ann. Statist. 49 (2021) 486, doi
10.1214/20-aos1965) with signed and scaled errors, taken as a distribution as by Vovk et al.
(Pattern Recognit. Lett. 111 (2018), doi 10.1016/j.patrec.2018.04.027). Where the networks disagree,
the distribution is wider.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

STEPS = 32  # of bisection: accurate to a few nano-eV


@dataclass(frozen=True)
class Predictive:
    """Predictive distribution of a new molecule's true value, from the scores of training rows.

    Attributes
    ----------
    scores : list of numpy.ndarray
        An array for each ensemble member, sorted ascending: (label − prediction) / expected error
        of the training rows in the member's validation fold.
    """

    scores: list[np.ndarray]

    @property
    def n(self) -> int:
        """Number of scores of all members together."""
        return sum(map(len, self.scores))

    def is_finite_at(self, level: float) -> bool:
        """Return whether there are enough scores for finite intervals of a level such as 0.95."""
        return bool(self._beyond(level) >= 1)

    def _beyond(self, level: float) -> float:
        """Return how many scores may lie beyond each end of an interval of this level."""
        return float(np.floor((1 - level) / 2 * (self.n + 1)))

    def interval(
        self, predictions: np.ndarray, expected: np.ndarray, level: float
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return lower and upper bounds of the values of n molecules in eV, each of shape (n,).

        Parameters
        ----------
        predictions : numpy.ndarray
            Shape (k, n): predictions of the k ensemble members, eV.
        expected : numpy.ndarray
            Shape (n,): expected absolute error, eV.
        level : float
            Share of molecules whose value is to lie between the bounds, 0 to 1. Where there are
            too few scores for it, the bounds are infinite.
        """
        count = self._beyond(level)
        if not self.is_finite_at(level):
            infinite = np.full(predictions.shape[1], np.inf)
            return -infinite, infinite
        return (
            self._with_below(predictions, expected, count),
            self._with_below(predictions, expected, self.n + 1 - count),
        )

    def within(
        self, predictions: np.ndarray, expected: np.ndarray, low: float, high: float
    ) -> np.ndarray:
        """Return the probability that each molecule's value is between `low` and `high`, in eV.

        The result has the shape (n,); the other parameters are those of `interval`.
        """
        below = [
            self.share_below(predictions, expected, np.full_like(expected, at))
            for at in (low, high)
        ]
        return np.asarray(below[1] - below[0])

    def share_below(
        self, predictions: np.ndarray, expected: np.ndarray, value: np.ndarray
    ) -> np.ndarray:
        """Return the probability that each molecule's true value is at most `value`.

        `value` (eV) and the result have the shape (n,); other parameters are those of `interval`.
        """
        return np.asarray(self._below(predictions, expected, value) / self.n)

    def _below(
        self, predictions: np.ndarray, expected: np.ndarray, value: np.ndarray
    ) -> np.ndarray:
        """Return the number of scores that put each molecule at or below `value`, shape (n,)."""
        counts = [
            np.searchsorted(scores, (value - prediction) / expected, side="right")
            for scores, prediction in zip(self.scores, predictions, strict=True)
        ]
        return np.asarray(np.sum(counts, axis=0))

    def _with_below(
        self, predictions: np.ndarray, expected: np.ndarray, count: float
    ) -> np.ndarray:
        """Return the smallest `value` for which `_below` is at least `count`, shape (n,), eV."""
        pairs = list(zip(self.scores, predictions, strict=True))
        low = np.asarray(np.min([at + scores[0] * expected for scores, at in pairs], axis=0))
        high = np.asarray(np.max([at + scores[-1] * expected for scores, at in pairs], axis=0))
        for _ in range(STEPS):
            middle = (low + high) / 2
            enough = self._below(predictions, expected, middle) >= count
            low, high = np.where(enough, low, middle), np.where(enough, middle, high)
        return high
