"""The page of a report."""

import pytest

from organode.screening.report.page import superscript


@pytest.mark.parametrize(("name", "printed"), [
    ("Li/Li+", "Li/Li⁺"), ("Mg/Mg2+", "Mg/Mg²⁺"), ("SCE", "SCE"),
    ("Ag/Ag+ (0.01 M)", "Ag/Ag⁺ (0.01 M)"),
])  # fmt: skip
def test_charges_are_superscript(name, printed):
    assert superscript(name) == printed
