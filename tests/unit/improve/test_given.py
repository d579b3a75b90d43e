"""Energies that people bring."""

import pandas as pd
import pytest

from organode.errors import UsageError
from organode.improve.given import compare_with_predictions, read_given


def write(path, text):
    path.write_text(text)
    return path


def test_every_row_has_a_status_and_good_energies_of_bad_rows_are_kept(tmp_path):
    path = write(
        tmp_path / "given.csv",
        "SMILES,IE,EA,note\n"
        "O=C1C=CC(=O)C=C1,8.1,3.0,mine\n"
        "not a molecule,8.0,1.0,\n"
        "c1ccccc1,nine,0.5,\n"
        "CCO,7.0,,\n"
        "C1=CC(=O)C=CC1=O,7.0,2.0,again\n"
        "CCN,800,,\n"
        "CCC,,,\n",
    )
    found = read_given(path)
    assert found["smiles"].tolist()[0] == "O=C1C=CC(=O)C=C1"
    assert found["IE"].notna().tolist() == [True, False, False, True, False, False, False]
    assert found["EA"].notna().tolist() == [True, False, True, False, False, False, False]
    status = found["status"].tolist()
    assert (status[0], status[3]) == ("ok", "ok")
    for row, why in ((2, "nine"), (4, "earlier row"), (5, "800"), (6, "neither IE nor EA")):
        assert why in status[row]
    assert status[1] != "ok"


@pytest.mark.parametrize("column", ["IE", "EA"])
def test_a_table_may_hold_one_energy(tmp_path, column):
    found = read_given(write(tmp_path / "given.csv", f"smiles,{column}\nCCO,3.0\n"))
    assert found[column].tolist() == [3.0]


def test_a_table_without_energies_is_refused(tmp_path):
    with pytest.raises(UsageError, match="EA"):
        read_given(write(tmp_path / "given.csv", "smiles,mass\nCCO,46\n"))


def test_energies_of_another_scale_are_refused_or_warned_of(capsys):
    given = pd.DataFrame({"IE": [8.0, 6.6], "EA": [1.0, 1.4], "status": ["ok", "ok"]})
    predicted = pd.DataFrame({"IE": [6.2, 6.5], "EA": [0.6, 0.9]})
    checked = compare_with_predictions(given, predicted)
    assert checked["IE"].isna().tolist() == [True, False]
    assert "IE is +1.80 eV off" in checked["status"][0]
    assert checked["status"][1] == "ok"
    assert "EA are +0.45 eV off" in capsys.readouterr().err
