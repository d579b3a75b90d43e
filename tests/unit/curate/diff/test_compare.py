import numpy as np
import pandas as pd
import pytest

from organode.curate.diff.compare import compare
from organode.curate.diff.show import show, summary
from organode.curate.diff.version import Version

NAN = np.nan
OLD = pd.DataFrame({
    "row": [0, 1, 2, 3, 4, 5],
    "smiles": ["C", "CC", "CCC", "CCO", "CO", "C[N+](=O)[O-]"],
    "IE": [12.0, 11.5, 11.0, NAN, 10.0, 9.0],
    "EA": [-3.0, -2.5, NAN, -1.0, 0.5, 1.0],
    "reference": ["absolute", "absolute", "li", "li", "li", "absolute"],
})  # fmt: skip


def changed(**columns):
    return OLD.assign(**columns)


def lines(old, new):
    return {line.change: line for line in summary(compare(old, new))}


def test_the_same_table_has_no_changes():
    difference = compare(OLD, OLD.copy())
    assert difference.changes.empty
    assert (difference.moved, difference.new_columns, difference.lost_columns) == (0, [], [])
    assert summary(difference) == []


def test_rounding_and_the_order_of_rows_are_no_changes():
    assert compare(OLD, changed(IE=OLD["IE"] + 5e-7).iloc[::-1]).changes.empty


def test_molecules_that_came_and_went_are_listed_though_all_row_numbers_move():
    new = pd.concat([
        pd.DataFrame({"row": [0], "smiles": ["N"], "IE": [10.8], "EA": [NAN],
                      "reference": ["li"]}),
        OLD.assign(row=OLD["row"] + 1).drop(index=[1]),
    ])  # fmt: skip
    difference = compare(OLD, new)
    changes = difference.changes.set_index("smiles")
    assert changes["change"].to_dict() == {"CC": "gone", "N": "added"}
    assert changes.loc["CC", ["row_before", "IE_before", "EA_before"]].tolist() == [1, 11.5, -2.5]
    assert changes.loc["CC", ["row_after", "IE_after", "EA_after"]].isna().all()
    assert changes.loc["N", "IE_after"] == 10.8
    assert difference.moved == 5
    assert lines(OLD, new)["added"].examples == ["N"]


def test_changed_labels_have_mean_largest_and_the_largest_as_examples():
    new = changed(IE=[12.1, 11.5, 11.4, 9.9, NAN, 9.02])
    found = lines(OLD, new)
    assert set(found) == {"IE changed, eV", "IE new", "IE lost"}
    line = found["IE changed, eV"]
    assert line.rows == 3
    assert line.mean == pytest.approx((0.1 + 0.4 + 0.02) / 3)
    assert line.largest == pytest.approx(0.4)
    assert line.examples[0] == "CCC 11.0000 → 11.4000"
    assert found["IE new"].examples == ["CCO 9.9000"]
    assert found["IE lost"].examples == ["CO 10.0000"]
    difference = compare(OLD, new)
    assert set(difference.changes["columns"]) == {"IE"}
    assert len(difference.changes) == 5


def test_a_changed_reference_is_seen_beside_a_changed_label():
    new = changed(
        reference=["absolute", "li", "li", "absolute", "li", "absolute"],
        IE=[12.0, 10.1, 11.0, NAN, 10.0, 9.0],
    )
    changes = compare(OLD, new).changes.set_index("smiles")
    assert changes["columns"].to_dict() == {"CC": "IE;reference", "CCO": "reference"}
    line = lines(OLD, new)["reference changed"]
    assert (line.rows, line.examples) == (2, ["CC absolute → li", "CCO li → absolute"])
    assert np.isnan(line.mean)


def test_the_same_molecule_under_another_smiles_is_neither_gone_nor_new():
    """As after an update of RDKit; a molecule that took another's row number is another one."""
    new = changed(smiles=["C", "CC", "CCC", "OCC", "SC", "CN(=O)=O"],
                  IE=[12.0, 11.5, 11.0, NAN, 7.0, 9.0])  # fmt: skip
    changes = compare(OLD, new).changes.set_index("smiles")
    assert changes["change"].to_dict() == {
        "OCC": "rewritten", "CN(=O)=O": "rewritten", "SC": "added", "CO": "gone",
    }  # fmt: skip
    assert changes.loc["OCC", "smiles_before"] == "CCO"
    examples = lines(OLD, new)["SMILES rewritten"].examples
    assert examples == ["C[N+](=O)[O-] → CN(=O)=O", "CCO → OCC"]


def test_columns_that_only_one_version_has_are_named_and_change_nothing():
    difference = compare(OLD.drop(columns="reference"), OLD.assign(n_merged=1))
    assert difference.changes.empty
    assert difference.new_columns == ["reference", "n_merged"]
    assert compare(OLD, OLD[["row", "smiles", "IE", "EA"]]).lost_columns == ["reference"]


def test_repeats_and_rows_without_smiles_as_in_a_raw_table():
    old = pd.DataFrame({
        "row": range(5), "smiles": ["C", "C", None, None, "CC"],
        "IE": [1.0, 2.0, 3.0, NAN, 5.0], "EA": NAN,
    })  # fmt: skip
    assert compare(old, old).changes.empty
    changes = compare(old, old.assign(IE=[1.0, 2.5, 3.0, NAN, 5.0])).changes
    assert changes[["smiles", "IE_before", "IE_after"]].values.tolist() == [["C", 2.0, 2.5]]
    changes = compare(old, old.drop(index=1)).changes
    assert changes[["change", "smiles", "row_before"]].values.tolist() == [["gone", "C", 1]]


def test_whole_numbers_stay_whole_in_the_list(tmp_path):
    old = OLD.assign(n_merged=1)
    compare(old, old.drop(index=0).assign(n_merged=2)).changes.to_csv(tmp_path / "a.csv")
    text = (tmp_path / "a.csv").read_text()
    assert ",0,,12.0,," in text
    assert text.count(",1,2") == 5


def test_nothing_is_cut_or_taken_for_markup_in_a_pipe(capsys):
    long = "C[N+](=O)[O-]" + "C" * 300
    new = pd.concat([OLD, pd.DataFrame({"row": [9], "smiles": [long], "IE": [1.0]})])
    show("a", Version("v1", "x", OLD), Version("workspace", "y", new), compare(OLD, new))
    output = capsys.readouterr().out
    assert long in output
    assert "v1         md5 x  6 rows" in output


def test_it_says_so_when_nothing_differs(capsys):
    versions = Version("v1", "x", OLD), Version("v2", "x", OLD)
    show("a", *versions, compare(OLD, OLD))
    assert "identical" in capsys.readouterr().out
    show("a", versions[0], Version("v2", "y", OLD), compare(OLD, OLD))
    assert "no molecule, label or other value differs" in capsys.readouterr().out
