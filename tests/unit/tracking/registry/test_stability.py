"""Comparison of two models of stability, and what the registry needs of them."""

import json

import numpy as np
import pandas as pd
import pytest

from organode import artifacts
from organode.errors import OrganodeError
from organode.evaluate.stability_metrics import metrics_of
from organode.tracking.registry.compare import compare_couples
from organode.tracking.registry.kinds import kind_of

FAMILIES, MEMBERS = 12, 6


@pytest.fixture
def couples():
    """Families of couples, half of them reversible; probabilities are off by 0.2."""
    chance = np.random.default_rng(0)
    n = FAMILIES * MEMBERS
    seen = np.arange(n) % 2 == 0
    return pd.DataFrame({
        "side": np.where(np.arange(n) < n // 2, "oxidised", "reduced"),
        "smiles": [f"C{row}" for row in range(n)],
        "family": [f"family {row // MEMBERS}" for row in range(n)],
        "origin": np.where(np.arange(n) % 3 == 0, "measured", "literature"),
        "reversible": seen,
        "left_out": np.abs(seen - 0.2) + chance.normal(0, 0.01, n),
    })  # fmt: skip


def test_smaller_errors_are_better_in_any_order(couples):
    better = couples.assign(left_out=np.abs(couples["reversible"] - 0.1)).sample(
        frac=1, random_state=1
    )
    found = compare_couples(better, couples)
    assert found.is_better
    assert found.difference == pytest.approx(0.01 - 0.04, abs=0.002)
    assert found.measures.loc["Brier score", "candidate"] == pytest.approx(0.01)
    assert found.sentence().startswith("Brier score 0.0100 against 0.04")
    assert "on the same 72 couples: difference -0.03" in found.sentence()
    assert compare_couples(couples, better).is_worse


def test_improvement_in_one_family_is_not_significant(couples):
    first = couples["family"] == "family 0"
    better = couples.assign(left_out=couples["left_out"].mask(first, couples["reversible"]))
    found = compare_couples(better.astype({"left_out": float}), couples)
    assert found.difference < 0
    assert not found.is_better


@pytest.mark.parametrize("change", [
    lambda table: table.iloc[1:],
    lambda table: table.assign(reversible=~table["reversible"]),
    lambda table: table.assign(smiles=table["smiles"] + "O"),
])  # fmt: skip
def test_different_couples_are_not_compared(couples, change):
    with pytest.raises(OrganodeError, match="not tested on the same couples"):
        compare_couples(change(couples), couples)


def test_damaged_metrics_are_rejected_with_one_sentence(couples, tmp_path, monkeypatch):
    path = tmp_path / "metrics.json"
    monkeypatch.setattr(artifacts, "metrics_path", lambda _target: path)
    with pytest.raises(OrganodeError, match=r"is missing: run `organode stability` again"):
        artifacts.read_stability_metrics()
    path.write_text(json.dumps(metrics_of(couples)))
    assert artifacts.read_stability_metrics()["left_out"]["n"] == len(couples)
    for content in ("", "[]", "{}", '{"left_out": {"n": 1}}', path.read_text().replace(":", ";")):
        path.write_text(content)
        with pytest.raises(OrganodeError, match=r"is damaged: run `organode stability` again"):
            artifacts.read_stability_metrics()


def test_every_kind_has_what_registry_needs():
    columns = {target: list(kind_of(target).columns) for target in ("IE", "EA", "stability")}
    assert columns["EA"][0] == "EA"
    assert columns["stability"] == ["stable_ox", "stable_ox_reason", "stable_red",
                                    "stable_red_reason"]  # fmt: skip
    for target in columns:
        kind = kind_of(target)
        assert kind.target == target
        assert kind.served_by.is_file()
        assert kind.made_by.startswith("organode ")
