"""Couples with known reversibility."""

import pandas as pd
import pytest

from helpers import ROOT
from organode.electrochemistry.stability import OXIDISED, REDUCED
from organode.electrochemistry.stability.couples import KEPT, read_couples
from organode.errors import OrganodeError, UsageError

POTENTIALS = ROOT / "data/measured/potentials.csv"
LITERATURE = ROOT / "data/measured/reversibility.csv"


@pytest.fixture(scope="module")
def couples():
    return read_couples(POTENTIALS, LITERATURE)


def test_couples_are_first_waves_of_different_species(couples):
    assert list(couples.columns) == list(KEPT)
    assert not couples.duplicated(["smiles", "side"]).any()
    for side in (OXIDISED, REDUCED):
        assert couples.loc[couples["side"] == side, "reversible"].value_counts().min() >= 40


def test_couple_in_several_rows_is_reversible_if_any_row_says_so(tmp_path):
    file = tmp_path / "own.csv"
    seen = [("c1ccccc1", "no", ""), ("c1ccccc1", "quasi", ""), ("CCO", "yes", "not re-read")]
    rows = pd.DataFrame(seen, columns=["smiles", "reversible", "evidence"])
    rows.assign(name="", side=OXIDISED, citation="us").to_csv(file, index=False)
    result = read_couples(POTENTIALS, file).query("origin == 'literature'")
    assert result[["smiles", "reversible"]].to_numpy().tolist() == [["c1ccccc1", True]]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"reversible": "maybe"}, "row 0: side 'oxidised', reversible 'maybe'"),
        ({"side": "left"}, "row 0: side 'left'"),
        ({"smiles": "C1CC("}, "row 0: 'C1CC\\('"),
    ],
)
def test_invalid_row_is_named(tmp_path, change, words):
    row = {"name": "x", "smiles": "CCO", "side": OXIDISED, "reversible": "no", "citation": "us"}
    pd.DataFrame([row | change]).to_csv(tmp_path / "own.csv", index=False)
    with pytest.raises(UsageError, match=words):
        read_couples(POTENTIALS, tmp_path / "own.csv")


def test_missing_table_or_column_is_named(tmp_path):
    with pytest.raises(OrganodeError, match="is missing"):
        read_couples(POTENTIALS, tmp_path / "none.csv")
    (tmp_path / "own.csv").write_text("name,smiles\nx,CCO\n")
    with pytest.raises(OrganodeError, match="no column side, reversible, citation"):
        read_couples(POTENTIALS, tmp_path / "own.csv")
