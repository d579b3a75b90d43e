"""Readers of files of molecules: one module for each file type, each reading row by row."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from organode.errors import UsageError
from organode.library.columns import Layout

# A row of a file: its id and its structure, empty if missing; the reason why the row cannot be
# read, or an empty text; and all its cells in the order of the header, as text or as values of a
# Parquet column. If a row of a delimited table or a workbook cannot be read, the structure is
# instead the text of the row, and there are no cells. A plain tuple, since there are millions.
Row = tuple[str, str, str, Sequence[object]]


@dataclass(frozen=True)
class ReadOptions:
    """Options for reading a file that the user may state.

    If an option is None, it is detected or has a default.

    Attributes
    ----------
    separator : str or None
        The character between the cells of a delimited text table, or the word ``tab``.
    sheet : str or None
        Name of the sheet of a workbook; by default the first visible sheet.
    encoding : str or None
        Encoding of a text file, such as ``cp949``.
    cap : str
        End group for polymers' repeat units: ``H``, ``methyl``, or empty for none.
    """

    separator: str | None = None
    sheet: str | None = None
    encoding: str | None = None
    cap: str = ""

    def __post_init__(self) -> None:
        """Check the separator; replace the word ``tab`` by the tab character.

        Raises
        ------
        UsageError
            If the separator is not a single character, or is a quote or a line end.
        """
        mark = {"tab": "\t", "\\t": "\t"}.get(self.separator or "", self.separator)
        if mark is not None and (len(mark) != 1 or mark in '"\r\n'):
            raise UsageError(f"separator '{mark}': give one character, or the word tab")
        object.__setattr__(self, "separator", mark)


DEFAULT_OPTIONS = ReadOptions()


@dataclass(frozen=True)
class Table:
    """The table of molecules in an opened file.

    Attributes
    ----------
    layout : Layout
        Positions of the wanted columns.
    rows : iterator of Row
        The rows, each read from the file when the iterator reaches it.
    numeric : mapping of str to str
        Names of the numeric columns, to their Arrow types, such as ``int64``; all other columns are
        text.
    notes : sequence of str
        Notes for the user on properties of the file that were detected, such as the separator.
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
