"""Read numbers from text in the spellings that people, spreadsheets and papers use."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from numbers import Real
from typing import Any

import numpy as np
import pandas as pd

# Texts that stand for a missing value.
MISSING = frozenset({
    "", "-", "--", "?", ".", "na", "n/a", "n.a.", "nd", "n.d.", "nan", "null", "none", "<na>",
    "#n/a",
})  # fmt: skip
# Typographic minus signs and hyphens; digits, point and comma of East Asian keyboards.
TO_ASCII = str.maketrans(
    "−‐‑‒–—﹣－＋．，（）" + "".join(chr(0xFF10 + digit) for digit in range(10)),
    "--------+.,()" + "0123456789",
)
NUMBER = re.compile(r"([+-]?) ?((?:\d+(?:[.,]\d*)?|[.,]\d+)(?:e[+-]?\d+)?)(?: ?ev)?")
MAX_SHOWN = 60  # characters of an unreadable cell that are kept


@dataclass(frozen=True)
class Numbers:
    """Numbers that were read from a column of n cells.

    Attributes
    ----------
    values : numpy.ndarray
        Shape (n,), float64: the numbers; NaN for a cell that is missing or not a number.
    unread : dict of int to str
        For each cell that is neither a number nor missing: the row, 0 to n − 1, to the cell's text,
        shortened to 60 characters.
    """

    values: np.ndarray
    unread: dict[int, str]


def read_numbers(cells: Iterable[Any]) -> Numbers:
    """Read a column of energies in eV, given as numbers or as text.

    Unambiguous spellings are accepted: typographic minus signs, a decimal comma, the unit eV after
    the number, a negative number in parentheses. A cell that is empty, or holds a text such as
    ``n/a``, is a missing value, NaN. A cell with any other content is NaN too, and its text is kept
    in `Numbers.unread`.

    Examples
    --------
    >>> read_numbers(["−1.6", "8,9", "12.2 eV", "(-2.8)", "n/a", "2026-11-08"])
    Numbers(values=array([-1.6,  8.9, 12.2, -2.8,  nan,  nan]), unread={5: '2026-11-08'})
    """
    values: list[float] = []
    unread: dict[int, str] = {}
    for row, cell in enumerate(cells):
        value = _number(cell)
        values.append(np.nan if value is None else value)
        if value is None:
            text = " ".join(str(cell).split())
            unread[row] = text if len(text) <= MAX_SHOWN else text[: MAX_SHOWN - 1] + "…"
    return Numbers(np.array(values, np.float64), unread)


def _number(cell: Any) -> float | None:
    """Return the number in a cell, NaN if the value is missing, None for any other content."""
    if cell is None:
        return np.nan
    if isinstance(cell, bytes):  # text in a Parquet column of type binary
        cell = cell.decode("utf-8", "replace")
    if isinstance(cell, str):
        return _parse(cell)
    if isinstance(cell, bool | np.bool_) or not pd.api.types.is_scalar(cell):
        return None
    if pd.isna(cell):
        return np.nan
    if not isinstance(cell, Real | Decimal):
        return None
    value = float(cell)
    return None if np.isinf(value) else value


def _parse(cell: str) -> float | None:
    """Return the number in a text, NaN if the text means a missing value, None for other texts."""
    text = " ".join(cell.translate(TO_ASCII).split()).strip("'\"").strip().casefold()
    if text in MISSING:
        return np.nan
    if text.startswith("(-") and text.endswith(")"):
        text = text[1:-1].strip()
    number = NUMBER.fullmatch(text)
    if number is None:
        return None
    value = float(number[1] + number[2].replace(",", "."))
    return None if np.isinf(value) else value
