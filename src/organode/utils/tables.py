"""Read and write tables: Parquet between the pipeline's stages, CSV for spreadsheets."""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Any

import pandas as pd

from organode.errors import OrganodeError
from organode.utils.files import replacing
from organode.utils.resources import explained

# How a text starts that a spreadsheet takes for a formula. Some programs turn the full-width
# characters ＝＋－＠ into the usual ones. A plain number such as -1.5 is not a formula.
FORMULA = r"'*[=+\-@\t\r\n＝＋－＠]"
DANGEROUS = re.compile(FORMULA)
GUARDED = re.compile("'" + FORMULA)
NUMBER = re.compile(r"[+-]|[+-]?(\d+[.,]?\d*|[.,]\d+)([eE][+-]?\d+)?")


def write_table(table: pd.DataFrame, path: Path) -> None:
    """Write a table without its index as a Parquet file with a checksum for each data page.

    Equal tables give equal bytes, and the file is never half written.
    """
    with replacing(path) as temporary:
        table.to_parquet(temporary, index=False, compression="zstd", write_page_checksum=True)


def read_table(path: Path, columns: Sequence[str], made_by: str) -> pd.DataFrame:
    """Read some columns of a Parquet table that a stage of the pipeline wrote.

    `made_by` is the name of that stage, such as ``fetch``; error messages name it.

    Raises
    ------
    OrganodeError
        If the table is missing or damaged, or lacks one of the `columns`.
    """
    if not path.exists():
        raise OrganodeError(f"{path} is missing: run `organode {made_by}` or `dvc repro` first")
    try:
        return pd.read_parquet(path, columns=list(columns), page_checksum_verification=True)
    except Exception as error:  # pyarrow and pandas raise many types on damaged metadata
        if explanation := explained(error, path):
            raise explanation from error
        reason = " ".join(str(error).split())[:200]
        raise OrganodeError(
            f"{path} is damaged or not a table of `organode {made_by}` ({reason}): run that stage "
            "again"
        ) from error


def write_csv(
    table: pd.DataFrame, target: Path | IO[str], *, header: bool = True, decimals: int | None = None
) -> None:
    """Write a table as CSV that a spreadsheet can open without running a cell as a formula.

    Text and column names that a spreadsheet would take for a formula get an apostrophe in front;
    numbers stay as they are. `read_csv` removes the apostrophes.

    Parameters
    ----------
    table : pandas.DataFrame
        Its index is not written.
    target : Path or text stream
        A file, which is replaced; or an open file (UTF-8, ``newline=""``), at whose end the rows
        are written.
    header : bool
        Whether the names of the columns are written first; false for all parts of a table but the
        first.
    decimals : int, optional
        Decimal places of floats; by default all digits are written.
    """
    if isinstance(target, Path):
        with replacing(target) as temporary, _text(temporary) as stream:
            write_csv(table, stream, header=header, decimals=decimals)
        return
    safe = table.copy(deep=False)
    safe.columns = pd.Index([*map(_guarded, safe.columns)], dtype=object)
    returns = any("\r" in str(name) for name in safe.columns)
    for place in range(safe.shape[1]):  # by position: names need not be unique
        column = safe.iloc[:, place]
        is_arrow = isinstance(column.dtype, pd.ArrowDtype)  # numbers keep all their digits
        is_number = pd.api.types.is_numeric_dtype(column) or pd.api.types.is_bool_dtype(column)
        if is_arrow or not is_number:
            cells = [*map(_guarded, column.astype(object))]
            returns = returns or any(isinstance(cell, str) and "\r" in cell for cell in cells)
            safe.isetitem(place, pd.array(cells, object))
    safe.to_csv(
        target,
        index=False,
        header=header,
        lineterminator="\n",
        float_format=None if decimals is None else f"%.{decimals}f",
        # By default, Python does not quote a cell with a carriage return, which a reader would then
        # take for the end of the row.
        quoting=csv.QUOTE_NONNUMERIC if returns else csv.QUOTE_MINIMAL,
    )


def read_csv(path: Path | IO[str], **options: Any) -> pd.DataFrame:
    """Read a CSV table, and remove the apostrophes that `write_csv` put in front of cells.

    `options` are keyword arguments of `pandas.read_csv`.
    """
    table: pd.DataFrame = pd.read_csv(path, **options)
    for place in range(table.shape[1]):
        column = table.iloc[:, place]
        if not pd.api.types.is_numeric_dtype(column):
            table.isetitem(place, column.map(_unguarded).array)
    table.columns = pd.Index([*map(_unguarded, table.columns)])
    return table


def _text(path: Path) -> IO[str]:
    return open(path, "w", encoding="utf-8", newline="")


def _guarded(cell: Any) -> Any:
    if isinstance(cell, str) and DANGEROUS.match(cell) and not NUMBER.fullmatch(cell):
        return f"'{cell}"
    return cell


def _unguarded(cell: Any) -> Any:
    return cell[1:] if isinstance(cell, str) and GUARDED.match(cell) else cell
