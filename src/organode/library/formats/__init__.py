"""Readers of files of molecules, one for each kind, row by row."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from organode.errors import UsageError
from organode.library.columns import Layout

# A row of a file: id and structure, empty where they are missing; the reason why it cannot be read,
# or an empty text (if there is a reason, the structure is the text of the row, and the cells are
# missing); all cells in the order of the header, as text or as a Parquet column's values. A plain
# tuple, since there are millions of rows.
Row = tuple[str, str, str, Sequence[object]]


@dataclass(frozen=True)
class ReadOptions:
    """Options for reading a file that cannot be detected from it.

    Attributes
    ----------
    separator : str or None
        Between the cells of a delimited table.
    sheet : str or None
        Of a workbook; the first one when omitted.
    encoding : str or None
        Of a text file.
    cap : str
        End group of repeat units, see `organode.chem.structure`.
    """

    separator: str | None = None
    sheet: str | None = None
    encoding: str | None = None
    cap: str = ""

    def __post_init__(self) -> None:
        """Check the separator; `tab` may be written out.

        Raises
        ------
        UsageError
            If it is more than one character.
        """
        mark = {"tab": "\t", "\\t": "\t"}.get(self.separator or "", self.separator)
        if mark is not None and (len(mark) != 1 or mark in '"\r\n'):
            raise UsageError(f"separator '{mark}': give one character, or the word tab")
        object.__setattr__(self, "separator", mark)


DEFAULT_OPTIONS = ReadOptions()


@dataclass(frozen=True)
class Table:
    """An opened file.

    Attributes
    ----------
    layout : Layout
        Its columns.
    rows : iterator of Row
        Read as they are asked for.
    numeric : mapping of str to str
        Columns of numbers, and their Arrow type; all others are text.
    notes : sequence of str
        What was detected beside the columns, such as the separator.
    """

    layout: Layout
    rows: Iterator[Row]
    numeric: Mapping[str, str] = field(default_factory=dict)
    notes: Sequence[str] = ()


INVISIBLE = "\ufeff\u200b\u200c\u200d\u2060"  # byte order mark and zero-width spaces


def bare(cell: str) -> str:
    """Return a structure's text without quotes, spaces and invisible characters around it."""
    text = cell.strip()
    if text.isascii() and '"' not in text:
        return text
    return text.strip(f' \t"{INVISIBLE}').strip()
