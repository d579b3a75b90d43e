"""CSV with commas, semicolons or tabs."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pandas as pd

from organode.errors import UsageError
from organode.tablefile.columns import Wanted


def read_delimited(path: Path, content: bytes, wanted: Wanted) -> pd.DataFrame:
    """Read a delimited table; its first line names the columns.

    Parameters
    ----------
    path : Path
        Named in messages.
    content : bytes
        UTF-8, with or without byte order mark, or else Latin-1.
    wanted : Wanted
        Which columns.

    Returns
    -------
    pandas.DataFrame
        The columns found, under the keys of `wanted.names`, cells as text.

    Raises
    ------
    UsageError
        If it is no text table, or a wanted column is missing.
    """
    encoding = "utf-8-sig"
    try:
        content.decode(encoding)
    except UnicodeDecodeError:
        encoding = "latin-1"  # reads any bytes
    lines = io.StringIO(content[: 1 << 20].decode(encoding, errors="replace"), newline="")
    first = next(iter(lines), "").rstrip("\r\n")
    if b"\0" in content or not first.replace("\t", "").isprintable():
        raise UsageError(f"{path} is not a text table: save it as CSV in UTF-8")
    delimiter = max(",;\t", key=lambda mark: len(_split(first, mark)))
    header = [name.strip() for name in _split(first, delimiter)]
    found = wanted.found(path, header)
    places = {key: header.index(name) for key, name in found.items()}
    try:
        table = pd.read_csv(
            io.BytesIO(content),
            sep=delimiter,
            encoding=encoding,
            dtype=str,
            usecols=sorted(set(places.values())),
            keep_default_na=False,  # "N" and "NA" are text like any other
            index_col=False,  # or rows that end in a comma would shift by one column
            skip_blank_lines=False,  # or the rows behind a blank line would change their number
        )
    except pd.errors.ParserError as error:
        raise UsageError(
            f"{path} cannot be read as CSV ({str(error).strip()}): look for an open quote"
        ) from error
    order = sorted(set(places.values()))
    cells = {key: table.iloc[:, order.index(place)] for key, place in places.items()}
    if delimiter != ",":  # where commas do not part cells they part decimals
        for key in ("IE", "EA"):
            if key in cells:
                cells[key] = cells[key].str.replace(",", ".", regex=False)
    return pd.DataFrame(cells)


def _split(line: str, delimiter: str) -> list[str]:
    return next(csv.reader([line], delimiter=delimiter), [])
