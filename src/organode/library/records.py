"""Records of delimited text: one a line, unless a quoted cell really goes over several lines."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cache
from itertools import chain, islice

SEPARATORS = (",", ";", "\t", "|")
HEADER = 20  # lines that the names of columns may go over
SPAN = 10_000  # lines that a quoted cell, such as a mol block, may go over
LONGEST = 1 << 22  # characters of a record that goes over several lines
IsRow = Callable[[list[str], list[str]], bool]


def split(line: str, separator: str) -> list[str]:
    """Return the cells of a line on its own; quotes that do not pair are ordinary characters."""
    if '"' not in line:
        return line.split(separator)
    quoted = parsed(line, separator)
    return line.split(separator) if quoted is None else quoted


def records(
    source: Iterator[str], separator: str, width: int, is_row: IsRow
) -> Iterator[list[str]]:
    """Yield the cells of each record.

    A cell may open with a quote that nobody meant as one (`2" tube`, `5'-O`), and swallow all rows
    up to the next quote. So a record is read over several lines only where these make one sound
    record of two to `width` cells and none of the lines behind the first is a row by itself.

    Parameters
    ----------
    source : iterator of str
        Lines.
    separator : str
        One character.
    width : int
        Cells of the header.
    is_row : callable
        Whether the cells of a line, the second argument, are a row of their own; the first are
        those of the line that a quote was opened on.
    """
    ahead: list[str] = []
    while True:
        if ahead:
            line = ahead.pop(0)
        else:
            for line in source:  # the usual lines, fast
                if '"' in line:
                    break
                yield line.split(separator)
            else:
                return
        cells = parsed(line, separator) if '"' in line else line.split(separator)
        if cells is None:
            used, joined = _over_lines(line, ahead, source, separator, width, is_row)
            del ahead[:used]
            yield joined
        else:
            yield cells


def header(source: Iterator[str]) -> tuple[str, Iterator[str]]:
    """Take the header off a table's lines.

    Returns
    -------
    text : str
        Its line; more lines where a quoted name goes over them.
    rest : iterator of str
        The lines behind it.
    """
    text = next(source, "")
    if _is_sound(text):
        return text, source
    ahead = list(islice(source, HEADER))
    for used in range(1, len(ahead) + 1):
        joined = "\n".join([text, *ahead[:used]])
        if _is_sound(joined):
            return joined, chain(ahead[used:], source)
    return text, chain(ahead, source)


def _is_sound(text: str) -> bool:
    separators = [separator for separator in SEPARATORS if separator in text]
    return all(parsed(text, separator) is not None for separator in separators or SEPARATORS)


def _over_lines(
    line: str, ahead: list[str], source: Iterator[str], separator: str, width: int, is_row: IsRow
) -> tuple[int, list[str]]:
    """Return how many of the next lines belong to a record, and its cells.

    Lines are added to `ahead` from `source` as far as they are looked at.
    """
    plain = line.split(separator)
    if not _is_open(line, separator):
        return 0, plain
    size = len(line)
    for used in range(1, SPAN):
        if used > len(ahead):
            ahead += islice(source, 1)
        if used > len(ahead):
            break
        more = ahead[used - 1]
        size += len(more)
        alone = split(more, separator)
        if size > LONGEST or (_fits(alone, width) and is_row(plain, alone)):
            break
        if more.count('"') % 2:  # else the cell, or another, is still open behind it
            cells = parsed("\n".join([line, *ahead[:used]]), separator)
            if cells is not None and _fits(cells, width):
                return used, cells
            break
    return 0, plain


def _fits(cells: list[str], width: int) -> bool:
    """Return whether cells may be a row; separators at its end may be missing or be too many."""
    return min(width, 2) <= len(cells) and not any(cell.strip() for cell in cells[width:])


def _is_open(text: str, separator: str) -> bool:
    """Return whether a record only lacks the end of a quoted cell."""
    return parsed(f'{text}"', separator) is not None


def parsed(text: str, separator: str) -> list[str] | None:
    """Return a record's cells, or None if its quotes do not pair.

    Unlike the module `csv`, this takes cells of any length, and spaces around the quotes.
    """
    cells = []
    at = 0
    while cell := _cell(separator).match(text, at):
        quoted, plain = cell.groups()
        cells.append(plain if quoted is None else quoted.replace('""', '"'))
        at = cell.end() + 1
        if at > len(text):
            return cells
    return None


@cache
def _cell(separator: str) -> re.Pattern[str]:
    mark, pad = re.escape(separator), "" if separator == " " else " *"
    quoted, plain = r'"([^"]*+(?:""[^"]*+)*+)"', rf'(?!{pad}")([^{mark}\n]*+)'
    return re.compile(rf"(?:{pad}{quoted}{pad}|{plain})(?={mark}|\Z)")
