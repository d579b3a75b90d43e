"""Molecules that are drawn, pasted or dropped on the page."""

import io

import pandas as pd
import pytest

from organode.app import molecules
from organode.app.molecules import Given, drawn_molecule, dropped_molecules, pasted_molecules
from organode.errors import UsageError


def test_pasted_column_is_one_molecule_a_line():
    given = pasted_molecules("CCO\tethanol\n\n  O=C1C=CC(=O)C=C1  \nanthraquinone\r\n")
    assert given.smiles == ["CCO", "O=C1C=CC(=O)C=C1", "anthraquinone"]
    assert given.names == ["ethanol", "O=C1C=CC(=O)C=C1", "anthraquinone"]
    assert given.problems == [""] * 3
    assert pasted_molecules("  \n") == Given([], [], [])


def test_nothing_drawn_is_no_molecule():
    assert drawn_molecule("").smiles == drawn_molecule(None).smiles == []
    assert drawn_molecule("CCO") == Given(["drawn"], ["CCO"], [""])


@pytest.mark.parametrize("ending", ["csv", "xlsx", "smi"])
def test_files_of_several_kinds_are_read(ending):
    table = pd.DataFrame({"name": ["a", "b"], "smiles": ["CCO", "CCN"]})
    content = io.BytesIO()
    if ending == "xlsx":
        table.to_excel(content, index=False)
    elif ending == "csv":
        table.to_csv(content, index=False)
    else:
        content.write(b"CCO a\nCCN b\n")
    given, number = dropped_molecules(f"my.file.{ending}", content.getvalue())
    assert (given.smiles, number) == (["CCO", "CCN"], 2)


def test_long_file_is_cut_and_all_its_rows_are_counted(monkeypatch):
    monkeypatch.setattr(molecules, "MOST", 3)
    given, number = dropped_molecules("a.smi", b"CCO\n" * 10)
    assert (len(given.smiles), number) == (3, 10)


def test_broken_file_is_one_sentence():
    with pytest.raises(UsageError):
        dropped_molecules("a.xlsx", b"no workbook")
    with pytest.raises(UsageError):
        dropped_molecules("a.csv", b"x,y\n1,2\n")
