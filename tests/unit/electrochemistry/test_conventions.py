"""The computed scale, the thesis's rule."""

import pytest

from organode.electrochemistry import convention, known_references
from organode.electrochemistry.conventions import AQUEOUS_LI, on_computed_scale
from organode.errors import UsageError


@pytest.mark.parametrize(
    ("volts", "reference", "expected"),
    [(0, "SHE", 3.04), (0, "Li/Li+", 0), (AQUEOUS_LI, "SHE", 0), (0, "Na/Na+", 0.33),
     (0, "SCE", 3.281), (0.04, "Fc/Fc+", 3.704)],
)  # fmt: skip
def test_potentials_on_the_computed_scale(volts, reference, expected):
    assert on_computed_scale(volts, reference) == pytest.approx(expected)


def test_every_reference_is_on_the_computed_scale():
    for reference in known_references():
        assert 0 <= on_computed_scale(0, reference) < 4
    with pytest.raises(UsageError, match="unknown reference 'XYZ'"):
        on_computed_scale(0, "XYZ")


def test_conventions_have_sources():
    assert "Trasatti" in convention(1.40)
    assert "-3.04 V vs SHE" in convention(1.40)
    assert "Kelly" in convention(1.24)
    assert "custom value" in convention(1.3)
