import pandas as pd
import pytest
from rdkit import Chem

from organode.electrochemistry.scale.names import MeasuredNames
from rule_model import AQ, BQ, MEASURED


@pytest.fixture(scope="module")
def names():
    table = pd.DataFrame(MEASURED, columns=["name", "smiles", "solvent", "reversible", "volts"])
    return MeasuredNames([table.head(3), table.tail(len(table) - 3)])


@pytest.mark.parametrize("text", ["AQ", "aq", "9,10-Anthraquinone", " 9,10-anthraquinone  (AQ) "])
def test_name_is_found_however_it_is_written(text, names):
    assert names.find(text) == {AQ: "9,10-anthraquinone (AQ)"}


def test_structures_are_read_before_names_and_ambiguous_names_not_at_all(names):
    cells = [BQ, "bq", "TW", "nonsense", "", None, 7, "AQ"]
    molecules, statuses, notes = names.read(cells, [""] * 7 + ["a quote is not closed"])
    found = [molecule and Chem.MolToSmiles(molecule) for molecule in molecules]
    assert found == [BQ, BQ, None, None, None, None, None, None]
    assert statuses[:2] == ["ok", "ok"]
    assert all(status != "ok" for status in statuses[2:])
    assert statuses[7] == "a quote is not closed"
    assert notes[:2] == ["", "1,4-benzoquinone (BQ) in the table of measured potentials"]
