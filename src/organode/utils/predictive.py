"""Cross-conformal predictive distributions: intervals at any level, and P(within a window).

Each training row i was predicted by the network k(i) that had not seen it. Its error in units of
its expected error, the score, is as likely for a new molecule as that of any other row. The value
of a new molecule x is therefore distributed like ``f_k(i)(x) + score_i · expected(x)`` over all i:
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
    """The predictive distribution, given by the scores of all training rows.

    Attributes
    ----------
    scores : list of numpy.ndarray
        An array for each ensemble member, sorted ascending: (label − prediction) / expected error
        of the rows of its fold.
    """

    scores: list[np.ndarray]

    @property
    def n(self) -> int:
        """Number of scores."""
        return sum(map(len, self.scores))

    def is_finite_at(self, level: float) -> bool:
        """Return whether there are enough scores for finite intervals of a level."""
        return bool(self._beyond(level) >= 1)

    def _beyond(self, level: float) -> float:
        """Return the number of scores that lie beyond each end of an interval."""
        return float(np.floor((1 - level) / 2 * (self.n + 1)))

    def interval(
        self, predictions: np.ndarray, expected: np.ndarray, level: float
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return lower and upper bounds in eV, each of shape (n,).

        Parameters
        ----------
        predictions : numpy.ndarray
            Shape (k, n): predictions of all members, eV.
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
        """Return the probability, shape (n,), that the value lies between two energies in eV."""
        below = [
            self.share_below(predictions, expected, np.full_like(expected, at))
            for at in (low, high)
        ]
        return np.asarray(below[1] - below[0])

    def share_below(
        self, predictions: np.ndarray, expected: np.ndarray, value: np.ndarray
    ) -> np.ndarray:
        """Return the probability, shape (n,), that a value is at most `value` (eV, shape (n,))."""
        return np.asarray(self._below(predictions, expected, value) / self.n)

    def _below(
        self, predictions: np.ndarray, expected: np.ndarray, value: np.ndarray
    ) -> np.ndarray:
        """Return for how many scores a molecule lies at or below `value`, shape (n,)."""
        counts = [
            np.searchsorted(scores, (value - prediction) / expected, side="right")
            for scores, prediction in zip(self.scores, predictions, strict=True)
        ]
        return np.asarray(np.sum(counts, axis=0))

    def _with_below(
        self, predictions: np.ndarray, expected: np.ndarray, count: float
    ) -> np.ndarray:
        """Return the smallest energy at or below which a molecule lies for `count` scores."""
        pairs = list(zip(self.scores, predictions, strict=True))
        low = np.asarray(np.min([at + scores[0] * expected for scores, at in pairs], axis=0))
        high = np.asarray(np.max([at + scores[-1] * expected for scores, at in pairs], axis=0))
        for _ in range(STEPS):
            middle = (low + high) / 2
            enough = self._below(predictions, expected, middle) >= count
            low, high = np.where(enough, low, middle), np.where(enough, middle, high)
        return high
