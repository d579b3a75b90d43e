"""Labels by other protocols, from tables of users."""

import numpy as np
import pytest

from organode.chem.reading.column import read_molecules
from organode.errors import UsageError
from organode.pipeline import other_labels as module
from organode.pipeline.other_labels import read_other_labels


def test_good_rows_are_read_and_bad_ones_are_named(tmp_path, capsys):
    table = tmp_path / "labels.csv"
    table.write_text(
        "smiles,cheap,better\nOCC,1.5,\nC1CC,2,3\nF[C@H](Cl)Br,n/a,\u22122.5\nc1ccccc1,nine,4 eV\n"
    )
    smiles, labels = read_other_labels(table, ["better", "cheap"], "pretrain.tables")
    assert smiles == ["CCO", "FC(Cl)Br", "c1ccccc1"]
    np.testing.assert_array_equal(labels, [[np.nan, 1.5], [-2.5, np.nan], [4.0, np.nan]])
    said = " ".join(capsys.readouterr().err.split())
    assert "1 rows cannot be read, such as row 1: not a valid SMILES" in said
    assert "1 rows have a label that is not a number, such as row 3: 'nine'" in said


def test_standardised_structures_are_not_standardised_again(tmp_path, monkeypatch):
    table = tmp_path / "labels.csv"
    table.write_text("smiles,cheap\nCCO,1\nC1CC,2\nOCC,3\n")
    read = []

    def spied(structures, problems):
        read.extend(structures)
        return read_molecules(structures, problems)

    monkeypatch.setattr(module, "read_molecules", spied)
    smiles, labels = read_other_labels(table, ["cheap"], "pretrain.tables", {"CCO"})
    assert read == ["C1CC", "OCC"]
    assert (smiles, labels[:, 0].tolist()) == (["CCO", "CCO"], [1.0, 3.0])


@pytest.mark.parametrize(
    ("text", "why"), [("smiles,other\nC,1\n", "cheap"), ("smiles,cheap\n?,1\n", "no molecule")]
)
def test_useless_table_is_refused(tmp_path, text, why):
    (tmp_path / "labels.csv").write_text(text)
    with pytest.raises(UsageError, match=why):
        read_other_labels(tmp_path / "labels.csv", ["cheap"], "calibrate.held_out")


def test_rows_that_are_not_wanted_are_not_read(tmp_path, capsys):
    path = tmp_path / "labels.csv"
    path.write_text("smiles,IE_gfn2\nCCO,8.5\nno molecule,1\nCCN,8.0\nCCC,9.0\n")
    wanted = np.array([False, False, True, True])
    smiles, labels = read_other_labels(path, ["IE_gfn2"], "setting", among=lambda _cells: wanted)
    assert (smiles, labels[:, 0].tolist()) == (["CCN", "CCC"], [8.0, 9.0])
    assert capsys.readouterr().err == ""
