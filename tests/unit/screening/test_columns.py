"""Columns of a screening's tables."""

import pandas as pd
import pytest

from organode.electrochemistry.cells import ROLES
from organode.screening import columns
from organode.screening.columns import (
    BOUNDED,
    CANDIDATES,
    ENERGIES,
    FROM_ROWS,
    INTERNAL,
    NUMBERS,
    PROPERTIES,
    TAKEN,
)

LISTS = {
    name: value
    for name, value in vars(columns).items()
    if name.isupper() and isinstance(value, tuple) and name != "ROLES"
}


@pytest.mark.parametrize("name", sorted(set(LISTS) - {"TAKEN"}))
def test_no_column_is_listed_twice(name):
    assert len(set(LISTS[name])) == len(LISTS[name])


@pytest.mark.parametrize("name", ["TARGET", "FIRST_WAVE", "SECOND_WAVE", "PROBABILITIES",
                                  "CANDIDATE_FLAG"])  # fmt: skip
def test_every_role_has_its_columns(name):
    by_role = getattr(columns, name)
    assert set(by_role) == set(ROLES)
    assert len(set(by_role.values())) == len(ROLES)


def test_potentials_are_those_of_the_energies():
    """A p-type molecule gives electrons off: its ionization energy and oxidations."""
    assert columns.TARGET == {"p": "IE", "n": "EA"}
    assert columns.FIRST_WAVE == {"p": "E_ox", "n": "E_red"}
    for role in ROLES:
        assert columns.SECOND_WAVE[role] == f"{columns.FIRST_WAVE[role]}2"
        wave = columns.FIRST_WAVE[role].removeprefix("E_")
        assert columns.PROBABILITIES[role] == (f"P_{wave}", f"P_{wave}2")


def test_every_bounded_number_has_both_ends():
    for name in BOUNDED:
        stem = name.removesuffix("_lower").removesuffix("_upper")
        assert {stem, f"{stem}_lower", f"{stem}_upper"} <= set(BOUNDED)
    assert set(BOUNDED) <= set(NUMBERS)


def test_candidates_have_all_that_rows_and_properties_tell():
    assert set(PROPERTIES) <= set(CANDIDATES)
    assert set(ENERGIES) - {"P_inside"} <= set(PROPERTIES)
    assert set(FROM_ROWS) - {"similarity"} <= set(CANDIDATES)


def test_library_s_own_column_can_take_no_name_of_the_result():
    assert set(CANDIDATES) | set(FROM_ROWS) | set(INTERNAL) | {"status", "scored"} <= set(TAKEN)


def test_every_property_says_what_it_means():
    for name, meaning in PROPERTIES.items():
        assert len(meaning) > 10, name
        assert not meaning.endswith("."), name
    assert pd.Series(PROPERTIES).is_unique
