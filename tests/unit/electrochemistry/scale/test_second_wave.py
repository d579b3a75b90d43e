"""Second waves from first ones."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from rdkit import Chem

from breakages import NONE_BREAKS
from helpers import ROOT
from organode.chem.features import Molecules
from organode.electrochemistry.measured import read_measured, second_waves
from organode.electrochemistry.scale.gaussian_process import HOME
from organode.electrochemistry.scale.laboratory import Scale
from organode.electrochemistry.scale.potential import Potential
from organode.electrochemistry.scale.second_wave import (
    RADICAL,
    TOO_FEW,
    UNTESTED,
    WaveSplitting,
    without_prediction,
)
from organode.utils.predictive import Predictive

TABLE = ROOT / "data/measured/potentials.csv"
QUINONE, VIOLOGEN, TEMPO = (
    "O=C1C=CC(=O)C=C1",
    "C[n+]1ccc(-c2cc[n+](C)cc2)cc1",
    "CC1(C)CCCC(C)(C)N1[O]",
)


def molecules(*smiles):
    return Molecules([Chem.MolFromSmiles(text) for text in smiles])


def first(n, volts=-1.0):
    return Potential(np.full(n, volts), np.full(n, 0.05), Predictive([np.zeros(40)]), [""] * n)


@pytest.fixture(scope="module")
def known():
    return second_waves(read_measured(TABLE))


@pytest.fixture(scope="module")
def splitting(known):
    return WaveSplitting.fit(known, molecules(*known["flat"]))


def test_left_out_families_are_predicted_within_a_tenth_of_a_volt(splitting, known):
    assert len(known) > 40
    error = splitting.measured - splitting.left_out
    assert np.abs(error).mean() < 0.1
    assert np.abs(error).mean() < np.abs(splitting.measured - splitting.measured.mean()).mean()
    assert 0.7 < (error / splitting.spread).std() < 1.3


def test_second_wave_is_more_extreme(splitting):
    some = molecules(QUINONE, "O=C1c2ccccc2C(=O)c2ccccc21", VIOLOGEN)
    reduced = splitting.answer("EA", some, first(3))
    assert (reduced.volts < -1.2).all()
    assert reduced.volts[0] < reduced.volts[1] < reduced.volts[2]  # the larger, the closer
    assert (reduced.spread > first(3).spread).all()
    amine = molecules("c1ccc(N(c2ccccc2)c2ccccc2)cc1")
    oxidised = splitting.answer("IE", amine, first(1, 0.5))
    assert oxidised.volts[0] > 0.7
    assert oxidised.spread[0] > UNTESTED  # next to none was measured


def test_no_second_wave_of_radical(splitting):
    result = splitting.answer("IE", molecules(TEMPO, QUINONE), first(2))
    assert np.isnan(result.volts).tolist() == [True, False]
    assert result.remarks[0] == RADICAL
    lower, upper = result.interval(0.9)
    for ends in (lower, upper, result.within(-5, 5), result.moved(0.1).volts):
        assert np.isnan(ends).tolist() == [True, False]


def test_molecule_unlike_measured_ones_has_remark(splitting):
    result = splitting.answer("EA", molecules("CCCCCCCCCCCC", QUINONE), first(2))
    assert result.remarks[0].startswith("unlike every molecule whose second wave was measured (")
    assert result.remarks[1] == ""


def test_too_few_second_waves_give_no_prediction(known):
    few = known.head(10).reset_index(drop=True)
    assert WaveSplitting.fit(few, molecules(*few["flat"])) is None
    result = without_prediction(first(2))
    assert np.isnan(result.volts).all()
    assert result.remarks == [TOO_FEW] * 2


def test_scale_saves_and_loads_splitting(splitting, known, tmp_path):
    rows = known.assign(reversible="yes", kind="E1/2", E_Fc=known["first"])
    scale = Scale.fit(
        "EA",
        rows,
        molecules(*rows["flat"]),
        rows["first"] + 4.0,
        np.full(len(rows), 0.1),
        NONE_BREAKS,
    )
    some = molecules(QUINONE)
    assert np.isnan(scale.second(some, first(1)).volts).all()
    assert scale.effect("DMF", second=True) == scale.effect("DMF")
    whole = replace(scale, splitting=splitting)
    whole.save(tmp_path)
    again = Scale.load(tmp_path)
    for one, other in ((whole, again), (again, whole)):
        before, after = one.second(some, first(1)), other.second(some, first(1))
        assert before.volts.tolist() == after.volts.tolist()
        assert before.spread.tolist() == after.spread.tolist()
    pd.testing.assert_frame_equal(again.splitting.rows, splitting.rows)
    assert whole.effect("DMF", second=True) != whole.effect("DMF")
    assert whole.effect(HOME, second=True) == (0.0, 0.0)
