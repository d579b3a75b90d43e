import numpy as np
import pandas as pd

from organode.curate.diff.compare import compare
from organode.curate.diff.show import Line, summary

NAN = np.nan
OLD = pd.DataFrame(
    {
        "row": [0, 1, 2, 3, 4, 5],
        "smiles": ["C", "CC", "CCC", "CCO", "CO", "C[N+](=O)[O-]"],
        "IE": [12.0, 11.5, 11.0, NAN, 10.0, 9.0],
        "EA": [-3.0, -2.5, NAN, -1.0, 0.5, 1.0],
        "reference": ["absolute", "absolute", "li", "li", "li", "absolute"],
    }
)


def changed(**columns):
    return OLD.assign(**columns)


def lines(old: pd.DataFrame, new: pd.DataFrame) -> dict[str, Line]:
    return {line.change: line for line in summary(compare(old, new))}


def test_equal_tables_have_no_changes():
    difference = compare(OLD, OLD.copy())
    assert difference.changes.empty
    assert (difference.moved, difference.new_columns, difference.lost_columns) == (0, [], [])
    assert summary(difference) == []


def test_rounding_and_order_of_rows_are_not_changes():
    assert compare(OLD, changed(IE=OLD["IE"] + 5e-7).iloc[::-1]).changes.empty


def test_added_and_removed_molecules_are_listed_although_row_numbers_shift():
    ammonia = {"row": [0], "smiles": ["N"], "IE": [10.8], "EA": [NAN], "reference": ["li"]}
    shifted = OLD.assign(row=OLD["row"] + 1).drop(index=[1])
    new = pd.concat([pd.DataFrame(ammonia), shifted])
    difference = compare(OLD, new)
    changes = difference.changes.set_index("smiles")
    assert changes["change"].to_dict() == {"CC": "gone", "N": "added"}
    assert changes.loc["CC", ["row_before", "IE_before", "EA_before"]].tolist() == [1, 11.5, -2.5]
    assert changes.loc["CC", ["row_after", "IE_after", "EA_after"]].isna().all()
    assert changes.loc["N", "IE_after"] == 10.8
    assert difference.moved == 5
    assert lines(OLD, new)["added"].examples == ["N"]


def test_changed_reference_is_listed_beside_changed_label():
    new = changed(
        reference=["absolute", "li", "li", "absolute", "li", "absolute"],
        IE=[12.0, 10.1, 11.0, NAN, 10.0, 9.0],
    )
    changes = compare(OLD, new).changes.set_index("smiles")
    assert changes["columns"].to_dict() == {"CC": "IE;reference", "CCO": "reference"}
    line = lines(OLD, new)["reference changed"]
    assert (line.rows, line.examples) == (2, ["CC absolute → li", "CCO li → absolute"])
    assert np.isnan(line.mean)


def test_rewritten_smiles_is_neither_removed_nor_added():
    """As after an update of RDKit; the same row number with other labels is another molecule."""
    smiles = ["C", "CC", "CCC", "OCC", "SC", "CN(=O)=O"]
    new = changed(smiles=smiles, IE=[12.0, 11.5, 11.0, NAN, 7.0, 9.0])
    changes = compare(OLD, new).changes.set_index("smiles")
    assert changes["change"].to_dict() == {
        "OCC": "rewritten",
        "CN(=O)=O": "rewritten",
        "SC": "added",
        "CO": "gone",
    }
    assert changes.loc["OCC", "smiles_before"] == "CCO"
    examples = lines(OLD, new)["SMILES rewritten"].examples
    assert examples == ["C[N+](=O)[O-] → CN(=O)=O", "CCO → OCC"]


def test_new_and_lost_columns_are_named_and_are_not_changes():
    difference = compare(OLD.drop(columns="reference"), OLD.assign(n_merged=1))
    assert difference.changes.empty
    assert difference.new_columns == ["reference", "n_merged"]
    assert compare(OLD, OLD[["row", "smiles", "IE", "EA"]]).lost_columns == ["reference"]


def test_repeated_and_missing_smiles_of_a_raw_table_are_matched():
    smiles = ["C", "C", None, None, "CC"]
    old = pd.DataFrame(
        {"row": range(5), "smiles": smiles, "IE": [1.0, 2.0, 3.0, NAN, 5.0], "EA": NAN}
    )
    assert compare(old, old).changes.empty
    changes = compare(old, old.assign(IE=[1.0, 2.5, 3.0, NAN, 5.0])).changes
    assert changes[["smiles", "IE_before", "IE_after"]].values.tolist() == [["C", 2.0, 2.5]]
    changes = compare(old, old.drop(index=1)).changes
    assert changes[["change", "smiles", "row_before"]].values.tolist() == [["gone", "C", 1]]


def test_integers_are_written_as_integers(tmp_path):
    old = OLD.assign(n_merged=1)
    compare(old, old.drop(index=0).assign(n_merged=2)).changes.to_csv(tmp_path / "a.csv")
    text = (tmp_path / "a.csv").read_text()
    assert ",0,,12.0,," in text
    assert text.count(",1,2") == 5
