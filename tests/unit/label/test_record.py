"""Labels, and what no label can be."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from organode.label.record import HIGHEST, LOWEST, Ion, LabelError, check_energies, one_line


@pytest.mark.parametrize("value", [LOWEST, HIGHEST, 0.0, -13.0, 25.0])
def test_energies_of_molecules_are_possible(value):
    check_energies(value)
    check_energies()


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (-4488.0, "-4488.0 eV"),
        (math.nextafter(LOWEST, -math.inf), "-20.0 eV"),
        (math.nextafter(HIGHEST, math.inf), "30.0 eV"),
        (math.nan, "nan eV"),
        (math.inf, "inf eV"),
    ],
)
@pytest.mark.parametrize("position", [0, 1, 2])
def test_impossible_energy_is_named_wherever_it_is(value, said, position):
    values = [1.0, 2.0]
    values.insert(position, value)
    with pytest.raises(LabelError, match=f"^an energy difference is impossible: {said}$"):
        check_energies(*values)


def test_message_becomes_one_line():
    assert one_line(ValueError("SCF not\n  converged\tin 250\r\n cycles\n")) == (
        "SCF not converged in 250 cycles"
    )
    assert one_line(ValueError()) == ""


@settings(max_examples=40)
@given(st.text(max_size=300))
def test_message_is_a_short_line_whatever_it_was(text):
    line = one_line(ValueError(text))
    assert len(line) <= 200
    assert line.splitlines() in ([], [line])
    assert "  " not in line


def test_ion_that_could_not_be_relaxed_has_no_energies():
    ion = Ion(1, 1, "a bond broke")
    assert {ion.adiabatic, ion.energy, ion.reorganisation, ion.fragmentation} == {None}
    assert ion.changes == ion.charges == ion.spins == ()
