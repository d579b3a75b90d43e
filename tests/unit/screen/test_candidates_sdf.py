"""`candidates.sdf` holds every column of a library, whatever its name."""

import pandas as pd
import pytest
from rdkit import Chem

from organode.screen.shortlist.outputs import _sdf


@pytest.mark.parametrize(
    ("names", "items"),
    [
        (["<>"], ["column"]), ([">", "< <", "_"], ["column", "column_given", "column_given_given"]),
        (["_Name"], ["Name"]), (["_Name", "Name"], ["Name", "Name_given"]),
        (["a<b", "a b", "a>b"], ["a b", "a b_given", "a b_given_given"]),
        (["<rank>", "_structure"], ["rank_given", "structure_given"]),
        (["__MolFileInfo", "ok"], ["MolFileInfo", "ok"]), (["line\nend"], ["line end"]),
    ],
)  # fmt: skip
def test_own_columns_of_any_name_keep_their_values(tmp_path, names, items):
    values = {name: [f"value {at}"] for at, name in enumerate(names)}
    table = pd.DataFrame({"rank": [1], "id": ["title"], **values, "structure": ["CCO"]})
    _sdf(table, set(names), tmp_path / "a.sdf")
    (molecule,) = Chem.SDMolSupplier(str(tmp_path / "a.sdf"))
    assert molecule.GetProp("_Name") == "title"
    assert molecule.GetProp("rank") == "1"
    assert [molecule.GetProp(item) for item in items] == [value[0] for value in values.values()]


@pytest.mark.parametrize("value", ["$$$$", "> <IE>", ">  <a> (1)", "a\n\n> <b>"])
def test_a_value_ends_no_record_and_begins_no_item(tmp_path, value):
    table = pd.DataFrame({"id": ["a", "b"], "x": [value, "1"], "structure": ["CCO", "C"]})
    _sdf(table, {"x"}, tmp_path / "a.sdf")
    from organode.library.columns import Wanted
    from organode.library.formats import AS_FOUND
    from organode.library.stream import open_table

    with open_table(tmp_path / "a.sdf", Wanted(), AS_FOUND) as opened:
        assert opened.layout.header[1:] == ("id", "x", "structure")
        assert [row[0] for row in opened.rows] == ["a", "b"]
