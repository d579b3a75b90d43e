"""Figures of energies and their error bars."""

import json

import numpy as np
import pandas as pd
import pytest

from organode.evaluate import figures
from organode.evaluate.coverage import by_similarity, coverage, decisions


@pytest.fixture
def outer():
    return pd.DataFrame({
        "label": [5.0, 5.0, 5.0, 9.0],
        "outer": [5.1, 4.9, 6.0, 8.0],
        "lower": [4.8, 4.5, 5.8, 6.0],
        "upper": [5.4, 5.3, 6.2, 10.0],
        "in_domain": pd.array([True, True, True, False], "boolean"),
        "similarity": [0.9, 0.85, 0.45, 0.2],
    })  # fmt: skip


def test_infinite_intervals_are_drawn_and_certify_nothing(outer, tmp_path):
    endless = outer.assign(lower=-np.inf, upper=np.inf)
    endless = pd.concat([endless] * 20, ignore_index=True)
    measured = {**coverage(endless), **decisions(endless, 4.0, 6.0)}
    assert "half_width" not in measured
    assert measured["covered"] == 1
    assert measured["certified"] == 0
    json.dumps(measured, allow_nan=False)
    figures.intervals("IE", endless, tmp_path / "intervals.png")
    figures.error_bars("IE", by_similarity(endless), "similarity", tmp_path / "bars.png")
    some = pd.concat([endless, outer], ignore_index=True)
    figures.intervals("IE", some, tmp_path / "some.png")
    assert len(list(tmp_path.glob("*.png"))) == 3


@pytest.fixture
def measured():
    """Potentials of two families, the second one predicted 0.3 V too high."""
    volts = np.linspace(-2, 0, 10)
    left_out = volts + np.repeat([0.1, 0.3], [6, 4])
    return pd.DataFrame({
        "name": "x", "smiles": [f"{'C' * n}O" for n in range(10)], "solvent": "ACN", "doi": "",
        "family": np.repeat(["quinone", "azine"], [6, 4]),
        "reversible": ["yes", "no"] * 5,
        "measured": volts, "left_out": left_out, "by_line": volts - 0.5,
        "lower": left_out - 0.2, "upper": left_out + 0.4,
    })  # fmt: skip
