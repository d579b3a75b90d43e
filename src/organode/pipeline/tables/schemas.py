"""Define schemas of the tables that pipeline stages write.

The ranges in the schemas exclude only impossible values; the stage `curate` rejects rows by
narrower bounds. This module imports pandera, which only the stages need, so other code should not
import this module.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from pandera.pandas import Check, Column, DataFrameSchema

from organode.chem.orbitals.huckel import NAMES as ORBITAL_NAMES


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
