"""Shapley values: fair shares of what the members of a set achieve together.

The share of a member is what it adds, averaged over all orders in which the members may come
(Shapley, in Contributions to the Theory of Games II, Princeton 1953, 307, doi
10.1515/9781400881970-018; of a model's inputs: Lundberg and Lee, NeurIPS 30 (2017) 4765,
arXiv:1705.07874). Shares add up to what all achieve, whether all orders are taken or some.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations
from math import factorial

import numpy as np

MOST_EXACT = 8  # members: 256 subsets
ORDERS = 100  # that are drawn of more members
SEED = 20

Subset = frozenset[int]


def subsets(n: int) -> list[Subset]:
    """Return the subsets of n members, 0 to n − 1, whose worth `shapley` asks for."""
    if n <= MOST_EXACT:
        return [frozenset(some) for size in range(n + 1) for some in combinations(range(n), size)]
    starts = [frozenset(order[:size]) for order in _orders(n) for size in range(n + 1)]
    return list(dict.fromkeys(starts))


def shapley(n: int, worth: Mapping[Subset, np.ndarray]) -> np.ndarray:
    """Return each member's share of the worth of all over that of none.

    Parameters
    ----------
    n : int
        Members; of more than `MOST_EXACT` the shares are means over `ORDERS` orders drawn with a
        fixed seed.
    worth : mapping
        Of each of `subsets(n)`: shape (t,), t quantities at once.

    Returns
    -------
    numpy.ndarray
        Shape (n, t); its sum over members is ``worth[all] - worth[none]``.

    Examples
    --------
    >>> worth = {(): 0.0, (0,): 1.0, (1,): 2.0, (0, 1): 5.0}
    >>> shapley(2, {frozenset(some): np.array([value]) for some, value in worth.items()}).tolist()
    [[2.0], [3.0]]
    """
    shares = np.zeros((n, *worth[frozenset()].shape))
    if n <= MOST_EXACT:
        for some in subsets(n):
            for member in some:
                often = factorial(len(some) - 1) * factorial(n - len(some)) / factorial(n)
                shares[member] += often * (worth[some] - worth[some - {member}])
        return shares
    for order in _orders(n):
        for place, member in enumerate(order):
            before = frozenset(order[:place])
            shares[member] += (worth[before | {member}] - worth[before]) / ORDERS
    return shares


def _orders(n: int) -> list[list[int]]:
    """Return pairs of an order and its reverse, which err in opposite directions."""
    random = np.random.default_rng(SEED)
    drawn: list[list[int]] = [random.permutation(n).tolist() for _ in range(ORDERS // 2)]
    return [order for each in drawn for order in (each, each[::-1])]
