"""Coverage of error bars."""

import numpy as np
import pandas as pd
import pytest

from organode.evaluate.coverage import by_level, by_similarity, coverage, decisions


def test_uniform_quantiles_are_calibrated():
    measured = by_level(pd.Series(np.linspace(0, 1, 2001)))
    np.testing.assert_allclose(measured["covered"], measured["level"], atol=1e-3)
    sure_of_itself = by_level(pd.Series(np.repeat([0.001, 0.999], 50)))
    assert (sure_of_itself["covered"] == 0).all()


def test_coverage_and_errors_by_domain(outer):
    result = coverage(outer)
    assert result["covered"] == 0.75
    assert result["flagged"] == 0.25
    assert result["mae_in_domain"] == pytest.approx(0.4)
    assert result["mae_out_of_domain"] == pytest.approx(1.0)
    assert result["half_width"] == pytest.approx((0.3 + 0.4 + 0.2 + 2.0) / 4, abs=1e-4)


def test_decision_requires_whole_interval_in_window(outer):
    result = decisions(outer, 4.0, 6.0)
    assert (result["certified"], result["right"], result["inside"]) == (2, 2, 3)
    assert result["precision"] == 1
    assert result["recall"] == pytest.approx(2 / 3, abs=1e-4)


def test_bins_with_too_few_rows_are_omitted(outer):
    many = pd.concat([outer] * 20, ignore_index=True)
    result = by_similarity(many)
    assert result["group"].tolist() == ["0.0 to 0.4", "0.4 to 0.5", "0.8 to 1.0"]
    assert result["n"].tolist() == [20, 20, 40]
    assert by_similarity(outer).empty
