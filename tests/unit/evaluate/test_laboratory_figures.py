"""Figures of the laboratory scale against measured potentials."""

import json

import numpy as np

from organode.evaluate import laboratory_figures
from organode.evaluate.laboratory_metrics import against_measured, by_family


def test_potentials_with_infinite_intervals_are_drawn(measured, tmp_path):
    endless = measured.assign(lower=-np.inf, upper=np.inf)
    assert "half_width" not in against_measured(endless, 0.999)
    json.dumps(against_measured(endless, 0.999), allow_nan=False)
    for number, table in enumerate((measured, endless)):
        laboratory_figures.parity("EA", table, 0.95, tmp_path / f"parity {number}.png")
        laboratory_figures.families("EA", by_family(table), 0.95, tmp_path / f"family {number}.png")
    assert len(list(tmp_path.glob("*.png"))) == 4
