"""The table of a comparison, with a model that follows a rule."""

import numpy as np
import pytest

from organode.cli.text.comparison import as_text, comparison_json, write_comparison
from organode.compare import compare
from organode.settings import Screen
from rule_model import BQ, CHLORANIL, MEASURED, MeasuredScale, RuleModel


@pytest.fixture(scope="module")
def models():
    return [RuleModel("EA", MeasuredScale.of(MEASURED))]


@pytest.fixture(scope="module")
def table(models):
    return compare(models, [CHLORANIL, "junk", BQ, "AQ"], "BQ", level=0.5, electrode="Fc/Fc+")


def test_anchored_potential_is_measured_plus_difference(table):
    good = table[table["status"] == "ok"]
    np.testing.assert_allclose(good["E_red_measured"], -1.1)
    np.testing.assert_allclose(good["E_red_anchored"], -1.1 + good["E_red_difference"])
    half = (good["E_red_difference_upper"] - good["E_red_difference_lower"]) / 2
    wider = (good["E_red_anchored_upper"] - good["E_red_anchored_lower"]) / 2
    assert wider[0] > half[0] > 0  # measured in another solvent
    assert table["E_red_difference"][2] == 0


def test_unreadable_molecule_keeps_its_row(table):
    assert table["status"].tolist() == ["ok", "not a valid SMILES", "ok", "ok"]
    assert table["row"].tolist() == [0, 1, 2, 3]
    assert table["smiles"].tolist() == [CHLORANIL, "junk", BQ, "AQ"]
    assert table["note"][3] == "9,10-anthraquinone (AQ) in the table of measured potentials"
    assert np.isnan(table["E_red"][1])
    assert table["structure"][1] == table["E_red_remark"][1] == ""


def test_table_of_unreadable_molecules(models, tmp_path):
    table = compare(models, ["junk"], "AQ")
    assert table["E_red"].isna().all()
    assert "junk: not a valid SMILES" in as_text(table, ["E_red"], 0.9, Screen())
    assert '"E_red_contributions": null' in comparison_json(table)
    write_comparison(table, tmp_path / "out.parquet")
