"""The kinds of files that hold molecules, each read row by row."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from organode.errors import UsageError
from organode.library.columns import Layout

# A row of a file: its id and its structure, empty where there is none; why it cannot be read, empty
# where it can (else the structure is what stands there, and there are no cells); all its cells in
# the order of the header, as text or as a Parquet column's values. A plain tuple, since there are
# millions of them.
Row = tuple[str, str, str, Sequence[object]]


@dataclass(frozen=True)
class ReadOptions:
    """What a person may say of a file that cannot be told from it.

    Attributes
    ----------
    separator : str or None
        Of a delimited table's cells.
    sheet : str or None
        Of a workbook; the first one when omitted.
    encoding : str or None
        Of text.
    cap : str
        What ends repeat units, see `organode.chem.structure`.
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


AS_FOUND = ReadOptions()


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
        Those columns that are numbers, and their Arrow type; all others are text.
    said : list of str
        What was chosen beside the columns, such as the separator.
    """

    layout: Layout
    rows: Iterator[Row]
    numeric: Mapping[str, str] = field(default_factory=dict)
    said: Sequence[str] = ()


MARKS = "\ufeff\u200b\u200c\u200d\u2060"  # byte order marks and spaces of no width


def bare(cell: str) -> str:
    """Return a structure's text without what programs leave around it."""
    text = cell.strip()
    if text.isascii() and '"' not in text:
        return text
    return text.strip(f' \t"{MARKS}').strip()
