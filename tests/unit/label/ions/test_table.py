import pandas as pd
import pytest

from organode.errors import OrganodeError
from organode.label.engine import label_table
from organode.label.ions.table import KINDS, ions_path, read_ions
from organode.label.method import COLUMNS


def test_table_of_ions_is_written_beside_the_labels(tmp_path):
    out = tmp_path / "labels.csv"
    cells = ["CO", "no molecule", "C[n+]1ccccc1"]
    table = label_table(cells, out, solvent="acetonitrile", adiabatic=True, jobs=2)
    assert list(table.columns) == COLUMNS
    assert list(pd.read_csv(out).columns)[:2] == ["row", "smiles"]
    ions = read_ions(ions_path(out))
    assert ions_path(out) == tmp_path / "labels.ions.parquet"
    assert ions["row"].tolist() == [0, 0, 2, 2]
    assert ions["ion"].tolist() == [*KINDS] * 2
    assert ions["charge"].tolist() == [1, -1, 2, 0]
    assert ions["adiabatic"].notna().all()
    assert ions["charges"].map(len).tolist() == [2, 2, 7, 7]
    assert ions["deprotonated"].tolist() == [1, 1, 0, pd.NA]


def test_vertical_labels_have_no_table_of_ions(tmp_path):
    label_table(["CO"], tmp_path / "labels.csv", jobs=1)
    with pytest.raises(OrganodeError, match="run `organode label --adiabatic`"):
        read_ions(ions_path(tmp_path / "labels.csv"))
