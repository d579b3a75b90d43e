"""Shapley values: a fair division of the worth of a set among the members of the set.

The share of a member is the worth that it adds, averaged over all orders in which the members may
be added (Shapley, in Contributions to the Theory of Games II, Princeton 1953, 307, doi
10.1515/9781400881970-018; for the inputs of a model: Lundberg and Lee, NeurIPS 30 (2017) 4765,
arXiv:1705.07874). The shares add up to the worth of the whole set minus that of the empty set, even
if only some of the orders are used.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations
from math import factorial

import numpy as np

MOST_EXACT = 8  # members, for exact values: 256 subsets
ORDERS = 100  # random orders, if there are more members
SEED = 20

Subset = frozenset[int]


def subsets(n: int) -> list[Subset]:
    """Return the subsets of the n members 0 to n − 1 whose worth `shapley` needs as input."""
    if n <= MOST_EXACT:
        sizes = range(n + 1)
        return [frozenset(subset) for size in sizes for subset in combinations(range(n), size)]
    starts = [frozenset(order[:size]) for order in _orders(n) for size in range(n + 1)]
    return list(dict.fromkeys(starts))


def shapley(n: int, worth: Mapping[Subset, np.ndarray]) -> np.ndarray:
    """Return the share of each member in the worth of the whole set minus that of the empty set.

    Parameters
    ----------
    n : int
        Number of members. For more than `MOST_EXACT` (8) members, shares are means over `ORDERS`
        (100) random orders with a fixed seed.
    worth : mapping
        Worth of each subset in `subsets(n)`: an array of shape (t,), for t quantities at once.

    Returns
    -------
    numpy.ndarray
        Shape (n, t): the shares. Their sum over members is the worth of the whole set minus that of
        the empty set.

    Examples
    --------
    >>> worth = {(): 0.0, (0,): 1.0, (1,): 2.0, (0, 1): 5.0}
    >>> worth = {frozenset(subset): np.array([value]) for subset, value in worth.items()}
    >>> shapley(2, worth).tolist()
    [[2.0], [3.0]]
    """
    shares = np.zeros((n, *worth[frozenset()].shape))
    if n <= MOST_EXACT:
        for subset in subsets(n):
            for member in subset:
                weight = factorial(len(subset) - 1) * factorial(n - len(subset)) / factorial(n)
                shares[member] += weight * (worth[subset] - worth[subset - {member}])
        return shares
    for order in _orders(n):
        for position, member in enumerate(order):
            before = frozenset(order[:position])
            shares[member] += (worth[before | {member}] - worth[before]) / ORDERS
    return shares


def _orders(n: int) -> list[list[int]]:
    """Return 100 (`ORDERS`) orders of n members: random orders, each followed by its reverse.

    Errors of the shares from an order and from its reverse mostly have opposite signs, so that they
    cancel in part.
    """
    random = np.random.default_rng(SEED)
    drawn: list[list[int]] = [random.permutation(n).tolist() for _ in range(ORDERS // 2)]
    return [order for permutation in drawn for order in (permutation, permutation[::-1])]
