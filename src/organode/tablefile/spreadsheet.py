"""XLSX workbooks."""

from __future__ import annotations

import io
import warnings
from pathlib import Path

import pandas as pd

from organode.errors import UsageError
from organode.tablefile.columns import Wanted


def read_spreadsheet(path: Path, content: bytes, wanted: Wanted) -> pd.DataFrame:
    """Read the first sheet of a workbook; its first row names the columns.

    Parameters and result as in `organode.tablefile.delimited.read_delimited`.

    Raises
    ------
    UsageError
        If it is no XLSX workbook, or a wanted column is missing.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # openpyxl's, on styles and validation
            table = pd.read_excel(
                io.BytesIO(content), engine="openpyxl", dtype=str, keep_default_na=False
            )
    except Exception as error:  # openpyxl raises whatever its zip, XML and style readers raise
        raise UsageError(
            f"{path} is not an XLSX workbook that can be read: save it again, or as CSV"
        ) from error
    table.columns = [str(name).strip() for name in table.columns]
    found = wanted.found(path, list(table.columns))
    return pd.DataFrame({key: table[name] for key, name in found.items()})
