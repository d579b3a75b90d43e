"""Comparison of two versions on measured potentials and on couples."""

import numpy as np
import pandas as pd
import pytest

from organode.tracking.registry.compare import compare_measured


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


def test_scales_are_compared_on_common_potentials(measured):
    better = measured.assign(left_out=measured["measured"] + 0.01).drop(index=0)
    found = compare_measured(better, measured)
    assert found.n == 9
    assert found.is_better
    assert not found.is_worse
    assert found.measures.index[0] == "measured: MAE / V"
    assert compare_measured(measured, better).is_worse
    assert "measured MAE 0.0100 V against" in found.sentence()
    other = measured.assign(smiles="c1ccccc1", doi="another")
    assert compare_measured(measured, other) is None


def test_bootstrap_resamples_whole_families(measured):
    mixed = measured.assign(
        left_out=measured["measured"] + np.where(measured["family"] == "quinone", 0.05, 0.4)
    )
    found = compare_measured(mixed, measured)
    assert not found.is_better
    assert not found.is_worse
