"""Measured potentials: coverage of error bars, and molecules to compare with."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from organode.errors import UsageError
from organode.screening.criteria.measured import MeasuredMolecules, check_level, coverage
from organode.utils.predictive import Predictive
from screening import WINDOW


class Scale:
    """The part of a laboratory scale that a screening uses."""

    target, splitting = "EA", None

    def __init__(self, n, inside):
        self.measured = np.zeros(n)
        self.rows = pd.DataFrame(
            {
                "name": ["", *["x"] * (n - 1)],
                "smiles": "CCO",
                "solvent": "ACN",
                "reversible": ["quasi", *["no"] * (n - 1)],
            }
        )
        self.bits = np.zeros((n, 32), np.uint64)
        self.predictive = Predictive([np.zeros(n)])
        self._inside = inside

    def table(self, level):
        lower = np.where(np.arange(len(self.measured)) < self._inside, -level, 0.1)
        return self.rows.assign(
            measured=0.0,
            left_out=0.2,
            lower=lower,
            upper=1.0,
            family=["a", *["b"] * (len(lower) - 1)],
        )


def model(target, n, inside=0):
    return SimpleNamespace(target=target, scale=Scale(n, inside))


def test_coverage_is_that_of_left_out_families():
    tested = coverage([model("IE", 40, 38), model("EA", 50, 45)], 0.9)
    assert tested["E_ox"] == {
        "n": 40, "families": 2, "inside": 38, "covered": 0.95, "mae": 0.2, "level": 0.9,
    }  # fmt: skip
    assert tested["E_red"]["covered"] == 0.9


def test_level_beyond_the_measured_potentials_is_rejected():
    models = [model("IE", 39), model("EA", 200)]
    check_level(models, 0.95)
    with pytest.raises(
        UsageError, match=r"39 measured E_ox can vouch for error bars of at most 0\.95"
    ):
        check_level(models, 0.96)


def test_measured_molecule_without_name_gets_its_smiles():
    scale = Scale(2, 0)
    measured = MeasuredMolecules.from_scale(scale, zero=-3.3)
    assert measured.electrons(WINDOW).tolist() == [1, 1]
    scale.splitting = SimpleNamespace(
        measured=np.array([0.6, 0.6]),
        rows=pd.DataFrame({"smiles": ["CCO", "CCO"], "solvent": "ACN", "target": ["EA", "IE"]}),
    )
    measured = MeasuredMolecules.from_scale(scale, zero=-3.3)
    assert measured.second.tolist() == pytest.approx([2.7, 2.7])
    assert measured.electrons(WINDOW).tolist() == [2, 2]
    assert measured.names == ["CCO", "x"]
    assert measured.volts.tolist() == [3.3, 3.3]
    assert measured.reversible.tolist() == [True, False]
