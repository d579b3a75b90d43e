"""Metrics of the laboratory scale against measured potentials."""

import numpy as np
import pytest

from organode.evaluate.laboratory_metrics import against_measured, by_family


def test_metrics_of_all_and_of_reversible_waves(measured):
    result = against_measured(measured, 0.95)
    assert (result["level"], result["n"], result["families"]) == (0.95, 10, 2)
    assert result["mae"] == pytest.approx(0.18)
    assert result["bias"] == pytest.approx(0.1)
    assert result["covered"] == pytest.approx(0.6)
    assert result["half_width"] == pytest.approx(0.3)
    assert result["by_line"] == pytest.approx(0.5)
    assert result["reversible"]["n"] == 5
    none = against_measured(measured.assign(reversible="no"), 0.95)
    assert "reversible" not in none


def test_bias_and_coverage_by_family(measured):
    groups = by_family(measured)
    assert groups["family"].tolist() == ["quinone", "azine"]
    assert groups["n"].tolist() == [6, 4]
    np.testing.assert_allclose(groups["bias"], [0.1, 0.3])
    np.testing.assert_allclose(groups["covered"], [1, 0])
