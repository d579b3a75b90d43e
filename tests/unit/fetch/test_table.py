import numpy as np
import pandas as pd

from organode.artifacts import RAW_COLUMNS
from organode.fetch.table import make_table


def test_table_has_typed_columns_and_numbered_rows():
    table = make_table([" CCO ", None, ""], ["9", "x", None], [1.5, "y", 0], "neutral-minus-anion")
    assert table.columns.tolist() == RAW_COLUMNS
    assert table["row"].tolist() == [0, 1, 2]
    assert table["smiles"].isna().tolist() == [False, True, True]
    assert table["smiles"][0] == "CCO"
    assert table["unread"][1] == "IE 'x' is not a number; EA 'y' is not a number"
    assert table["unread"].isna().tolist() == [True, False, True]
    assert table["problem"].isna().all()


def test_sign_of_affinity_is_inverted_without_negative_zero():
    table = make_table(["C", "CC"], [9, 9], [2.5, 0], "anion-minus-neutral", ["", "torn"])
    assert table["EA"].tolist() == [-2.5, 0.0]
    assert not np.signbit(table["EA"][1])
    assert table["problem"].tolist() == [pd.NA, "torn"]
