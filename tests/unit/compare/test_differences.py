"""Error bars of differences."""

import numpy as np
import pandas as pd
import pytest

from organode.compare.differences import Differences, Scores
from rule_model import MeasuredScale


def test_each_molecule_has_weight_one():
    scores = Scores.of(np.array([9.0] * 90 + [*range(9)]), np.array([0] * 90 + [*range(1, 10)]))
    assert scores.quantile(0.5) == 5.0  # of 0 to 8 and 9, and a new one
    assert scores.quantile(0.9) == 9.0
    assert scores.quantile(0.95) == np.inf
    assert Scores.of(np.empty(0), np.empty(0, "U1")).quantile(0.5) == np.inf


def families_scale(shared, own, n_families=40, each=4):
    """Return measurements whose errors a family shares, and each has one of its own."""
    random = np.random.default_rng(3)
    n = n_families * each
    bits = np.zeros((n, 2048), np.uint8)
    for row, of in enumerate(bits):
        of[np.random.default_rng(row // each).choice(1024, 12, replace=False)] = 1
        of[1024 + random.choice(1024, 2, replace=False)] = 1  # alike in a family: 12 of 16
    error = np.repeat(random.normal(0, shared, n_families), each) + random.normal(0, own, n)
    rows = pd.DataFrame({"smiles": [f"molecule {row}" for row in range(n)], "solvent": "ACN"})
    packed = np.packbits(bits, axis=1).view(np.uint64)
    return MeasuredScale(rows, error, np.zeros(n), np.full(n, 0.1), packed)


def test_error_bars_are_narrower_for_similar_molecules_with_shared_errors():
    bars = Differences.of(families_scale(shared=0.2, own=0.02))
    spread = np.array([0.1, 0.1])
    unlike, alike = bars.half_width(spread, spread, np.array([0.1, 0.75]), 0.9)
    assert alike == pytest.approx(1.64 * 0.02 * np.sqrt(2), rel=0.2)
    assert unlike == pytest.approx(1.64 * 0.2 * np.sqrt(2), rel=0.2)
    few = Differences.of(families_scale(0.2, 0.02), np.arange(160) < 8)
    assert np.isinf(few.half_width(spread, spread, np.array([0.1, 0.75]), 0.99)).all()


def test_errors_are_independent_with_too_few_pairs():
    few, single = Scores.of(np.array([0.1]), np.array(["a"])), np.linspace(0, 2, 200)
    bars = Differences((few,) * 4, Scores.of(single, np.arange(200)))
    half = bars.half_width(np.array([0.3]), np.array([0.4]), np.array([0.9]), 0.9)
    assert half[0] == pytest.approx(0.5 * 1.8, abs=0.02)
