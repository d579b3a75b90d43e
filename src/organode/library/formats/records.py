"""Split delimited text into records, which are lines unless a quoted cell spans several lines."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cache
from itertools import chain, islice

SEPARATORS = (",", ";", "\t", "|")
HEADER = 20  # lines that a header with quoted names may span
SPAN = 10_000  # lines that a quoted cell, such as a mol block, may span
LONGEST = 1 << 22  # characters of a record that spans several lines
IsRow = Callable[[list[str], list[str]], bool]


def split(line: str, separator: str) -> list[str]:
    """Return the cells of a single line; unpaired quotes count as ordinary characters."""
    if '"' not in line:
        return line.split(separator)
    quoted = parsed(line, separator)
    return line.split(separator) if quoted is None else quoted


def records(
    source: Iterator[str], separator: str, width: int, is_row: IsRow
) -> Iterator[list[str]]:
    """Yield the cells of each record of a delimited text.

    A cell may begin with a quote that is an ordinary character (`"2 inch tube`). If this quote were
    taken as an opening quote, all rows up to the next quote would become one cell. So lines are
    joined to one record only if together they form a valid record of two to `width` cells, and none
    of the lines after the first is a row by itself.

    Parameters
    ----------
    source : iterator of str
        Lines of the text below the header.
    separator : str
        The character between cells.
    width : int
        Number of cells in the header.
    is_row : callable
        Function that is called with the cells of the line where a quote was opened and the cells of
        a later line; it returns whether the later line is a row by itself.
    """
    ahead: list[str] = []
    while True:
        if ahead:
            line = ahead.pop(0)
        else:
            for line in source:  # fast for lines without quotes
                if '"' in line:
                    break
                yield line.split(separator)
            else:
                return
        cells = parsed(line, separator) if '"' in line else line.split(separator)
        if cells is None:
            used, joined = _join_lines(line, ahead, source, separator, width, is_row)
            del ahead[:used]
            yield joined
        else:
            yield cells


def header(source: Iterator[str]) -> tuple[str, Iterator[str]]:
    """Separate the header of a table from the lines below it.

    Returns
    -------
    text : str
        The header: the first line or, if a quoted name spans several lines, the first lines joined
        by LF; empty if there is no line.
    rest : iterator of str
        The lines below the header.
    """
    text = next(source, "")
    if _is_valid(text):
        return text, source
    ahead = list(islice(source, HEADER))
    for used in range(1, len(ahead) + 1):
        joined = "\n".join([text, *ahead[:used]])
        if _is_valid(joined):
            return joined, chain(ahead[used:], source)
    return text, chain(ahead, source)


def _is_valid(text: str) -> bool:
    separators = [separator for separator in SEPARATORS if separator in text]
    return all(parsed(text, separator) is not None for separator in separators or SEPARATORS)


def _join_lines(
    line: str, ahead: list[str], source: Iterator[str], separator: str, width: int, is_row: IsRow
) -> tuple[int, list[str]]:
    """Return how many lines after `line` belong to the same record, and the cells of the record.

    `ahead` has the next lines, already taken from `source`; further lines are moved from `source`
    to `ahead` as needed.
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
        following = ahead[used - 1]
        size += len(following)
        cells_alone = split(following, separator)
        if size > LONGEST or (_fits(cells_alone, width) and is_row(plain, cells_alone)):
            break
        if following.count('"') % 2:  # otherwise the quoted cell does not end in this line
            cells = parsed("\n".join([line, *ahead[:used]]), separator)
            if cells is not None and _fits(cells, width):
                return used, cells
            break
    return 0, plain


def _fits(cells: list[str], width: int) -> bool:
    """Return whether cells can be a row of a table that is `width` columns wide.

    There must be as many cells as columns, but two are enough; further cells must be empty.
    """
    return min(width, 2) <= len(cells) and not any(cell.strip() for cell in cells[width:])


def _is_open(text: str, separator: str) -> bool:
    """Return whether `text` would be a complete record if a closing quote were appended."""
    return parsed(f'{text}"', separator) is not None


def parsed(text: str, separator: str) -> list[str] | None:
    """Return the cells of a record, or None if its quotes are not paired.

    Unlike the module `csv`, this function allows cells of any length, and spaces around quotes.
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
