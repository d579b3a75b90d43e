"""The model of the expected error."""

import numpy as np
import pytest

from organode.models.uncertainty.difficulty import NEIGHBOURS, Difficulty, Neighbours


def neighbours(difficulty, random):
    """Return neighbours whose errors are those of the difficulty."""
    shape = (len(difficulty), NEIGHBOURS)
    similarity = np.sort(random.uniform(0.2, 0.9, shape), axis=1)[:, ::-1]
    error = np.abs(random.normal(size=shape)) * difficulty[:, None]
    return Neighbours(similarity, error, random.normal(8, 1, shape))


def test_expected_error_follows_errors_of_neighbours():
    random = np.random.default_rng(0)
    difficulty = random.uniform(0.05, 0.5, 2_000)
    near, prediction = neighbours(difficulty, random), np.full(2_000, 8.0)
    error = np.abs(random.normal(size=2_000)) * difficulty
    expected = Difficulty.fit(near, prediction, error).expected(near, prediction)
    hard = difficulty > np.median(difficulty)
    assert expected[hard].mean() == pytest.approx(error[hard].mean(), rel=0.1)
    assert expected[~hard].mean() == pytest.approx(error[~hard].mean(), rel=0.15)


def test_errors_of_zero_are_fitted():
    random = np.random.default_rng(1)
    near, prediction = neighbours(np.zeros(100), random), np.full(100, 8.0)
    expected = Difficulty.fit(near, prediction, np.zeros(100)).expected(near, prediction)
    assert np.isfinite(expected).all()
    assert (expected > 0).all()
