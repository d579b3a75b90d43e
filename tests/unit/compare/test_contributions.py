"""Contributions of fragments to a difference."""

import numpy as np
import pytest
from rdkit import Chem

from organode.compare import compare
from rule_model import BQ, CHLORANIL, MEASURED, MeasuredScale, RuleModel


@pytest.fixture(scope="module")
def models():
    return [RuleModel("EA", MeasuredScale.of(MEASURED))]


@pytest.fixture(scope="module")
def table(models):
    return compare(models, [CHLORANIL, "junk", BQ, "AQ"], "BQ", level=0.5, electrode="Fc/Fc+")


def test_contributions_sum_to_difference(table):
    for _, row in table[table["status"] == "ok"].iterrows():
        total = sum(part["volts"] for part in row["E_red_contributions"])
        assert total == pytest.approx(row["E_red_difference"], abs=1e-12)
    chloranil = table["E_red_contributions"][0]
    assert [part["fragment"] for part in chloranil] == ["*Cl"] * 4 + [BQ]
    assert [part["of"] for part in chloranil] == ["molecule"] * 4 + ["core"]
    shares = [part["volts"] for part in chloranil]
    assert shares[:4] == pytest.approx([0.1 * 4**1.5 / 4] * 4)
    assert shares[4] == 0
    drawn = Chem.MolFromSmiles(table["structure"][0])
    for part in chloranil[:4]:
        around = drawn.GetAtomWithIdx(part["atom"]).GetNeighbors()
        assert "Cl" in [atom.GetSymbol() for atom in around]


def test_groups_of_reference_have_opposite_sign(models):
    row = compare(models, [BQ], CHLORANIL, electrode="Fc/Fc+").iloc[0]
    assert {part["of"] for part in row["E_red_contributions"]} == {"reference", "core"}
    assert row["E_red_difference"] == pytest.approx(-0.8)
    assert row["E_red_contributions"][0]["volts"] == pytest.approx(-0.2)
    assert np.isnan(row["E_red_anchored"])
    assert row["E_red_remark"].startswith("the reference was not measured")
