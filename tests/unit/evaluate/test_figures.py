"""Figures of energies and their error bars."""

import json

import numpy as np
import pandas as pd

from organode.evaluate import figures
from organode.evaluate.coverage import by_similarity, coverage, decisions


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
