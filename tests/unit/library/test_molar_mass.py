import pytest

from organode.library.read import read, sketch

CELLS = [
    ("[Cl-].C[n+]1ccccc1", 129.59),  # with its counter-ion, as it is ordered
    ("C[n+]1ccccc1", 94.14),
    ("CC(=O)[O-].[Na+]", 60.05),  # read as the acid
    ("O=C1C=CC(=O)C=C1", 108.10),
    ("[Cl-].[Cl-].C[n+]1ccc(-c2cc[n+](C)cc2)cc1", 257.16),
]  # fmt: skip


@pytest.mark.parametrize("how", [lambda *given: read(*given)[0], sketch])
def test_a_cation_weighs_what_was_given(how):
    smiles = [cell for cell, _ in CELLS]
    rows = [*range(len(CELLS))]
    found = how(rows, [*map(str, rows)], smiles, [""] * len(CELLS), "")
    assert found.molar_mass.tolist() == pytest.approx([mass for _, mass in CELLS], abs=0.01)
