"""Shapley values."""

import numpy as np
import pytest

from organode.compare.shapley import MOST_EXACT, shapley, subsets


@pytest.mark.parametrize("n", [1, 3, MOST_EXACT, MOST_EXACT + 3])
def test_shapley_values_add_up_and_are_reproducible(n):
    random = np.random.default_rng(n)
    worth = {some: random.normal(size=2) for some in subsets(n)}
    shares = shapley(n, worth)
    whole = worth[frozenset(range(n))] - worth[frozenset()]
    np.testing.assert_allclose(shares.sum(axis=0), whole, atol=1e-12)
    np.testing.assert_array_equal(shares, shapley(n, worth))


@pytest.mark.parametrize("n", [4, MOST_EXACT + 2])
def test_shares_of_independent_members_are_their_worth(n):
    own = np.arange(1.0, n + 1)
    worth = {some: np.array([own[list(some)].sum()]) for some in subsets(n)}
    np.testing.assert_allclose(shapley(n, worth)[:, 0], own)


def test_equal_members_have_equal_shares():
    worth = {some: np.array([float(len(some) ** 2)]) for some in subsets(4)}
    np.testing.assert_allclose(shapley(4, worth), 4.0)


def test_no_members_have_no_shares():
    assert shapley(0, {frozenset(): np.zeros(2)}).shape == (0, 2)
