"""Metrics of predictions."""

import numpy as np
import pytest

from organode.models.metrics import errors


def test_errors_of_constant_deviation():
    label = np.linspace(3, 12, 200)
    result = errors(label, label + 0.5)
    assert result["mae"] == result["rmse"] == 0.5
    assert result["sd_abs_error"] == 0
    assert result["spearman"] == result["tail_slope"] == 1
    assert result["n"] == 200


def test_tail_slope_shows_compressed_extremes():
    label = np.linspace(0, 10, 500)
    result = errors(label, np.clip(label, 2, 8))
    flat = errors(label, np.full(500, 5.0))
    assert result["tail_slope"] == pytest.approx(0.6, abs=0.02)
    assert flat["tail_slope"] == flat["r2"] == flat["spearman"] == 0


def test_metrics_of_constant_labels_are_zero():
    result = errors(np.ones(5), np.arange(5.0))
    assert result["r2"] == result["spearman"] == result["tail_slope"] == 0
