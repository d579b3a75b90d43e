"""The cost of labels."""

import numpy as np
import pandas as pd

from organode.improve.cost import Costs

NOTHING = pd.DataFrame({"level": [], "heavy_atoms": [], "seconds": []})


def table(seconds_of_ten, slope, n=200):
    size = np.linspace(5, 30, n)
    seconds = seconds_of_ten * (size / 10) ** slope
    return pd.DataFrame({"level": "xtb", "heavy_atoms": size, "seconds": seconds})


def test_costs_rise_with_size_and_level_before_anything_was_computed():
    costs = Costs.fit(NOTHING)
    size = np.array([5, 10, 20])
    for level in ("xtb", "b3lyp"):
        assert (np.diff(costs.seconds(level, size)) > 0).all()
    assert (costs.seconds("b3lyp", size) > 5 * costs.seconds("xtb", size)).all()


def test_recorded_seconds_replace_the_prior_of_their_level_alone():
    before, costs = Costs.fit(NOTHING), Costs.fit(table(5.0, 3.5))
    ratio = costs.seconds("xtb", np.array([10, 20])) / (5.0 * np.array([1.0, 2**3.5]))
    assert (np.abs(np.log(ratio)) < 0.25).all()
    size = np.array([10])
    assert costs.seconds("b3lyp", size) == before.seconds("b3lyp", size)


def test_failed_rows_without_a_time_are_left_out():
    rows = pd.concat([table(5.0, 3.5), table(1.0, 2.0).assign(seconds=np.nan)])
    assert Costs.fit(rows).lines == Costs.fit(table(5.0, 3.5)).lines
