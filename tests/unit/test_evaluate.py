import json

import numpy as np
import pandas as pd
import pytest

from organode.evaluate import figures, laboratory_figures
from organode.evaluate.coverage import by_level, by_similarity, coverage, decisions
from organode.evaluate.laboratory_metrics import against_measured, by_family
from organode.models.metrics import errors
from organode.tracking.registry.compare import compare_measured


def test_errors_of_a_prediction_off_by_a_constant():
    label = np.linspace(3, 12, 200)
    found = errors(label, label + 0.5)
    assert found["mae"] == found["rmse"] == 0.5
    assert found["sd_abs_error"] == 0
    assert found["spearman"] == found["tail_slope"] == 1
    assert found["n"] == 200


def test_extremes_that_are_not_reached_show_in_the_tails():
    label = np.linspace(0, 10, 500)
    found = errors(label, np.clip(label, 2, 8))
    flat = errors(label, np.full(500, 5.0))
    assert found["tail_slope"] == pytest.approx(0.6, abs=0.02)
    assert flat["tail_slope"] == flat["r2"] == flat["spearman"] == 0


def test_labels_of_one_value_have_no_correlation():
    found = errors(np.ones(5), np.arange(5.0))
    assert found["r2"] == found["spearman"] == found["tail_slope"] == 0


def test_uniform_quantiles_are_calibrated_at_every_level():
    measured = by_level(pd.Series(np.linspace(0, 1, 2001)))
    np.testing.assert_allclose(measured["covered"], measured["level"], atol=1e-3)
    sure_of_itself = by_level(pd.Series(np.repeat([0.001, 0.999], 50)))
    assert (sure_of_itself["covered"] == 0).all()


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


def test_coverage_counts_labels_inside_and_errors_by_domain(outer):
    found = coverage(outer)
    assert found["covered"] == 0.75
    assert found["flagged"] == 0.25
    assert found["mae_in_domain"] == pytest.approx(0.4)
    assert found["mae_out_of_domain"] == pytest.approx(1.0)
    assert found["half_width"] == pytest.approx((0.3 + 0.4 + 0.2 + 2.0) / 4, abs=1e-4)


def test_a_decision_takes_whole_intervals(outer):
    found = decisions(outer, 4.0, 6.0)
    assert (found["certified"], found["right"], found["inside"]) == (2, 2, 3)
    assert found["precision"] == 1
    assert found["recall"] == pytest.approx(2 / 3, abs=1e-4)


def test_intervals_without_an_end_certify_nothing_and_are_said_to_be_so(outer, tmp_path):
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


def test_bins_with_too_few_rows_are_left_out(outer):
    many = pd.concat([outer] * 20, ignore_index=True)
    found = by_similarity(many)
    assert found["group"].tolist() == ["0.0 to 0.4", "0.4 to 0.5", "0.8 to 1.0"]
    assert found["n"].tolist() == [20, 20, 40]
    assert by_similarity(outer).empty


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


def test_errors_against_measurement_are_counted_overall_and_of_reversible_waves(measured):
    found = against_measured(measured, 0.95)
    assert (found["level"], found["n"], found["families"]) == (0.95, 10, 2)
    assert found["mae"] == pytest.approx(0.18)
    assert found["bias"] == pytest.approx(0.1)
    assert found["covered"] == pytest.approx(0.6)
    assert found["half_width"] == pytest.approx(0.3)
    assert found["by_line"] == pytest.approx(0.5)
    assert found["reversible"]["n"] == 5
    none = against_measured(measured.assign(reversible="no"), 0.95)
    assert "reversible" not in none


def test_bias_and_coverage_stand_beside_each_family(measured):
    groups = by_family(measured)
    assert groups["family"].tolist() == ["quinone", "azine"]
    assert groups["n"].tolist() == [6, 4]
    np.testing.assert_allclose(groups["bias"], [0.1, 0.3])
    np.testing.assert_allclose(groups["covered"], [1, 0])


def test_potentials_whose_intervals_have_no_end_are_drawn_and_counted(measured, tmp_path):
    endless = measured.assign(lower=-np.inf, upper=np.inf)
    assert "half_width" not in against_measured(endless, 0.999)
    json.dumps(against_measured(endless, 0.999), allow_nan=False)
    for number, table in enumerate((measured, endless)):
        laboratory_figures.parity("EA", table, 0.95, tmp_path / f"parity {number}.png")
        laboratory_figures.families("EA", by_family(table), 0.95, tmp_path / f"family {number}.png")
    assert len(list(tmp_path.glob("*.png"))) == 4


def test_two_scales_are_compared_on_potentials_that_both_know(measured):
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


def test_families_are_drawn_whole_so_that_one_of_two_proves_nothing(measured):
    mixed = measured.assign(
        left_out=measured["measured"] + np.where(measured["family"] == "quinone", 0.05, 0.4)
    )
    found = compare_measured(mixed, measured)
    assert not found.is_better
    assert not found.is_worse
