"""The value of a label for a decision."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from organode.improve.value import chance_inside, value_of_label

LOW, HIGH = 1.0, 4.0


def value(mean, scale=0.1, model=0.2, label=0.05):
    mean = np.atleast_1d(np.asarray(mean, float))
    full = np.full(mean.shape, 1.0)
    return value_of_label(mean, scale * full, model * full, label, LOW, HIGH)


@given(st.floats(-5, 10), st.floats(0.01, 1.0), st.floats(0.01, 1.0), st.floats(0.0, 1.0))
def test_value_is_a_gain_of_at_most_a_half(mean, scale, model, label):
    found = value(mean, scale, model, label)[0]
    assert 0 <= found <= 0.5
    if label >= model:
        assert found == 0


def test_value_is_largest_at_the_edge_of_the_window_and_vanishes_far_from_it():
    at = np.linspace(-2, 2.5, 451)
    found = value(at)
    assert abs(at[found.argmax()] - LOW) < 0.02
    assert found[0] == pytest.approx(0, abs=1e-9)
    assert found[-1] == pytest.approx(0, abs=1e-9)


def test_better_labels_are_worth_more_and_a_vague_scale_makes_them_worth_less():
    assert value(1.1, label=0.02)[0] > value(1.1, label=0.15)[0] > 0
    assert value(1.1, scale=0.05)[0] > value(1.1, scale=0.5)[0]


def test_value_of_a_perfect_label_without_a_scale_is_the_chance_to_be_wrong():
    mean = np.array([1.05])
    chance = chance_inside(mean, np.array([0.2]), LOW, HIGH)[0]
    found = value(mean, scale=1e-6, label=0.0)[0]
    assert found == pytest.approx(1 - chance, abs=0.03)


def test_expectation_agrees_with_random_labels():
    random = np.random.default_rng(0)
    mean, scale, model, label = 1.1, 0.1, 0.25, 0.1
    moved = mean + np.sqrt(model**2 - label**2) * random.standard_normal(200_000)
    after = chance_inside(moved, np.hypot(scale, label), LOW, HIGH)
    expected = np.maximum(after, 1 - after).mean() - max(after.mean(), 1 - after.mean())
    assert value(mean, scale, model, label)[0] == pytest.approx(expected, abs=0.005)
