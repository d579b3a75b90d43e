"""Figures of the laboratory scale against measured potentials."""

import json

import numpy as np
import pandas as pd
import pytest

from organode.evaluate import laboratory_figures
from organode.evaluate.laboratory_metrics import against_measured, by_family


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


def test_potentials_with_infinite_intervals_are_drawn(measured, tmp_path):
    endless = measured.assign(lower=-np.inf, upper=np.inf)
    assert "half_width" not in against_measured(endless, 0.999)
    json.dumps(against_measured(endless, 0.999), allow_nan=False)
    for number, table in enumerate((measured, endless)):
        laboratory_figures.parity("EA", table, 0.95, tmp_path / f"parity {number}.png")
        laboratory_figures.families("EA", by_family(table), 0.95, tmp_path / f"family {number}.png")
    assert len(list(tmp_path.glob("*.png"))) == 4
