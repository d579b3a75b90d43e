"""Cross-conformal predictive distributions: prediction intervals, and probabilities of ranges.

Each training row i was predicted by the network k(i) that was not trained on row i. The score of
the row is the error of this prediction divided by its expected absolute error. For a new molecule
x, the scores of all rows are taken as equally likely. So the true value of x is distributed
like ``f_k(i)(x) + score_i · expected(x)`` over all rows i, where f_k(x) is the
prediction of network k for x, and expected(x) is the expected absolute error for x. This is the CV+
method of Barber, Candès, Ramdas and Tibshirani (Ann. Statist. 49 (2021) 486, doi
10.1214/20-aos1965) with signed and scaled errors, taken as a distribution as by Vovk et al.
(Pattern Recognit. Lett. 111 (2018), doi 10.1016/j.patrec.2018.04.027). Where the networks disagree,
the distribution is wider.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

STEPS = 12  # of bisection: accurate to 1/4,000 of the spread of the members


@dataclass(frozen=True)
class Predictive:
    """Predictive distribution of a new molecule's true value, from the scores of training rows.

    A score is (label − prediction) / expected absolute error. Values are in eV for energies; for
    potentials, V takes the place of eV in all methods.

    Attributes
    ----------
    scores : list of numpy.ndarray
        An array for each ensemble member, sorted ascending: the scores of the training rows in the
        validation fold of this member.
    """

    scores: list[np.ndarray]

    @property
    def n(self) -> int:
        """Number of scores of all ensemble members together."""
        return sum(map(len, self.scores))

    def is_finite_at(self, level: float) -> bool:
        """Return whether there are enough scores for finite intervals of a level such as 0.95."""
        return bool(self._beyond(level) >= 1)

    def _beyond(self, level: float) -> float:
        """Return how many scores may lie beyond each end of an interval with coverage `level`."""
        return float(np.floor((1 - level) / 2 * (self.n + 1)))

    def interval(
        self, predictions: np.ndarray, expected: np.ndarray, level: float
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return lower and upper bounds of the true values of n molecules, eV, each of shape (n,).

        Parameters
        ----------
        predictions : numpy.ndarray
            Shape (k, n): predictions of the k ensemble members, eV.
        expected : numpy.ndarray
            Shape (n,): expected absolute error of the prediction for each molecule, eV.
        level : float
            Share of molecules whose value is to lie between the bounds, 0 to 1. If there are too
            few scores for this level, the bounds are infinite.
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
        """Return the probability that each molecule's true value is between `low` and `high`, eV.

        The result has the shape (n,). `predictions` and `expected` are those of `interval`.
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

        `value` (eV) and the result have the shape (n,). `predictions` and `expected` are those of
        `interval`.
        """
        return np.asarray(self._below(predictions, expected, value) / self.n)

    def _below(
        self, predictions: np.ndarray, expected: np.ndarray, value: np.ndarray
    ) -> np.ndarray:
        """Return how many scores give each molecule a true value of at most `value`, shape (n,).

        The true value that a score gives is prediction + score × `expected`.
        """
        counts = [
            np.searchsorted(scores, (value - prediction) / expected, side="right")
            for scores, prediction in zip(self.scores, predictions, strict=True)
        ]
        return np.asarray(np.sum(counts, axis=0))

    def _with_below(
        self, predictions: np.ndarray, expected: np.ndarray, count: float
    ) -> np.ndarray:
        """Return the smallest value for which `_below` counts at least `count` scores; (n,), eV."""
        # With the scores of all members taken together, the value is at least that of the member
        # with the lowest prediction, and at most that of the member with the highest.
        place = int(count) - 1
        reach = np.partition(np.concatenate(self.scores), place)[place] * expected
        low, high = predictions.min(axis=0) + reach, predictions.max(axis=0) + reach
        if len(self.scores) == 1:
            return np.asarray(high)
        for _ in range(STEPS):
            middle = (low + high) / 2
            enough = self._below(predictions, expected, middle) >= count
            low, high = np.where(enough, low, middle), np.where(enough, middle, high)
        return np.asarray(high)
