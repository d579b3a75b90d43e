"""Check the tables that pipeline stages write, each before the stage writes the table."""

from __future__ import annotations

from collections.abc import Sized

import pandas as pd
from pandera.errors import SchemaError, SchemaErrorReason, SchemaErrors

from organode.errors import OrganodeError
from organode.pipeline.tables.schemas import MADE_BY, SCHEMAS


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
