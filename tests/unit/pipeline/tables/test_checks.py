"""Schemas of the tables between stages: what is accepted, and how an error is told."""

import re

import numpy as np
import pandas as pd
import pytest

from organode.chem.orbitals.huckel import NAMES
from organode.errors import OrganodeError
from organode.pipeline.tables.checks import (
    check,
    check_accounts,
    check_features_cover,
    check_splits_cover,
)
from organode.pipeline.tables.schemas import MADE_BY, SCHEMAS

NAN = np.nan
REFERENCE = {"reference": "li", "reference_confidence": 0.9}
TABLES = {
    "raw": pd.DataFrame({
        "row": [0, 1, 2], "smiles": ["CCO", None, "junk"],
        "IE": [9.0, 99.0, NAN], "EA": [1.0, NAN, NAN], "problem": [None, None, "4 cells"],
        "unread": [None, "EA 'x' is not a number", None],
    }),
    "curated": pd.DataFrame({
        "row": [0, 4, 2], "smiles": ["CCO", "CO", "CC"], "IE": [9.0, NAN, 8.0],
        "EA": [-1.0, 0.5, NAN],
        "reference": "li", "reference_confidence": [0.9, 1.0, NAN],
        "quality": ["ok", "a", "a; b c"], "repair": ["", "a", "a; b c"], "n_merged": [1, 1, 2],
        "IE_spread": [NAN, NAN, 0.0], "EA_spread": [NAN, NAN, 0.2],
    }),
    "rejected": pd.DataFrame({
        "row": [1], "input": ["junk"], "reason": ["not a valid SMILES"], **REFERENCE,
    }),
    "merged": pd.DataFrame({"row": [3], "into": [2], "smiles": ["CC"], **REFERENCE}),
    "splits": pd.DataFrame({
        "row": [0, 4, 2], "split": ["outer", "fold", "fold"],
        "fold": pd.array([None, 0, 1], "Int64"),
    }),
    "features": pd.DataFrame({
        "position": np.array([0, 0, 1], np.int32), "radius": np.array([0, 1, 0], np.uint8),
        "identifier": np.array([9, 5, 5], np.uint32), "count": np.array([1, 2, 1], np.uint16),
        "HOMO": np.array([1, 0.4, 1], np.float32), "LUMO": np.array([0, 1, 0.2], np.float32),
    }),
    "orbitals": pd.DataFrame(
        [np.linspace(1, -1, len(NAMES))] * 2, columns=list(NAMES), dtype=np.float32
    ).assign(**{"HOMO energy": np.float32(1), "LUMO energy": np.float32(-1)}),
    "predictions": pd.DataFrame({
        "row": [0, 4], "smiles": ["CCO", "CO"], "fold": [-1, 0], "label": [9.0, 8.0],
        "out_of_fold": [NAN, 8.1], "outer": [9.1, NAN], "whole_set": [9.1, 8.0],
        "flagged": [False, True], "family": ["nitro", "none of these"],
        "beside": [1.0, NAN], "quantile": [0.4, NAN],
        "lower": [8.9, NAN], "upper": [9.3, NAN], "expected": [0.1, NAN],
        "similarity": [0.4, NAN], "in_domain": pd.array([True, None], "boolean"),
    }),
}  # fmt: skip


def test_small_tables_are_accepted():
    assert set(TABLES) == set(SCHEMAS)
    for name, table in TABLES.items():
        check(table, name)
        check(table.iloc[::-1].iloc[::-1].set_index(np.zeros(len(table))), name)
    check(TABLES["raw"].assign(reference=["li", "nonsense", None]), "raw")


def test_empty_tables_are_accepted(tmp_path):
    for name in ("rejected", "merged"):
        empty = TABLES[name].head(0)
        check(pd.DataFrame([], columns=empty.columns), name)
        empty.to_csv(tmp_path / "a.csv", index=False)
        check(pd.read_csv(tmp_path / "a.csv"), name)


@pytest.mark.parametrize(
    ("name", "change", "text"),
    [
        ("raw", {"row": [1, 2, 3]}, "'row' must be 0, 1, 2 …, but is not in 3 rows, first row 1"),
        ("raw", {"smiles": ["CCO", " ", "C"]}, "'smiles' must be text that is not blank"),
        ("raw", {"IE": [np.inf, 1.0, NAN]}, "'IE' must be a finite number, .* first row 0: inf"),
        ("raw", {"EA": ["1", "2", "3"]}, "'EA' holds .*, not float64"),
        ("raw", {"note": 1}, "'note' is none of its columns"),
        ("curated", {"row": [0, 4, 0]}, "'row' repeats a value in 2 rows, first row 0: 0"),
        ("curated", {"row": [0, -1, 2]}, "'row' must be a whole number from 0"),
        ("curated", {"row": [0.0, 4.0, 2.0]}, "'row' holds float64, not int64"),
        ("curated", {"smiles": ["CCO", "CC", "CC"]}, "'smiles' repeats a value in 2 rows.*: CC"),
        ("curated", {"smiles": ["CCO", None, "CC"]}, "'smiles' is empty in 1 row, first row 4"),
        ("curated", {"IE": [9.0, 250.0, 8.0]}, "from -5 to 30 eV.* 1 row, first row 4: 250.0;"),
        ("curated", {"EA": [-27.0, 9.0, 1.0]}, "'EA'.*-15 to 20 eV.*curate.EA_bounds"),
        ("curated", {"EA": [-1.0, NAN, NAN]}, "every row has IE or EA, but not 1 row, first row 4"),
        ("curated", {"IE": None}, "'IE' holds object, not float64"),
        ("curated", {"reference": ["li", "SHE", "li"]}, "'absolute' or 'li'.*first row 4: SHE"),
        ("curated", {"reference": ["li", None, "li"]}, "'reference' is empty"),
        ("curated", {"reference_confidence": [0.1, 0.2, 1.5]}, "from 0 to 1.*row 2: 1.5"),
        ("curated", {"quality": ["ok", "a; ; b", "a"]}, "flags separated by .*row 4: a; ; b"),
        ("curated", {"quality": ["ok", None, "a"]}, "'quality' is empty"),
        ("curated", {"repair": ["", None, "a"]}, "'repair' is empty"),
        ("curated", {"note": 1}, "'note' is none of its columns"),
        ("curated", {"n_merged": [1, 0, 1]}, "'n_merged' must be 1 or more.*row 4: 0"),
        ("curated", {"IE_spread": [0.0, -0.1, NAN]}, "'IE_spread' must be 0 or more.*: -0.1"),
        ("rejected", {"reason": [""]}, "'reason' must be text"),
        ("rejected", {"row": [1.5]}, "'row' must be a whole number from 0.*: 1.5"),
        ("merged", {"into": [-2]}, "'into' must be a whole number"),
        ("splits", {"split": ["outer", "test", "fold"]}, "'outer' or 'fold'.*first row 4: test"),
        ("splits", {"fold": pd.array([None, -1, 1], "Int64")}, "'fold' must be 0 or more"),
        ("splits", {"fold": pd.array([1, 0, 1], "Int64")}, "in the test set or has a fold.*row 0"),
        ("features", {"count": np.array([1, 0, 1], np.uint16)}, "'count' must be 1 or.*line 1: 0"),
        ("features", {"position": np.array([1, 0, 1], np.int32)}, "rows ascend .*first line 1"),
        ("features", {"radius": np.array([0, 0, 0], np.uint8)}, "rows ascend .*first line 1"),
        (
            "features",
            {"HOMO": np.array([1, 1.1, 0], np.float32)},
            "'HOMO' must be from 0 to 1.*1.1",
        ),
        (
            "orbitals",
            {"hardness": np.array([1, np.inf], np.float32)},
            "'hardness' must be a finite",
        ),
        ("orbitals", {"LUMO energy": np.array([0, 2], np.float32)}, "HOMO is bound .* line 1"),
        ("features", {"identifier": [9, 5, 5]}, "'identifier' holds int64, not uint32"),
        ("predictions", {"whole_set": [NAN, 8.0]}, "'whole_set' is empty in 1 row, first row 0"),
        (
            "predictions",
            {"out_of_fold": [1.0, 1.0]},
            "have an out-of-fold prediction, but not 1 row",
        ),
    ],
)
def test_invalid_table_is_an_error_of_one_sentence(name, change, text):
    with pytest.raises(OrganodeError, match=text) as caught:
        check(TABLES[name].assign(**change), name)
    message = str(caught.value)
    assert message.startswith(f"the table '{name}' is not as it must be: ")
    assert "run `organode " in message
    assert "\n" not in message


@pytest.mark.parametrize("name", TABLES)
def test_missing_column_is_named(name):
    for column in TABLES[name].columns:
        with pytest.raises(OrganodeError, match=re.escape(f"column '{column}' is missing")):
            check(TABLES[name].drop(columns=column), name)


def tables(clean=(0, 4, 2), rejected=(1,), merged=(3,), into=2):
    return (
        TABLES["curated"].head(len(clean)).assign(row=clean),
        pd.DataFrame({"row": rejected}),
        pd.DataFrame({"row": merged, "into": into}),
    )


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({}, None),
        ({"rejected": ()}, "1 row in none of clean, rejected and merged, first row 1"),
        ({"rejected": (1, 9)}, "1 row not in the source, first row 9"),
        ({"rejected": (1, 4)}, "1 row in two of clean, rejected and merged, first row 4"),
        ({"into": 1}, "1 row merged into no clean row, first row 3"),
    ],
)
def test_every_source_row_is_counted_exactly_once(change, text):
    source = pd.Series(range(5))
    if text is None:
        check_accounts(source, *tables(**change))
    else:
        with pytest.raises(OrganodeError, match=text):
            check_accounts(source, *tables(**change))


def test_splits_and_features_cover_the_curated_table():
    curated = TABLES["curated"]["row"]
    check_splits_cover(TABLES["splits"], curated)
    with pytest.raises(OrganodeError, match="first at position 1"):
        check_splits_cover(TABLES["splits"], curated.sort_values())
    with pytest.raises(OrganodeError, match="its 3 rows are not the 2 curated rows"):
        check_splits_cover(TABLES["splits"], curated.head(2))
    check_features_cover(TABLES["features"], 2)
    for n in (1, 3):
        with pytest.raises(OrganodeError, match=f"the first at position {min(n, 2)}"):
            check_features_cover(TABLES["features"], n)


def test_every_table_has_a_stage_that_makes_it():
    assert set(MADE_BY) == set(SCHEMAS)


def test_checked_table_is_not_changed():
    table = TABLES["curated"].set_index(np.array([7, 7, 9]))
    before = table.copy()
    check(table, "curated")
    pd.testing.assert_frame_equal(table, before)
