"""Rows as molecules."""

import pytest

from organode.electrochemistry.stability.core_finder import core_finder
from organode.library.read import featurize, fingerprint

CELLS = [
    ("[Cl-].C[n+]1ccccc1", 129.59),  # with its counter-ion, as it is ordered
    ("C[n+]1ccccc1", 94.14),
    ("CC(=O)[O-].[Na+]", 82.03),  # energies are the acid's, but in a cell the salt is weighed
    ("CC(=O)O[Na]", 82.03),
    ("InChI=1S/C2H4O2.Na/c1-2(3)4;/h1H3,(H,3,4);/q;+1/p-1", 82.03),
    ("[Ca+2].CC(=O)[O-].CC(=O)[O-]", 79.08),  # half of it for one acetate
    ("CC(=O)[O-].[NH4+]", 60.05),
    ("CC(=O)O", 60.05),
    ("O=C1C=CC(=O)C=C1", 108.10),
    ("[Cl-].[Cl-].C[n+]1ccc(-c2cc[n+](C)cc2)cc1", 257.16),
]


def _fingerprint(*given):
    return fingerprint(*given, core_finder().have_core)


@pytest.mark.parametrize("parse", [lambda *given: featurize(*given)[0], _fingerprint])
def test_molar_mass_of_a_salt_includes_its_counter_ions(parse):
    smiles = [cell for cell, _ in CELLS]
    rows = [*range(len(CELLS))]
    parsed = parse(rows, [*map(str, rows)], smiles, [""] * len(CELLS), "")
    assert parsed.molar_mass.tolist() == pytest.approx([mass for _, mass in CELLS], abs=0.01)


@pytest.mark.parametrize("parse", [lambda *given: featurize(*given)[0], _fingerprint])
def test_metal_salt_is_no_repeat_of_its_acid(parse):
    smiles = ["CC(=O)O", "CC(=O)[O-].[Na+]", "[Li+].CC(=O)[O-]", "CC(=O)[O-].[NH4+]"]
    acid, sodium, lithium, ammonium = parse([*range(4)], [*"abcd"], smiles, [""] * 4, "").key
    assert acid == ammonium
    assert acid != sodium == lithium
