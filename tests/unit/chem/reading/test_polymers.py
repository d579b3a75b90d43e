import pytest

from organode.chem import MoleculeError, flat_smiles, structure


@pytest.mark.parametrize(
    ("unit", "cap", "molecule", "ends"),
    [
        ("*CC(*)c1ccc(OC)cc1OC", "H", "CCc1ccc(OC)cc1OC", "2 ends"),
        (
            "[*:1]C(C)(C[*:2])C(=O)OC1CC(C)(C)N([O])C(C)(C)C1",
            "methyl",
            "CCC(C)(C)C(=O)OC1CC(C)(C)N([O])C(C)(C)C1",
            "2 ends",
        ),
        ("[1*]c1ccc([2*])s1", "H", "c1ccsc1", "2 ends"),
        ("*n1c2ccccc2c2ccccc21", "methyl", "Cn1c2ccccc2c2ccccc21", "1 end"),
        ("*[N+]1(*)CCCCC1.[Cl-]", "methyl", "C[N+]1(C)CCCCC1", "2 ends"),
    ],
)
def test_repeat_unit_is_capped(unit, cap, molecule, ends):
    result, note = structure(unit, cap=cap)
    assert flat_smiles(result) == molecule
    assert f"{ends} capped with {cap}" in note
    drawn, _ = structure(unit, cap=cap, flat=False)  # as labels are computed
    assert flat_smiles(drawn) == molecule


def test_stereo_is_kept_on_request():
    result, _ = structure("*C[C@H](F)Cl", cap="methyl", flat=False)
    assert result.GetAtomWithIdx(2).HasProp("_CIPCode")


@pytest.mark.parametrize("unit", ["*CC*", "[*]c1ccccc1", "C[*:1]"])
def test_repeat_unit_without_cap_is_rejected_with_remedy(unit):
    with pytest.raises(MoleculeError, match=r"repeat unit .*--cap H or --cap methyl"):
        structure(unit)


@pytest.mark.parametrize("unit", ["C*C", "CC=*", "**", "*"])
def test_star_that_is_no_chain_end_is_rejected(unit):
    with pytest.raises(MoleculeError, match=r"^a \* "):
        structure(unit, cap="H")


@pytest.mark.parametrize("unit", ["*[n+]1ccc(-c2cc[n+](C*)cc2)cc1", "*[N+](C)(C)CC*"])
def test_cation_is_not_capped_with_hydrogen(unit):
    """It would be another acid, of one charge less once that is neutralised."""
    with pytest.raises(MoleculeError, match="--cap methyl"):
        structure(unit, cap="H")
    assert "capped with methyl" in structure(unit, cap="methyl")[1]


def test_charged_star_is_rejected():
    with pytest.raises(MoleculeError, match="a charge"):
        structure("C[*-]", cap="methyl")


def test_cap_does_not_change_whole_molecules():
    assert structure("CCO", cap="methyl")[1] == ""
