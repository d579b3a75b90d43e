"""Tables of candidates: SDF with columns of any name."""

import pandas as pd
import pytest
from rdkit import Chem

from organode.chem.drawing import draw
from organode.library.columns import Wanted
from organode.library.formats import DEFAULT_OPTIONS
from organode.library.stream import open_table
from organode.screening.criteria.filters import refusals
from organode.screening.engine.scoring import scored_structure
from organode.screening.report.outputs import write_sdf
from organode.settings import Filter


@pytest.mark.parametrize(
    ("names", "items"),
    [
        (["<>"], ["column"]),
        ([">", "< <", "_"], ["column", "column_given", "column_given_given"]),
        (["_Name"], ["Name"]),
        (["_Name", "Name"], ["Name", "Name_given"]),
        (["a<b", "a b", "a>b"], ["a b", "a b_given", "a b_given_given"]),
        (["<rank>", "_structure"], ["rank_given", "structure_given"]),
        (["__MolFileInfo", "ok"], ["MolFileInfo", "ok"]),
        (["line\nend"], ["line end"]),
    ],
)
def test_own_columns_of_any_name_keep_their_values(tmp_path, names, items):
    values = {name: [f"value {at}"] for at, name in enumerate(names)}
    table = pd.DataFrame({"rank": [1], "id": ["title"], **values, "structure": ["CCO"]})
    write_sdf(table, set(names), tmp_path / "a.sdf")
    (molecule,) = Chem.SDMolSupplier(str(tmp_path / "a.sdf"))
    assert molecule.GetProp("_Name") == "title"
    assert molecule.GetProp("rank") == "1"
    assert [molecule.GetProp(item) for item in items] == [value[0] for value in values.values()]


@pytest.mark.parametrize("value", ["$$$$", "> <IE>", ">  <a> (1)", "a\n\n> <b>"])
def test_value_ends_no_record_and_begins_no_item(tmp_path, value):
    table = pd.DataFrame({"id": ["a", "b"], "x": [value, "1"], "structure": ["CCO", "C"]})
    write_sdf(table, {"x"}, tmp_path / "a.sdf")
    with open_table(tmp_path / "a.sdf", Wanted(), DEFAULT_OPTIONS) as opened:
        assert opened.layout.header[1:] == ("id", "x", "structure")
        assert [row[0] for row in opened.rows] == ["a", "b"]


def test_changed_structures_are_filtered_drawn_and_written(tmp_path):
    inchi = "InChI=1S/C6H4O2/c7-5-1-2-6(8)4-3-5/h1-4H"
    cells = ["[Cl-].[NH3+]CCBr", inchi, "CC(=O)O[Na]", "*CCO"]
    notes = ("salt", "", "salt", "repeat unit")
    structures = [
        scored_structure(cell, note, "methyl") for cell, note in zip(cells, notes, strict=True)
    ]
    bromine = Filter(avoid_elements=("Br",))
    assert refusals(bromine, structures, pd.DataFrame()) == ["contains Br", "", "", ""]
    assert all("<svg" in draw(structure) for structure in structures)
    table = pd.DataFrame({"id": list("abcd"), "smiles": cells, "structure": structures})
    write_sdf(table, set(), tmp_path / "candidates.sdf")
    molecules = Chem.SDMolSupplier(str(tmp_path / "candidates.sdf"))
    written = [Chem.MolToSmiles(molecule) for molecule in molecules]
    assert written == ["NCCBr", "O=C1C=CC(=O)C=C1", "CC(=O)O", "CCCO"]
