import numpy as np
import pytest

from organode.curate.reference.likelihood import log_density, probability_of_shift

REGULAR = np.ones(300, bool)


def residuals(low: np.ndarray) -> np.ndarray:
    """Residuals of both energies with a shift of 1.4 eV in some rows."""
    noise = np.random.default_rng(0).normal(0, 0.2, (len(low), 2))
    return noise - 1.4 * low[:, None]


@pytest.mark.parametrize("in_blocks", [True, False])
def test_the_likelier_order_of_the_rows_is_chosen(in_blocks):
    low = np.arange(300) < 120
    if not in_blocks:
        low = np.random.default_rng(1).permutation(low)
    logp = log_density(residuals(low), 1.4, REGULAR)
    probability, likelihood, chosen = probability_of_shift(logp)
    assert chosen == in_blocks
    assert ((probability > 0.5) == low).mean() > 0.99
    assert np.isfinite(likelihood)


def test_missing_residuals_give_no_evidence():
    values = residuals(np.arange(300) < 120)
    values[5] = np.nan
    assert log_density(values, 1.4, REGULAR)[5].tolist() == [0.0, 0.0]


def test_irregular_rows_have_their_own_width():
    values = residuals(np.zeros(300, bool))
    regular = np.arange(300) < 250
    values[~regular] *= 10
    with_own = log_density(values, 1.4, regular)
    same = log_density(values, 1.4, REGULAR)
    assert np.abs(with_own - same)[~regular].mean() > 0.1
