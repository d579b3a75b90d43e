"""Predictive distributions from scores."""

import numpy as np
import pytest

from organode.utils.predictive import Predictive


@pytest.mark.parametrize("level", [0.5, 0.8, 0.95])
def test_intervals_have_coverage_and_scale_with_expected_error(level):
    random = np.random.default_rng(4)
    expected = random.uniform(0.1, 1.0, 40_000)
    error = random.normal(size=40_000) * expected
    scores = [np.sort((error / expected)[start:20_000:4]) for start in range(4)]
    predictive = Predictive(scores)
    outputs = np.zeros((4, 20_000))  # four members that agree
    low, high = predictive.interval(outputs, expected[20_000:], level)
    new = error[20_000:]
    assert ((low <= new) & (new <= high)).mean() == pytest.approx(level, abs=0.015)
    hard = expected[20_000:] > 0.55
    assert ((low <= new) & (new <= high))[hard].mean() == pytest.approx(level, abs=0.02)
    np.testing.assert_allclose((high - low) / expected[20_000:], (high - low)[0] / expected[20_000])


def test_disagreement_widens_interval():
    predictive = Predictive([np.linspace(-3, 3, 301)] * 4)
    expected = np.full(1, 0.2)
    agree, spread = np.zeros((4, 1)), np.array([[-0.5], [-0.5], [0.5], [0.5]])

    def width(outputs):
        low, high = predictive.interval(outputs, expected, 0.9)
        return float((high - low)[0])

    assert width(spread) > width(agree) + 0.5
    assert width(agree + 7) == pytest.approx(width(agree))


def test_interval_is_infinite_with_too_few_scores():
    predictive = Predictive([np.array([-1.0, 0.0, 1.0])])
    low, high = predictive.interval(np.zeros((1, 2)), np.ones(2), 0.99)
    assert np.isneginf(low).all()
    assert np.isposinf(high).all()


def test_probability_within_window_agrees_with_interval():
    predictive = Predictive([np.sort(np.random.default_rng(1).normal(size=5_000))] * 2)
    outputs, expected = np.array([[6.0, 3.0]] * 2), np.array([0.3, 0.3])
    low, high = predictive.interval(outputs, expected, 0.9)
    inside = predictive.within(outputs, expected, float(low[0]), float(high[0]))
    assert inside[0] == pytest.approx(0.9, abs=0.002)
    assert inside[1] == 0
    assert predictive.within(outputs, expected, -100.0, 100.0) == pytest.approx([1, 1])
