"""Define schemas of the tables that pipeline stages write, and check tables against them.

A stage checks each table before it writes the table. The ranges in the schemas exclude only
impossible values; the stage `curate` rejects rows by narrower bounds. This module imports pandera,
which only the stages need, so other code should not import this module.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sized
from typing import Any

import numpy as np
import pandas as pd
from pandera.errors import SchemaError, SchemaErrorReason, SchemaErrors
from pandera.pandas import Check, Column, DataFrameSchema

from organode.chem.orbitals.huckel import NAMES as ORBITAL_NAMES
from organode.errors import OrganodeError


def _cellwise(rule: Callable[[Any], bool], words: str) -> Check:
    return Check(rule, element_wise=True, error=words)


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _is_row(value: object) -> bool:
    return isinstance(value, int | np.integer) and bool(value >= 0)


def _is_share(value: object) -> bool:
    return isinstance(value, int | float) and 0 <= value <= 1


def _are_flags(value: object) -> bool:
    return isinstance(value, str) and bool(re.fullmatch(r"[^;\s][^;]*(; [^;\s][^;]*)*", value))


def _number(
    low: float, high: float = np.inf, dtype: str = "float64", unit: str = "", **more: Any
) -> Column:
    words = f"from {low:g} to {high:g}{unit}" if np.isfinite(high) else f"{low:g} or more"
    rule = Check.in_range(low, high, include_max=bool(np.isfinite(high)), error=words)
    return Column(dtype, rule, **more)


def _finite(**more: Any) -> Column:
    return Column("float64", Check(np.isfinite, error="a finite number"), **more)


def _ascend(table: pd.DataFrame) -> pd.Series:
    """Return whether each row of a table of Morgan environments is sorted after the row before.

    Rows ascend by the columns `position` (of the molecule), `radius` and `identifier` (of the
    environment), in this order. The first row always counts as sorted.
    """
    molecule = table["position"].to_numpy(np.int64) * 256 + table["radius"].to_numpy()
    step = np.diff(molecule, prepend=-1)
    further = np.diff(table["identifier"].to_numpy(np.int64), prepend=-1)
    return pd.Series((step > 0) | ((step == 0) & (further > 0)))


# In tables that are written as CSV, a column without cells has no type. So the cells of row numbers
# and texts are checked, not the type of the column.
TEXT = _cellwise(_is_text, "text that is not blank")
ROW = _cellwise(_is_row, "a whole number from 0")
# Of all elements helium has the largest IE, 24.6 eV, and chlorine the largest EA, 3.6 eV. These
# change by a few eV in a solvent, or vs an electrode in place of the vacuum.
LABELS = {
    "IE": _number(-5, 30, unit=" eV", nullable=True),
    "EA": _number(-15, 20, unit=" eV", nullable=True),
}

REFERENCE = {
    "reference": Column(checks=Check.isin(["absolute", "li"], error="'absolute' or 'li'")),
    "reference_confidence": Column(checks=_cellwise(_is_share, "from 0 to 1"), nullable=True),
}

ROUNDING = 1e-4  # electrons; by so much a density may be above 1

SCHEMAS = {
    "raw": DataFrameSchema(
        {
            "row": Column(
                "int64", Check(lambda row: row == np.arange(len(row)), error="0, 1, 2 …")
            ),
            "smiles": Column(checks=TEXT, nullable=True),
            "IE": _finite(nullable=True),
            "EA": _finite(nullable=True),
            "problem": Column(checks=TEXT, nullable=True),
            "unread": Column(checks=TEXT, nullable=True),
            # Only if curate.reference names a column; `curate` checks its values row by row.
            "reference": Column(nullable=True, required=False),
        },
        strict=True,
    ),
    "curated": DataFrameSchema(
        {
            "row": Column("int64", ROW, unique=True),
            "smiles": Column(checks=TEXT, unique=True),
            **LABELS,
            **REFERENCE,
            "quality": Column(checks=_cellwise(_are_flags, "'ok' or flags separated by '; '")),
            "repair": Column("str", Check(lambda text: text.notna(), error="a text")),
            "n_merged": _number(1, dtype="int64"),
            "IE_spread": _number(0, nullable=True),
            "EA_spread": _number(0, nullable=True),
        },
        checks=Check(
            lambda table: table["IE"].notna() | table["EA"].notna(),
            error="every row has IE or EA",
        ),
        strict=True,
    ),
    "rejected": DataFrameSchema(
        {
            "row": Column(checks=ROW, unique=True),
            "input": Column(nullable=True),
            "reason": Column(checks=TEXT),
            **REFERENCE,
        },
        strict=True,
    ),
    "merged": DataFrameSchema(
        {
            "row": Column(checks=ROW, unique=True),
            "into": Column(checks=ROW),
            "smiles": Column(checks=TEXT),
            **REFERENCE,
        },
        strict=True,
    ),
    "splits": DataFrameSchema(
        {
            "row": Column("int64", ROW, unique=True),
            "split": Column(checks=Check.isin(["outer", "fold"], error="'outer' or 'fold'")),
            "fold": _number(0, dtype="Int64", nullable=True),
        },
        checks=Check(
            lambda table: (table["split"] == "outer") == table["fold"].isna(),
            error="every row is in the test set or has a fold",
        ),
        strict=True,
    ),
    "features": DataFrameSchema(
        {
            "position": _number(0, dtype="int32"),
            "radius": _number(0, 6, dtype="uint8"),
            "identifier": Column("uint32"),
            "count": _number(1, dtype="uint16"),
            "HOMO": _number(0, 1 + ROUNDING, dtype="float32", unit=" electrons"),
            "LUMO": _number(0, 1 + ROUNDING, dtype="float32", unit=" electrons"),
        },
        checks=Check(_ascend, error="rows ascend by position, radius and identifier"),
        strict=True,
    ),
    "orbitals": DataFrameSchema(
        {
            name: Column("float32", Check(np.isfinite, error="a finite number"))
            for name in ORBITAL_NAMES
        },
        checks=Check(
            lambda table: table["HOMO energy"] >= table["LUMO energy"],
            error="the HOMO is bound at least as tightly as the LUMO",
        ),
        strict=True,
    ),
    "predictions": DataFrameSchema(
        {
            "row": Column("int64", ROW, unique=True),
            "smiles": Column(checks=TEXT, unique=True),
            "fold": _number(-1, dtype="int64"),
            "label": _finite(),
            "out_of_fold": _finite(nullable=True),
            "outer": _finite(nullable=True),
            "whole_set": _finite(),
            "flagged": Column("bool"),
            "family": Column(checks=TEXT),
            "beside": _finite(nullable=True),
            "lower": Column("float64", nullable=True),  # infinite with too few training rows
            "upper": Column("float64", nullable=True),
            "expected": _number(0, unit=" eV", nullable=True),
            "quantile": _number(0, 1, nullable=True),
            "similarity": _number(0, 1, nullable=True),
            "in_domain": Column("boolean", nullable=True),
        },
        checks=[
            Check(
                lambda table: (table["fold"] < 0) == table["out_of_fold"].isna(),
                error="the rows of folds, and no others, have an out-of-fold prediction",
            ),
            Check(
                lambda table: (table["fold"] >= 0) | (table["lower"] <= table["upper"]),
                error="every row of the test set has an interval",
            ),
        ],
        strict=True,
    ),
}

MADE_BY = {
    "raw": "fetch",
    "curated": "curate",
    "rejected": "curate",
    "merged": "curate",
    "splits": "split",
    "features": "featurize",
    "orbitals": "featurize",
    "predictions": "evaluate",
}


def check(table: pd.DataFrame, name: str) -> None:
    """Check a table against its schema.

    Parameters
    ----------
    table : pandas.DataFrame
        The table that a stage is about to write.
    name : str
        Name of the schema, a key of `SCHEMAS` such as ``curated``.

    Raises
    ------
    OrganodeError
        If the table does not match its schema. The message names the table, the column, the
        violated rule, the number of rows that violate the rule, the first of these rows with its
        value, and what the user can do.
    """
    table = table.reset_index(drop=True)
    try:
        SCHEMAS[name].validate(table, lazy=True)
    except SchemaErrors as errors:  # the first is shown; pandera checks columns before values
        raise _invalid(name, _explain(table, errors.schema_errors[0])) from None


def check_accounts(
    source: pd.Series, clean: pd.DataFrame, rejected: pd.DataFrame, merged: pd.DataFrame
) -> None:
    """Check that each source row is in exactly one of the three tables that `curate` writes.

    Parameters
    ----------
    source : pandas.Series
        Column `row` of the fetched table.
    clean, rejected, merged : pandas.DataFrame
        The three tables, each with the column `row`, the number of the source row. `merged` also
        has the column `into`, the number of the clean row into which a row was merged.

    Raises
    ------
    OrganodeError
        If a row is in none or in several of the tables, is not in the source, or is merged into a
        row that is not clean. The message names the first such row.
    """
    rows = pd.concat([clean["row"], rejected["row"], merged["row"]])
    for wrong, words in (
        (source[~source.isin(rows)], "in none of clean, rejected and merged"),
        (rows[~rows.isin(source)], "not in the source"),
        (rows[rows.duplicated()], "in two of clean, rejected and merged"),
        (merged.loc[~merged["into"].isin(clean["row"]), "row"], "merged into no clean row"),
    ):
        if len(wrong):
            raise _invalid("curated", f"{_rows(wrong)} {words}, first row {wrong.iloc[0]}")


def check_splits_cover(splits: pd.DataFrame, curated: pd.Series) -> None:
    """Check that the table of splits has the rows of the curated table, in the same order.

    Parameters
    ----------
    splits : pandas.DataFrame
        Table of the test set and the folds, with the column `row`.
    curated : pandas.Series
        Column `row` of the curated table.

    Raises
    ------
    OrganodeError
        If the rows differ. The message names the first position with a difference.
    """
    rows, expected = splits["row"].tolist(), curated.tolist()
    if rows != expected:
        pairs = zip(rows, expected, strict=False)
        position = next((n for n, pair in enumerate(pairs) if pair[0] != pair[1]), None)
        where = f", the first at position {position}" if position is not None else ""
        raise _invalid(
            "splits", f"its {len(rows):,} rows are not the {len(expected):,} curated rows{where}"
        )


def check_features_cover(features: pd.DataFrame, n: int) -> None:
    """Check that each of the n curated molecules has features, and that no other molecule has any.

    `features` has the column `position`: the position of a molecule in the curated table, from 0.

    Raises
    ------
    OrganodeError
        If a molecule has no features, or a position is not that of a curated molecule. The message
        names the first such position.
    """
    wrong = set(range(n)) ^ set(features["position"].unique().tolist())
    if wrong:
        words = f"of {n:,} curated molecules have no features, or features have no molecule"
        raise _invalid("features", f"{len(wrong):,} {words}, the first at position {min(wrong)}")


def _invalid(name: str, what: str) -> OrganodeError:
    advice = f"run `organode {MADE_BY[name]}` again, and report it if this stays"
    if what.startswith(("column 'IE'", "column 'EA'")):
        advice += "; rows outside curate.IE_bounds and curate.EA_bounds in params.yaml are rejected"
    return OrganodeError(f"the table '{name}' is not as it must be: {what}; {advice}")


def _explain(table: pd.DataFrame, error: SchemaError) -> str:
    cases = error.failure_cases
    columns = {
        SchemaErrorReason.COLUMN_NOT_IN_DATAFRAME: "is missing",
        SchemaErrorReason.COLUMN_NOT_IN_SCHEMA: "is none of its columns",
    }
    if error.reason_code in columns:
        return f"column '{cases}' {columns[error.reason_code]}"
    column = error.column_name
    if error.reason_code == SchemaErrorReason.WRONG_DATATYPE:
        return f"column '{column}' holds {table[column].dtype}, not {error.schema.dtype}"
    places = sorted(set(cases["index"]))
    row = f"row {table['row'][places[0]]}" if "row" in table else f"line {places[0]}"
    if column is None:  # a rule on several columns
        return f"{error.check.error}, but not {_rows(places)}, first {row}"
    where = f"in {_rows(places)}, first {row}"
    if error.reason_code == SchemaErrorReason.SERIES_CONTAINS_NULLS:
        return f"column '{column}' is empty {where}"
    value = str(table[column][places[0]])[:60]
    if error.reason_code == SchemaErrorReason.SERIES_CONTAINS_DUPLICATES:
        return f"column '{column}' repeats a value {where}: {value}"
    return f"column '{column}' must be {error.check.error}, but is not {where}: {value}"


def _rows(places: Sized) -> str:
    return f"{len(places):,} row" + "s" * (len(places) != 1)
