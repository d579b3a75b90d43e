"""Predicted potentials with error bars."""

import numpy as np
import pytest

from organode.electrochemistry.scale.potential import POTENTIALS, SECOND, Potential
from organode.electrochemistry.types import CHARGE_CHANGE
from organode.utils.predictive import Predictive

SCORES = Predictive([np.linspace(-2, 2, 401)])


def potential(*volts, spread=0.1):
    return Potential(np.array(volts), np.full(len(volts), spread), SCORES, [""] * len(volts))


def test_shift_moves_volts_and_interval_and_keeps_width():
    before, after = potential(1.0), potential(1.0).moved(0.5)
    assert after.volts[0] == pytest.approx(1.5)
    for end, shifted in zip(before.interval(0.9), after.interval(0.9), strict=True):
        assert shifted[0] == pytest.approx(end[0] + 0.5)


def test_spreads_are_added_in_squares():
    assert potential(0.0, spread=0.3).moved(0.0, 0.4).spread[0] == pytest.approx(0.5)


def test_missing_wave_has_no_interval_and_no_probability():
    both = potential(0.0, np.nan)
    lower, upper = both.interval(0.9)
    assert np.isnan([lower[1], upper[1], both.within(-1, 1)[1]]).all()
    assert lower[0] < 0 < upper[0]
    assert both.within(-1, 1)[0] == 1


def test_names_and_signs_are_of_same_targets():
    assert set(POTENTIALS) == set(SECOND) == set(CHARGE_CHANGE)
    assert SECOND == {"IE": "E_ox2", "EA": "E_red2"}
