"""The best trial against the fixed settings, molecule by molecule."""

import numpy as np
import pytest

from organode.search.paired import compare, pack, unpack

HARD = np.random.default_rng(1).exponential(0.2, 2000)  # eV: some molecules are hard for everyone


def test_small_gain_on_the_same_molecules_is_seen():
    gain = np.random.default_rng(2).normal(0.003, 0.02, 2000)
    found = compare(HARD - gain, HARD)
    assert found.rows == 2000
    assert found.difference == pytest.approx(-gain.mean())
    assert found.upper - found.lower == pytest.approx(2 * 1.96 * gain.std() / 2000**0.5, rel=1e-3)
    assert found.is_better
    assert not compare(HARD, HARD - gain).is_better


def test_gain_within_its_error_is_not_better():
    gain = np.tile([0.02, -0.0199], 1000)
    found = compare(HARD - gain, HARD)
    assert found.difference < 0 < found.upper
    assert not found.is_better


def test_interval_holds_in_19_of_20_samples():
    random = np.random.default_rng(3)
    samples = (compare(random.exponential(0.1, 300), np.full(300, 0.1)) for _ in range(2000))
    assert np.mean([found.lower < 0 < found.upper for found in samples]) == pytest.approx(
        0.95, abs=0.015
    )


def test_single_molecule_proves_nothing():
    assert not compare(np.array([0.1]), np.array([0.5])).is_better


def test_errors_survive_storage():
    assert unpack(pack(HARD)) == pytest.approx(HARD, rel=1e-6)
