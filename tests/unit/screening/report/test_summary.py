"""The summary of a screening in numbers."""

import json
from dataclasses import replace

import numpy as np
import pytest

from organode.electrochemistry.cells import CELLS, N, P
from organode.screening.criteria.criteria import Criteria
from organode.screening.engine.funnel import FunnelResult
from organode.screening.report.summary import summarise
from organode.screening.result import ScreenResult
from organode.screening.shortlist.counts import LibraryCounts
from organode.settings import Screen
from organode.tracking.registry.versions import Loaded, Registered
from screening import CRITERIA, MEASURED, SYMMETRIC, candidates, finished_chunk


@pytest.fixture
def result():
    rows = finished_chunk(0, [1, 2, 3, 4, 5], [0.0] * 5)["rows"]
    rows.loc[[1, 3], ["p_type", "p_remark"]] = [False, "contains Br"]
    rows.loc[2, ["p_type", "p_remark"]] = [False, "outside the window"]
    rows.loc[4, ["status", "scored"]] = ["not a valid SMILES", False]
    counts = LibraryCounts()
    counts.add(rows, np.zeros(5, bool))
    return ScreenResult(
        library="alcohols",
        criteria=CRITERIA,
        models=(),
        stability=None,
        counts=counts,
        candidates={P: candidates(1), N: candidates(0)},
        own_columns=(),
        measured=dict.fromkeys((P, N), MEASURED),
        explanations={P: {}, N: {}},
        warnings=["mind the solvent"],
    )


def test_rows_are_counted_by_status_and_role(result):
    summary = summarise(result)
    assert (summary["library"], summary["rows"], summary["scored"]) == ("alcohols", 5, 4)
    assert summary["status"] == {"ok": 4, "not a valid SMILES": 1}
    assert summary["candidates"] == {P: 1, N: 0}
    assert summary["listed"] == {P: 1, N: 0}
    assert summary["refused"][P] == {"contains Br": 2, "outside the window": 1}
    assert summary["refused"][N] == {"outside the window": 4}
    assert summary["selected_by_margin"]["both"] == {P: 4, N: 4}
    assert summary["warnings"] == ["mind the solvent"]


def test_cell_is_described_by_its_window_and_tasks(result):
    summary = summarise(result)
    assert summary["window_V"] == [0.44, 4.7]
    assert (summary["reference"], summary["solvent"]) == ("Li/Li+", "ACN")
    assert summary["computed_window_V_vs_Li"] == [0.5, 4.6]
    assert summary["thesis_margin_V"] == {"E_ox": 0.5, "E_red": 0.5}
    assert summary["tasks"] == {
        "p": {"electrode": "positive", "low": 3.0, "high": None, "partner": 0.0},
        "n": {"electrode": "negative", "low": None, "high": 2.5, "partner": 4.0},
    }
    assert summary["conversion"]["volts_vs_Fc"] == CRITERIA.window.conversion.volts
    assert summary["in_cells"] is None  # potentials of dissolved molecules


def test_molecule_that_is_both_electrodes_is_counted_once(result):
    both = replace(result, criteria=SYMMETRIC, candidates={P: candidates(3)})
    summary = summarise(both)
    assert summary["candidates"] == {"np": 1}
    assert summary["listed"] == {"np": 3}
    assert set(summary["tasks"]) == {"n", "p"}
    assert summary["tasks"]["p"]["partner"] is None  # its own other wave


def test_solid_electrodes_have_the_shift_from_solution(result):
    solid = replace(result, criteria=replace(CRITERIA, cell=CELLS["metal"]))
    assert summarise(solid)["in_cells"] == {}  # of no models


def test_summary_is_plain_json(result):
    text = json.dumps(summarise(result), allow_nan=False)
    assert json.loads(text) == summarise(result)


def test_report_can_be_repeated_from_its_settings(result):
    settings = Screen(solvent="DMF", top=3, collector="carbon", reference="Fc/Fc+")
    summary = summarise(replace(result, criteria=Criteria.from_settings(settings)))
    assert Screen(**json.loads(json.dumps(summary["settings"]))) == settings
    assert (summary["reference"], summary["solvent"]) == ("Fc/Fc+", "DMF")


def test_versions_of_all_models_are_named(result):
    version = Registered(
        target="stability", name="organode-stability", version="7", aliases=("champion", "x"),
        metrics={}, data_sha256="abc", splits_sha256="", reference="unknown",
        level_of_theory="unknown", run_id="r",
    )  # fmt: skip
    assert summarise(result)["models"] == []
    assert summarise(replace(result, stability=Loaded(version, None)))["models"] == [
        {"name": "organode-stability", "version": "7", "aliases": ["champion", "x"],
         "data_sha256": "abc"}
    ]  # fmt: skip


def test_estimate_of_a_long_library_is_rounded(result):
    assert summarise(result)["estimate"] is None
    funnel = FunnelResult(
        None, [], None, {P: 0.12345, N: 0.2}, {P: 1234.6, N: 0.4}, {P: 0.98765, N: 1.0}
    )
    assert summarise(replace(result, funnel=funnel))["estimate"] == {
        "deviation_V": {"E_ox": 0.123, "E_red": 0.2},
        "candidates_expected": {"p": 1235, "n": 0},
        "share_listed": {"p": 0.988, "n": 1.0},
    }
