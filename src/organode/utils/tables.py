"""Tables as files: Parquet from one stage to the next, and CSV for people and spreadsheets."""

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

# What a spreadsheet takes for the start of a formula, in full width too, which some turn into the
# usual form. A text that is a plain number is none.
FORMULA = r"'*[=+\-@\t\r\n＝＋－＠]"
DANGEROUS = re.compile(FORMULA)
GUARDED = re.compile("'" + FORMULA)
NUMBER = re.compile(r"[+-]|[+-]?(\d+[.,]?\d*|[.,]\d+)([eE][+-]?\d+)?")


def write_table(table: pd.DataFrame, path: Path) -> None:
    """Write a table as Parquet with checksums: byte-stable, whole or absent."""
    with replacing(path) as temporary:
        table.to_parquet(temporary, index=False, compression="zstd", write_page_checksum=True)


def read_table(path: Path, columns: Sequence[str], made_by: str) -> pd.DataFrame:
    """Read the given columns of a table that stage `made_by` wrote.

    Raises
    ------
    OrganodeError
        If the table is missing, damaged, or lacks a column; says which stage makes it.
    """
    if not path.exists():
        raise OrganodeError(f"{path} is missing: run `organode {made_by}` or `dvc repro` first")
    try:
        return pd.read_parquet(path, columns=list(columns), page_checksum_verification=True)
    except Exception as error:  # pyarrow and pandas raise whatever damaged metadata lead them to
        if said := explained(error, path):
            raise said from error
        reason = " ".join(str(error).split())[:200]
        raise OrganodeError(
            f"{path} is damaged or not a table of `organode {made_by}` ({reason}): run that stage "
            "again"
        ) from error


def write_csv(
    table: pd.DataFrame, target: Path | IO[str], *, header: bool = True, decimals: int | None = None
) -> None:
    """Write a table as CSV that a spreadsheet can open without running any of its cells.

    A text that a spreadsheet would take for a formula, a column's name included, gets an apostrophe
    in front; numbers stay numbers. `read_csv` takes the apostrophes off again.

    Parameters
    ----------
    table : pandas.DataFrame
        Its index is not written.
    target : Path or text stream
        A file, replaced when all is written; or an open file (UTF-8, ``newline=""``) that a part
        of a table is appended to.
    header : bool
        Write the columns' names first; not for the further parts of a table.
    decimals : int, optional
        Of floats; all digits when omitted.
    """
    if isinstance(target, Path):
        with replacing(target) as temporary, _text(temporary) as stream:
            write_csv(table, stream, header=header, decimals=decimals)
        return
    safe = table.copy(deep=False)
    safe.columns = pd.Index([*map(_guarded, safe.columns)], dtype=object)
    returns = any("\r" in str(name) for name in safe.columns)
    for place in range(safe.shape[1]):  # by place: names may stand twice
        column = safe.iloc[:, place]
        is_own = isinstance(column.dtype, pd.ArrowDtype)  # whose numbers keep all their digits
        is_number = pd.api.types.is_numeric_dtype(column) or pd.api.types.is_bool_dtype(column)
        if is_own or not is_number:
            cells = [*map(_guarded, column.astype(object))]
            returns = returns or any(isinstance(cell, str) and "\r" in cell for cell in cells)
            safe.isetitem(place, pd.array(cells, object))
    safe.to_csv(
        target, index=False, header=header, lineterminator="\n",
        float_format=None if decimals is None else f"%.{decimals}f",
        # Python quotes no carriage return by itself, and a reader would take it for a row's end.
        quoting=csv.QUOTE_NONNUMERIC if returns else csv.QUOTE_MINIMAL,
    )  # fmt: skip


def read_csv(path: Path | IO[str], **how: Any) -> pd.DataFrame:
    """Read what `write_csv` wrote, by `pandas.read_csv`; texts are as they were before."""
    table: pd.DataFrame = pd.read_csv(path, **how)
    for place in range(table.shape[1]):
        column = table.iloc[:, place]
        if not pd.api.types.is_numeric_dtype(column):
            table.isetitem(place, column.map(_freed).array)
    table.columns = pd.Index([*map(_freed, table.columns)])
    return table


def _text(path: Path) -> IO[str]:
    return open(path, "w", encoding="utf-8", newline="")


def _guarded(cell: Any) -> Any:
    if isinstance(cell, str) and DANGEROUS.match(cell) and not NUMBER.fullmatch(cell):
        return f"'{cell}"
    return cell


def _freed(cell: Any) -> Any:
    return cell[1:] if isinstance(cell, str) and GUARDED.match(cell) else cell
