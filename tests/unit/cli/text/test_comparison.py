"""A comparison as text, JSON and file."""

import pandas as pd
import pytest

from organode.cli.text.comparison import as_text, write_comparison
from organode.compare import compare
from organode.settings import Screen
from organode.utils.tables import read_csv
from rule_model import BQ, CHLORANIL, MEASURED, MeasuredScale, RuleModel


@pytest.fixture(scope="module")
def models():
    return [RuleModel("EA", MeasuredScale.of(MEASURED))]


@pytest.fixture(scope="module")
def table(models):
    return compare(models, [CHLORANIL, "junk", BQ, "AQ"], "BQ", level=0.5, electrode="Fc/Fc+")


def test_text_merges_equal_fragments(table):
    lines = as_text(table, ["E_red"], 0.9, Screen()).splitlines()
    assert lines[0] == f"reference: 1,4-benzoquinone (BQ) {BQ}"
    assert "measured -1.10 V (reversible, in DMF; doi 10.1/x)" in lines[1]
    assert f"  {CHLORANIL}: +0.80 = +0.80 (4 *Cl) +0.00 (core)" in lines
    assert not any("-0.00" in line for line in lines)


def test_files_hold_contributions_as_json(table, tmp_path):
    write_comparison(table, tmp_path / "out.csv")
    write_comparison(table, tmp_path / "out.parquet")
    read = read_csv(tmp_path / "out.csv"), pd.read_parquet(tmp_path / "out.parquet")
    for each in read:
        assert list(each.columns) == list(table.columns)
        assert '"fragment": "*Cl"' in each["E_red_contributions"][0]
    assert read[1]["E_red_contributions"][1] == ""
