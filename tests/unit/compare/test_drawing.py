"""Drawings with coloured groups."""

import pytest

from organode.compare.drawing import LOWERS, RAISES, _colour, coloured

WHY = {
    "molecule": "COC1=CC(=O)C=CC1=O",
    "groups": [{"fragment": "*OC", "atoms": [0, 1], "volts": -0.12}],
}


def test_groups_are_coloured_and_the_core_is_not():
    drawing, plain = coloured(WHY), coloured(WHY | {"groups": []})
    assert drawing.startswith("<svg")
    assert drawing.count("<ellipse") == 2
    assert "<ellipse" not in plain


@pytest.mark.parametrize(("volts", "full"), [(1.0, RAISES), (-1.0, LOWERS)])
def test_sign_decides_the_colour_and_size_its_strength(volts, full):
    assert _colour(volts) == pytest.approx(full)
    assert all(weak >= strong for weak, strong in zip(_colour(volts / 10), full, strict=True))
    assert _colour(volts / 1000) != (1.0, 1.0, 1.0)
