"""Metrics of the probabilities of stability."""

import json

import numpy as np
import pandas as pd
import pytest

from organode.evaluate.stability_metrics import metrics_of, reliability_diagram

FAMILIES, MEMBERS = 12, 6
SIGNALS = pd.DataFrame(
    {"side": "reduced", "signal": ["bond breaks", "largest spin"], "n": 50, "auc": [0.9, np.nan],
     "broken": [4, np.nan], "error": [np.nan, 0.05], "spread": [np.nan, 0.1]}
)  # fmt: skip


@pytest.fixture
def couples():
    """Families of couples, half of them reversible; probabilities are off by 0.2."""
    chance = np.random.default_rng(0)
    n = FAMILIES * MEMBERS
    seen = np.arange(n) % 2 == 0
    return pd.DataFrame(
        {
            "side": np.where(np.arange(n) < n // 2, "oxidised", "reduced"),
            "smiles": [f"C{row}" for row in range(n)],
            "family": [f"family {row // MEMBERS}" for row in range(n)],
            "origin": np.where(np.arange(n) % 3 == 0, "measured", "literature"),
            "reversible": seen,
            "left_out": np.abs(seen - 0.2) + chance.normal(0, 0.01, n),
        }
    )


def test_metrics_of_all_couples_and_of_parts(couples):
    result = metrics_of(couples, SIGNALS)
    assert result["left_out"]["n"] == FAMILIES * MEMBERS
    assert result["left_out"]["families"] == FAMILIES
    assert result["left_out"]["auc"] == 1.0
    assert result["left_out"]["brier"] == pytest.approx(0.04, abs=0.002)
    assert result["left_out"]["calibration_error"] == pytest.approx(0.2, abs=0.01)
    assert set(result["by_side"]) == {"oxidised", "reduced"}
    assert set(result["by_origin"]) == {"literature", "measured"}
    assert result["signals"]["reduced"]["largest spin"] == {"n": 50, "error": 0.05, "spread": 0.1}
    json.dumps(result, allow_nan=False)


def test_no_auc_with_single_outcome(couples):
    result = metrics_of(
        couples.assign(side=np.where(couples["reversible"], "reduced", "oxidised")), SIGNALS
    )
    assert "auc" not in result["by_side"]["reduced"]
    assert result["by_side"]["reduced"]["reversible"] == result["by_side"]["reduced"]["n"]


def test_every_couple_is_in_one_bin(couples):
    table = reliability_diagram(couples.assign(left_out=np.linspace(0, 1, len(couples))))
    assert table["n"].sum() == len(couples)
    assert table["predicted"].is_monotonic_increasing
