"""Numbers in the cells of users' tables."""

from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

from organode.fetch.numbers import MAX_SHOWN, read_numbers


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("−1.6", -1.6), ("–1.6", -1.6), ("8,9", 8.9), ("12.2 eV", 12.2), ("12,2eV", 12.2),
        ("(-2.8)", -2.8), ("(−2,8)", -2.8), ("+3", 3), ("1e1", 10), (" 8.9 ", 8.9), ("８.９", 8.9),
        ("8.9\u00a0eV", 8.9), ("'8.9", 8.9), ("- 2.8", -2.8), (8, 8), (np.float32(0.5), 0.5),
        (".5", 0.5), ("5.", 5), (b"7.5", 7.5), (Decimal("2.25"), 2.25),
    ],
)  # fmt: skip
def test_unambiguous_number_is_read(cell, value):
    numbers = read_numbers([cell])
    assert numbers.values.tolist() == [pytest.approx(value)]
    assert not numbers.unread


@pytest.mark.parametrize(
    "cell", ["", " ", None, "n/a", "NaN", "-", "–", "#N/A", pd.NA, pd.NaT, "n.d."]
)
def test_missing_number_is_nan(cell):
    numbers = read_numbers([cell])
    assert np.isnan(numbers.values[0])
    assert not numbers.unread


@pytest.mark.parametrize(
    "cell",
    [
        "2026-11-08", "8. Nov", "12.2 kJ/mol", "> 8", "8.9-9.1", "1.2.3", "1,234.5", "inf", "-inf",
        "(2.8)", "=B2", "abc", "10²", "#DIV/0!", True, np.True_, float("inf"), [8.9], "8 9", "0x10",
    ],
)  # fmt: skip
def test_unreadable_number_is_kept_for_the_message(cell):
    numbers = read_numbers([1.0, cell])
    assert np.isnan(numbers.values[1])
    assert list(numbers.unread) == [1]


def test_long_cells_are_shortened():
    (text,) = read_numbers(["x" * 1_000]).unread.values()
    assert len(text) == MAX_SHOWN
