"""Read XLSX workbooks row by row."""

from __future__ import annotations

import datetime
import io
import re
import warnings
import zipfile
import zlib
from collections.abc import Iterator
from itertools import islice, repeat
from pathlib import Path
from typing import IO, Any, BinaryIO

from organode.errors import UsageError
from organode.library.columns import MOST_COLUMNS, Layout, NoStructuresError, Wanted, lay_out
from organode.library.files import is_packed, most_unpacked, read_all, unpacks_to_more
from organode.library.formats import ReadOptions, Row, Table, bare

MOST_UNPACKED = 1 << 29  # bytes; openpyxl keeps a workbook's texts in memory
BLOCK = 1 << 20  # bytes; Excel limits the text of a cell to 32,767 characters
MOST_ROWS = 1 << 20  # of a sheet
BLANK = 10_000  # empty rows between two others; more are due to a stray cell far below
TITLES = 20  # rows that may stand above a header by mistake
NOT_COMPUTED = "=… (a formula whose value was not saved)"


def read_spreadsheet(path: Path, stream: BinaryIO, wanted: Wanted, options: ReadOptions) -> Table:
    """Read a sheet of an XLSX workbook; the first row of the sheet names the columns.

    Parameters
    ----------
    path : Path
        Name of the file, for messages.
    stream : binary file
        Unpacked content of the file.
    wanted : Wanted
        The columns to find.
    options : ReadOptions
        Only `sheet` is used; by default the first visible sheet is read.

    Raises
    ------
    UsageError
        If the file is not an XLSX workbook, is unreasonably large, or lacks the sheet or a wanted
        column. If no column of structures is found, but another sheet or a later row names the
        columns, the message says so.
    """
    content: BinaryIO = io.BytesIO(read_all(path, stream)) if is_packed(path) else stream
    has_formulas = any(_counts(path, content, FORMULA))
    book = _open(path, content, values=True)
    names = [sheet.title for sheet in book.worksheets]
    if options.sheet is not None and options.sheet not in names:
        raise UsageError(
            f"{path} has no sheet '{options.sheet}': it has {', '.join(names) or 'none'}"
        )
    shown = [sheet.title for sheet in book.worksheets if sheet.sheet_state == "visible"]
    name = options.sheet if options.sheet is not None else (shown or names or [""])[0]
    if not name:
        raise UsageError(f"{path} has no sheet with cells")
    formulas = _open(path, content, values=False)[name] if has_formulas else None
    rows = _cells(path, book[name], formulas)
    where = str(path) if len(names) == 1 else f"{path}, sheet '{name}',"
    head = next(rows, [])
    try:
        layout = lay_out(where, head, wanted)
    except NoStructuresError as error:
        raise _header_error(path, book, name, rows, wanted, error) from None
    notes = [f"sheet '{name}'"] if len(names) > 1 and options.sheet is None else []
    return Table(layout, _rows(layout, rows), notes=notes)


def _unreadable(path: Path) -> UsageError:
    return UsageError(f"{path} is not an XLSX workbook that can be read: save it again, or as CSV")


def count_rows(path: Path, stream: BinaryIO) -> int:
    """Return about how many rows the longest sheet of an XLSX workbook has below the header."""
    content: BinaryIO = io.BytesIO(read_all(path, stream)) if is_packed(path) else stream
    return max(max(_counts(path, content, ROW), default=0) - 1, 0)


# XML tags of formulas, rows and cells in a sheet, with or without the prefix of a namespace.
FORMULA, ROW, CELL = (re.compile(rb"<(?:\w+:)?" + tag + rb"[\s/>]") for tag in (b"f", b"row", b"c"))


def _counts(path: Path, content: BinaryIO, mark: re.Pattern[bytes]) -> list[int]:
    """Return how often an XML tag occurs in each file of sheets or shared texts of a workbook.

    `mark` is the pattern of the tag.

    Raises
    ------
    UsageError
        If the file is not an XLSX workbook, unpacks to too many bytes, or has a row of too many
        cells or a cell with too long a text.
    """
    counts = []
    try:
        with zipfile.ZipFile(content) as archive:
            unpacked = sum(entry.file_size for entry in archive.infolist())
            if unpacked > MOST_UNPACKED:
                raise UsageError(
                    f"{path} unpacks to {unpacked / 2**30:.1f} GiB, too much for a workbook: "
                    "export the sheet as CSV"
                )
            packed = sum(entry.compress_size for entry in archive.infolist())
            if unpacked > most_unpacked(packed):
                raise unpacks_to_more(path, "save it again, or export the sheet as CSV")
            for entry in archive.infolist():
                if entry.filename.startswith(("xl/worksheets/", "xl/sharedStrings")):
                    with archive.open(entry) as sheet:
                        counts.append(_count(path, sheet, mark))
    except (zipfile.BadZipFile, zlib.error, OSError, ValueError, NotImplementedError) as error:
        raise _unreadable(path) from error
    return counts


def _count(path: Path, sheet: IO[bytes], mark: re.Pattern[bytes]) -> int:
    count = cells = 0  # cells: of the last row so far, which may continue in the next block
    rest = b""
    while block := sheet.read(BLOCK):
        joined = rest + block
        end = joined.rfind(b"<")  # the last tag may be incomplete
        if len(joined) - end > BLOCK:
            raise UsageError(
                f"{path} has a cell with more than {BLOCK:,} bytes of text: shorten it, or export "
                "the sheet as CSV"
            )
        joined, rest = joined[:end], joined[end:]
        count += len(mark.findall(joined))
        before, *rows = (len(CELL.findall(row)) for row in ROW.split(joined))
        if max(cells + before, *rows, 0) > MOST_COLUMNS:
            raise UsageError(
                f"{path} has a row of more than {MOST_COLUMNS:,} cells: delete those that you do "
                "not need, or export the sheet as CSV"
            )
        cells = rows[-1] if rows else cells + before
    return count


def _open(path: Path, content: BinaryIO, *, values: bool) -> Any:
    from openpyxl import load_workbook

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # openpyxl warns about styles and validation
            return load_workbook(content, read_only=True, data_only=values, keep_links=False)
    except Exception as error:  # openpyxl passes on any error of its zip, XML and style readers
        raise _unreadable(path) from error


def _cells(path: Path, sheet: Any, formulas: Any = None) -> Iterator[list[str]]:
    """Yield the rows of a sheet as texts.

    Empty cells at the end of a row and empty rows at the end of the sheet are left out. `formulas`
    is the same sheet, but with formulas instead of computed values; None if the workbook has no
    formula. `UsageError` is raised if the sheet cannot be read or has a long gap of empty rows.
    """
    blank = 0
    try:
        rows = _raw(sheet, formulas)
        for row in rows:
            if row:
                yield from ([] for _ in range(blank))
                blank = 0
                yield row
                continue
            blank += 1
            if blank > BLANK:
                if any(islice(rows, MOST_ROWS)):
                    raise UsageError(
                        f"{path}: sheet '{sheet.title}' has more than {BLANK:,} empty rows in a "
                        "row: delete them, and stray cells far below the table"
                    )
                return
    except UsageError:
        raise
    except Exception as error:  # openpyxl passes on any error of its XML reader
        raise _unreadable(path) from error


def _raw(sheet: Any, formulas: Any) -> Iterator[list[str]]:
    """Yield each row of a sheet as texts, without empty cells at the end of the row.

    `formulas` is the same sheet, but with formulas instead of computed values. A formula whose
    value was not saved becomes the text `NOT_COMPUTED`.
    """
    for version in (sheet, formulas):
        if version is not None:
            version.reset_dimensions()  # the stored size may be wrong by a million rows
    rows = sheet.iter_rows(values_only=True)
    formula_rows = repeat(()) if formulas is None else formulas.iter_rows(values_only=True)
    for values, row_formulas in zip(rows, formula_rows, strict=False):
        row = [_text(value) for value in values]
        for at, formula in enumerate(row_formulas):
            # A cell without a formula has its value in both versions of the sheet.
            if at < len(row) and not row[at] and formula is not None and formula != "":
                row[at] = NOT_COMPUTED
        while row and not row[-1]:
            row.pop()
        yield row


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, datetime.datetime | datetime.date | datetime.time):
        return value.isoformat(" ") if isinstance(value, datetime.datetime) else value.isoformat()
    return str(value)


def _header_error(
    path: Path, book: Any, name: str, rows: Iterator[list[str]], wanted: Wanted, error: UsageError
) -> UsageError:
    """Return the error for a sheet whose first row does not name the wanted columns.

    If a later row or another sheet has the columns, the message says so; otherwise the result is
    `error`, which was raised before. `name` is the sheet, and `rows` are its rows after the first.
    """
    for number, row in enumerate(islice(rows, TITLES), 2):
        if _fits(path, row, wanted):
            return UsageError(
                f"{path}: row {number} of sheet '{name}' looks like the names of the columns: "
                "delete the rows above it"
            )
    for sheet in book.worksheets:
        if sheet.title != name and any(
            _fits(path, row, wanted) for row in islice(_cells(path, sheet), TITLES)
        ):
            return UsageError(
                f"{path}: sheet '{name}' has no column of structures, but sheet '{sheet.title}' "
                f"has: choose it by {wanted.setting('sheet')}"
            )
    return error


def _fits(path: Path, row: list[str], wanted: Wanted) -> bool:
    try:
        lay_out(str(path), row, wanted)
    except UsageError:
        return False
    return True


def _rows(layout: Layout, source: Iterator[list[str]]) -> Iterator[Row]:
    width = len(layout.header)
    for cells in source:
        if any(cell.strip() for cell in cells[width:]):
            problem = f"{len(cells)} cells, and the header has {width}: name the columns behind it"
            yield "", " ".join(cells[:width]), problem, ()
            continue
        row = cells[:width] + [""] * (width - len(cells))
        name = row[layout.id].strip() if layout.id is not None else ""
        yield name, bare(row[layout.smiles]), "", row
