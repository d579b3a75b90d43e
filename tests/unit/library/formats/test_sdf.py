"""SDF: titles and data items."""

import pytest
from rdkit import Chem

from library_files import read, read_cells, write
from organode.errors import UsageError
from organode.library.columns import Wanted
from organode.library.stream import Library


def record(smiles, title="", tag="ID", **items):
    block = Chem.MolToMolBlock(Chem.MolFromSmiles(smiles)) if smiles else "\n\n\nx\nM  END\n"
    lines = block.split("\n")
    lines[0] = title
    data = "".join(f">  <{name}>  ({tag})\n{value}\n\n" for name, value in items.items())
    return "\n".join(lines) + data + "$$$$\n"


def test_titles_become_names_and_data_items_columns(tmp_path):
    text = record("CCO", "first", note="a\nb", Name="n") + record("", "broken", extra="y")
    text += record("CCN", "", Name="third <x>")
    library = Library.find([str(write(tmp_path, "a.sdf", text))], Wanted(), tmp_path)
    (chunk,) = library.chunks(columns=True)
    assert chunk.ids == ("first", "broken", "third <x>")
    assert chunk.smiles == ("CCO", "", "CCN")
    assert [bool(problem) for problem in chunk.problems] == [False, True, False]
    assert chunk.columns.to_pydict() == {
        "note": ["a\nb", "", ""],
        "Name": ["n", "", "third <x>"],
        "extra": ["", "y", ""],
    }


def test_data_items_of_any_name_are_read(tmp_path):
    more = ">  <HPLC>\n>95 <area>\n\n>  <HPLC>\nagain\n\n>  <smiles>\nOCC\n\n>  <CAS>"
    text = record("CCO", "Untitled", CAS="64-17-5") + record("CCN", "Untitled")
    text = text.replace(">  <CAS>", more, 1)
    path = write(tmp_path, "a.sdf", text)
    (chunk,) = Library.find([str(path)], Wanted(), tmp_path).chunks(columns=True)
    assert chunk.columns.to_pydict() == {
        "HPLC": [">95 <area>\nagain", ""],
        "smiles": ["OCC", ""],
        "CAS": ["64-17-5", ""],
    }
    assert [row[0] for row in read(path, Wanted(id="CAS"))] == ["64-17-5", "1"]


def test_sdf_under_another_extension_is_rejected(tmp_path):
    with pytest.raises(UsageError, match="is an SDF"):
        read(write(tmp_path, "a.smi", record("CCO", "ethanol")))


@pytest.mark.parametrize("line", [">\t<IE>", "> <IE>", "><IE>", ">  7\t<IE> (1)", ">\u00a0<IE>"])
def test_data_item_is_found_with_any_spacing(tmp_path, line):
    block = Chem.MolToMolBlock(Chem.MolFromSmiles("C"))
    (row,) = read_cells(write(tmp_path, "a.sdf", f"{block}{line}\n8.1\n\n$$$$\n"))
    assert row[1:] == ["8.1"]
