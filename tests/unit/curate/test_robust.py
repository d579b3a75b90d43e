import numpy as np
import pytest
from scipy.stats import median_abs_deviation

from organode.curate.robust import robust_sd


def test_outliers_hardly_change_the_standard_deviation():
    values = np.random.default_rng(0).normal(0, 2.0, 2_000)
    assert robust_sd(values) == pytest.approx(2.0, rel=0.05)
    values[:100] = 1e6
    assert robust_sd(values) == pytest.approx(2.0, rel=0.15)


def test_standard_deviation_agrees_with_scipy_and_is_never_zero():
    values = np.random.default_rng(1).standard_t(3, 500)
    assert robust_sd(values) == 1.4826 * median_abs_deviation(values) + 1e-9
    assert robust_sd(np.ones(5)) > 0
