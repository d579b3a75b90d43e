import numpy as np
import pytest

from organode.curate.reference.shift import first_guesses, weighted_mean


def test_first_guess_separates_two_levels():
    low = np.arange(400) % 3 == 0
    offset = np.random.default_rng(0).normal(0, 0.1, 400) - 1.4 * low
    guesses = first_guesses(offset, np.ones(400, bool))
    assert (guesses[0] == low).mean() > 0.99


def test_single_level_gives_no_guess_or_an_unlikely_one():
    offset = np.zeros(100)
    assert first_guesses(offset, np.ones(100, bool)) == []


def test_weighted_mean_prefers_the_more_precise_value():
    mean, error = weighted_mean([1.0, 2.0], [0.1, 0.2])
    assert mean == pytest.approx(1.2)
    assert error == pytest.approx(0.1 * 0.2 / np.hypot(0.1, 0.2))
