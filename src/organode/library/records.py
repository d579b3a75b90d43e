"""Records of delimited text: one a line, unless a quoted cell really goes over several lines."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from itertools import chain, islice

SEPARATORS = (",", ";", "\t", "|")
HEADER = 20  # lines that the names of columns may go over
SPAN = 10_000  # lines that a quoted cell, such as a mol block, may go over


def split(line: str, separator: str) -> list[str]:
    """Return the cells of a line on its own; quotes that do not pair are ordinary characters."""
    if '"' not in line:
        return line.split(separator)
    quoted = _parsed(line, separator)
    return line.split(separator) if quoted is None else quoted


def records(
    source: Iterator[str], separator: str, width: int, is_row: Callable[[list[str]], bool]
) -> Iterator[list[str]]:
    """Yield the cells of each record.

    A cell may open with a quote that nobody meant as one (`2" tube`, `5'-O`), and swallow all rows
    up to the next quote. So a record is read over several lines only where these make one sound
    record of `width` cells and none of the lines behind the first is a row by itself.

    Parameters
    ----------
    source : iterator of str
        Lines.
    separator : str
        One character.
    width : int
        Cells of the header.
    is_row : callable
        Whether cells, `width` of them, are a row of their own.
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
        cells = _parsed(line, separator) if '"' in line else line.split(separator)
        if cells is None:
            ahead += islice(source, SPAN - len(ahead))
            used, joined = _over_lines(line, ahead, separator, width, is_row)
            del ahead[:used]
            yield joined
        elif len(cells) == width:
            yield cells
        else:
            plain = line.split(separator)
            yield plain if len(plain) == width else cells


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
    return all(_parsed(text, separator) is not None for separator in separators or SEPARATORS)


def _over_lines(
    line: str, ahead: list[str], separator: str, width: int, is_row: Callable[[list[str]], bool]
) -> tuple[int, list[str]]:
    """Return how many of the next lines belong to a record, and its cells."""
    if not _is_open(line, separator):
        return 0, line.split(separator)
    text = line
    for used, more in enumerate(ahead, 1):
        alone = split(more, separator)
        if len(alone) == width and is_row(alone):
            break
        text = f"{text}\n{more}"
        if '"' in more:
            cells = _parsed(text, separator)
            if cells is not None:
                if len(cells) == width:
                    return used, cells
                break
            if not _is_open(text, separator):
                break
    return 0, line.split(separator)


def _is_open(text: str, separator: str) -> bool:
    """Return whether a record only lacks the end of a quoted cell."""
    return _parsed(f'{text}"', separator) is not None


def _parsed(text: str, separator: str) -> list[str] | None:
    """Return a record's cells, or None if its quotes do not pair."""
    try:
        (cells,) = csv.reader([text], delimiter=separator, strict=True)
    except (csv.Error, ValueError):
        return None
    return cells
