"""Lines and records of text that nobody has checked: each counts, none can stop the others."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from itertools import islice
from typing import BinaryIO

LONGEST = 1 << 22  # bytes of a line; what is behind them is dropped
SPAN = 20  # lines that one quoted cell may go over
BOM = "\ufeff"


def lines(stream: BinaryIO) -> Iterator[str]:
    """Yield the lines of a stream without their ends, each in UTF-8 or else in Latin-1."""
    first = True
    while line := stream.readline(LONGEST):
        whole = line.endswith(b"\n")
        rest = line
        while not whole and (rest := stream.readline(LONGEST)):
            whole = rest.endswith(b"\n")
        text = _decoded(line.rstrip(b"\r\n"))
        yield text.removeprefix(BOM) if first else text
        first = False


def _decoded(line: bytes) -> str:
    try:
        return line.decode()
    except UnicodeDecodeError:
        return line.decode("latin-1")


def records(source: Iterator[str], delimiter: str, width: int) -> Iterator[list[str]]:
    """Yield the cells of each record, one record a line.

    A quoted cell may go on in the next lines, if together they make one sound record of `width`
    cells; else a quote that is not closed is a character like any other, and takes nothing with
    it.
    """
    ahead: list[str] = []
    while True:
        line = ahead.pop(0) if ahead else next(source, None)
        if line is None:
            return
        if '"' not in line:
            yield line.split(delimiter)
            continue
        cells = _parsed(line, delimiter)
        if cells is None:
            ahead += islice(source, SPAN - len(ahead))
            used, cells = _over_lines(line, ahead, delimiter, width)
            del ahead[:used]
        yield cells


def _over_lines(line: str, ahead: list[str], delimiter: str, width: int) -> tuple[int, list[str]]:
    """Return how many of the next lines belong to a record, and its cells."""
    text = line
    for used, one in enumerate(ahead, 1):
        text = f"{text}\n{one}"
        if '"' in one:
            cells = _parsed(text, delimiter)
            if cells is not None and len(cells) == width:
                return used, cells
    return 0, [cell.strip('"') for cell in line.split(delimiter)]


def _parsed(text: str, delimiter: str) -> list[str] | None:
    """Return a record's cells, or None if its quotes do not pair."""
    try:
        (cells,) = csv.reader([text], delimiter=delimiter, strict=True)
    except (csv.Error, ValueError):
        return None
    return cells
