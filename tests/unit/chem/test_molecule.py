import pytest
from rdkit import Chem

from organode.chem import (
    MoleculeError,
    check_organic,
    flat_smiles,
    flatten,
    parse_flat,
    parse_smiles,
)


def flat(smiles):
    return flat_smiles(parse_smiles(smiles))


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        (None, "empty SMILES"), ("", "empty SMILES"), ("   ", "empty SMILES"),
        (float("nan"), "empty SMILES"), (7, "empty SMILES"),
        ("no molecule", "not a valid SMILES"), ("c1ccccc", "not a valid SMILES"),
        ("C(C)(C)(C)(C)C", "not a valid SMILES"), ("C" * 3000, "longer than 2000"),
    ],
)  # fmt: skip
def test_a_cell_that_is_no_molecule_has_a_reason(cell, reason):
    with pytest.raises(MoleculeError, match=reason):
        parse_smiles(cell)


@pytest.mark.parametrize(
    ("smiles", "reason"),
    [
        ("CC.O", "more than one fragment"), ("[Na+].[Cl-]", "more than one fragment"),
        ("C[N+](C)(C)C", r"net charge \+1"), ("CC(=O)[O-]", "net charge -1"),
        ("C[CH2]", "radical"), ("C[Sn](C)(C)C", "element not covered: Sn"), ("O", "no carbon"),
        ("*c1ccccc1", "element not covered"), ("CI", "element not covered: I"),
    ],
)  # fmt: skip
def test_what_is_not_one_neutral_organic_molecule_has_a_reason(smiles, reason):
    with pytest.raises(MoleculeError, match=reason):
        check_organic(parse_smiles(smiles))


@pytest.mark.parametrize("smiles", ["c1ccccc1", " CCO ", "C[N+](=O)[O-]", "CS(C)(=O)=O", "CB(O)O"])
def test_organic_molecules_pass(smiles):
    check_organic(parse_smiles(smiles))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("C1=CC=CC=C1", "c1ccccc1"), ("OCC", "CCO"),
        ("C[C@H](F)Cl", "C[C@@H](F)Cl"), ("F/C=C/F", "F/C=C\\F"),
        ("[2H]C([2H])([2H])O", "CO"), ("[13CH4]", "C"), ("[CH3:7]O", "CO"),
    ],
)  # fmt: skip
def test_what_the_fingerprint_cannot_tell_apart_has_one_identity(one, other):
    assert flat(one) == flat(other)


@pytest.mark.parametrize(("one", "other"), [("CCO", "COC"), ("Cc1ccccc1C", "Cc1cccc(C)c1")])
def test_different_structures_have_different_identities(one, other):
    assert flat(one) != flat(other)


def test_identity_is_stable():
    once = flat("C[C@H](O)c1ccc(/C=C/Br)cc1")
    assert flat(once) == once


AWKWARD = (
    "C[C@H](O)[C@@H](N)C", "F/C=C\\F", "[2H]C([2H])([2H])O", "[13CH4]", "[CH3:7]O", "[H]N(C)[H]",
    "C[S@](=O)CC", "CN(=O)=O", "c1cc[nH]c1", "[H]/N=C/C", "OB(O)c1ccccc1", "C[CH2]", "[H][H]",
)  # fmt: skip


@pytest.mark.parametrize("smiles", AWKWARD)
def test_the_flat_form_is_the_same_however_it_is_come_by(smiles):
    direct, slowly = parse_flat(smiles), flatten(parse_smiles(smiles))
    assert Chem.MolToSmiles(direct) == Chem.MolToSmiles(slowly)
    assert [atom.GetTotalNumHs() for atom in direct.GetAtoms()] == [
        atom.GetTotalNumHs() for atom in slowly.GetAtoms()
    ]


@pytest.mark.parametrize("cell", [None, "  ", "c1ccccc", "C(C)(C)(C)(C)C", "C" * 3000])
def test_both_ways_refuse_the_same(cell):
    with pytest.raises(MoleculeError) as slowly:
        parse_smiles(cell)
    with pytest.raises(MoleculeError) as direct:
        parse_flat(cell)
    assert str(direct.value) == str(slowly.value)
