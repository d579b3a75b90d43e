from decimal import Decimal

import numpy as np
import pytest

from organode.fetch.numbers import MAX_SHOWN, read_numbers


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("−1.6", -1.6),
        ("8,9", 8.9),
        ("12.2 eV", 12.2),
        ("(-2.8)", -2.8),
        ("１.５", 1.5),
        ("+1e-3", 0.001),
        (b"7.5", 7.5),
        (Decimal("2.25"), 2.25),
        (np.float32(1.5), 1.5),
        (3, 3.0),
    ],
)
def test_unambiguous_spellings_are_read(cell, value):
    numbers = read_numbers([cell])
    assert numbers.values.tolist() == [value]
    assert numbers.unread == {}


@pytest.mark.parametrize("cell", ["", " - ", "n/a", "NaN", None, np.nan, "#N/A"])
def test_missing_values_are_nan(cell):
    numbers = read_numbers([cell])
    assert np.isnan(numbers.values).all()
    assert numbers.unread == {}


@pytest.mark.parametrize("cell", ["2026-11-08", "1.2.3", "abc", "inf", "1,234.5", True, [1.0]])
def test_other_cells_are_not_numbers_and_are_kept(cell):
    numbers = read_numbers(["1", cell])
    assert np.isnan(numbers.values[1])
    assert numbers.unread == {1: str(cell)}


def test_long_cells_are_shortened():
    (text,) = read_numbers(["x" * 1_000]).unread.values()
    assert len(text) == MAX_SHOWN
