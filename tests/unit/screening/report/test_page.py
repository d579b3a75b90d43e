"""The page of a report."""

import numpy as np
import pytest
from rdkit import Chem

from organode.compare.explanation import Explanation, Part
from organode.screening.report.page import _picture, _why, superscript

MOLECULE = Chem.MolFromSmiles("COC1=CC(=O)C(C)=CC1=O")
PARTS = (
    Part("*C", (7,), np.array([-0.001])),
    Part("*OC", (0, 1), np.array([-0.134])),
)
EXPLAINED = Explanation(MOLECULE, "O=C1C=CC(=O)C=C1", np.array([-0.9]), PARTS, "")


@pytest.mark.parametrize(("name", "printed"), [
    ("Li/Li+", "Li/Li⁺"), ("Mg/Mg2+", "Mg/Mg²⁺"), ("SCE", "SCE"),
    ("Ag/Ag+ (0.01 M)", "Ag/Ag⁺ (0.01 M)"),
])  # fmt: skip
def test_charges_are_superscript(name, printed):
    assert superscript(name) == printed


def test_a_candidates_potential_is_that_of_its_core_and_what_its_groups_add():
    why = _why({"E_red": 2.26}, "n", EXPLAINED)
    assert (why["name"], why["core"]) == ("E_red", "O=C1C=CC(=O)C=C1")
    assert why["volts"] == pytest.approx(2.395)  # in the units of the table, not vs Fc/Fc+
    assert [f"{fragment} {volts:+.2f}" for fragment, volts in why["groups"]] == [
        "*OC -0.13",
        "*C +0.00",
    ]


def test_groups_are_coloured_unless_the_flat_drawing_would_hide_stereo():
    assert _picture("COC1=CC(=O)C(C)=CC1=O", EXPLAINED).count("<ellipse") == 3
    for hidden in ("C[C@H](O)C1=CC(=O)C=CC1=O", "[13CH3]OC1=CC(=O)C(C)=CC1=O"):
        assert "<ellipse" not in _picture(hidden, EXPLAINED)
