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
    size = random.integers(5, 30, 2_000)
    expected = Difficulty.fit(near, size, prediction, error).expected(near, size, prediction)
    hard = difficulty > np.median(difficulty)
    assert expected[hard].mean() == pytest.approx(error[hard].mean(), rel=0.1)
    assert expected[~hard].mean() == pytest.approx(error[~hard].mean(), rel=0.15)


def test_errors_of_zero_are_fitted():
    random = np.random.default_rng(1)
    near, prediction = neighbours(np.zeros(100), random), np.full(100, 8.0)
    size = random.integers(5, 30, 100)
    fitted = Difficulty.fit(near, size, prediction, np.zeros(100))
    expected = fitted.expected(near, size, prediction)
    assert np.isfinite(expected).all()
    assert (expected > 0).all()


def test_expected_error_grows_with_size_as_errors_do():
    random = np.random.default_rng(2)
    near, prediction = neighbours(np.full(2_000, 0.1), random), np.full(2_000, 8.0)
    size = random.integers(5, 30, 2_000)
    error = np.abs(random.normal(size=2_000)) * 0.01 * size
    expected = Difficulty.fit(near, size, prediction, error).expected(near, size, prediction)
    for part in (size < 15, size > 20):
        assert expected[part].mean() == pytest.approx(error[part].mean(), rel=0.2)
