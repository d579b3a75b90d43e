"""Molecules that a user brings for prediction, screening or labelling."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from organode.errors import UsageError
from organode.tablefile import read_columns
from organode.tablefile.columns import Wanted


def read_library(path: Path, column: str = "smiles") -> pd.DataFrame:
    """Read a file of molecules: CSV, XLSX, Parquet, SDF or a SMILES list, gzipped or not.

    Parameters
    ----------
    path : Path
        Its name tells the kind.
    column : str
        The column that holds SMILES.

    Returns
    -------
    pandas.DataFrame
        One row for each row of the file: `smiles` (text, None where the cell is empty) and
        `id` (the column of that name; else, and where it is empty, the row number).

    Raises
    ------
    UsageError
        If the file cannot be read, lacks the column, or has no row.
    """
    wanted = Wanted({"smiles": column, "id": "id"}, "--column", frozenset({"id"}))
    table, _ = read_columns(path, wanted, "the command's FILE")
    if table.empty:
        raise UsageError(f"{path} has no row: bring a table with a column '{column}'")
    smiles = [
        cell.strip() if isinstance(cell, str) and cell.strip() else None
        for cell in table["smiles"].tolist()
    ]
    ids = [str(row) for row in range(len(table))]
    if "id" in table:
        given = ["" if pd.isna(cell) else str(cell).strip() for cell in table["id"].tolist()]
        ids = [text or number for text, number in zip(given, ids, strict=True)]
    return pd.DataFrame({"smiles": pd.Series(smiles, dtype=object), "id": ids})
