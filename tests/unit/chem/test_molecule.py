"""From text to a checked molecule and its identity."""

import pytest
from rdkit import Chem

from organode.chem import (
    MoleculeError,
    check_organic,
    flat_smiles,
    flatten,
    parse_flat,
    parse_smiles,
    smiles_of_block,
)
from organode.chem.molecule import kind


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
def test_unreadable_cell_is_rejected_with_reason(cell, reason):
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
def test_not_a_neutral_organic_molecule_is_rejected_with_reason(smiles, reason):
    with pytest.raises(MoleculeError, match=reason):
        check_organic(parse_smiles(smiles))


@pytest.mark.parametrize("smiles", ["c1ccccc1", " CCO ", "C[N+](=O)[O-]", "CS(C)(=O)=O", "CB(O)O"])
def test_organic_molecules_are_accepted(smiles):
    check_organic(parse_smiles(smiles))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("C1=CC=CC=C1", "c1ccccc1"),
        ("OCC", "CCO"),
        ("C[C@H](F)Cl", "C[C@@H](F)Cl"),
        ("F/C=C/F", "F/C=C\\F"),
        ("[2H]C([2H])([2H])O", "CO"),
        ("[13CH4]", "C"),
        ("[CH3:7]O", "CO"),
    ],
)
def test_same_flat_form_has_same_identity(one, other):
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
def test_both_parsers_give_same_flat_form(smiles):
    direct, slowly = parse_flat(smiles), flatten(parse_smiles(smiles))
    assert Chem.MolToSmiles(direct) == Chem.MolToSmiles(slowly)
    assert [atom.GetTotalNumHs() for atom in direct.GetAtoms()] == [
        atom.GetTotalNumHs() for atom in slowly.GetAtoms()
    ]


@pytest.mark.parametrize("cell", [None, "  ", "c1ccccc", "C(C)(C)(C)(C)C", "C" * 3000])
def test_both_parsers_reject_same_cells(cell):
    with pytest.raises(MoleculeError) as slowly:
        parse_smiles(cell)
    with pytest.raises(MoleculeError) as direct:
        parse_flat(cell)
    assert str(direct.value) == str(slowly.value)


def canonical(text):
    return flat_smiles(parse_smiles(text))


VIOLOGEN = "C[n+]1ccc(-c2cc[n+](C)cc2)cc1"


def test_kind_as_text():
    kinds = ["CCO", VIOLOGEN, "C[CH2]", "C[N+](C)(C)CC1CC(C)(C)N([O])C1(C)C"]
    assert [str(kind(Chem.MolFromSmiles(text))) for text in kinds] == [
        "neutral closed-shell molecule",
        "net charge +2",
        "radical",
        "net charge +1, radical",
    ]


def test_atom_alias_is_rejected():
    lines = Chem.MolToMolBlock(Chem.MolFromSmiles("CCO")).split("\n")
    end = lines.index("M  END")
    for alias in ("Ph", "R1"):
        with pytest.raises(MoleculeError):
            smiles_of_block("\n".join([*lines[:end], "A    1", alias, *lines[end:]]))


def block(smiles):
    return Chem.MolToMolBlock(Chem.MolFromSmiles(smiles))


def test_smiles_of_mol_block():
    for smiles in ("CCO", "C[N+](=O)[O-]", "c1ccsc1"):
        assert canonical(smiles_of_block(block(smiles))) == canonical(smiles)
    v3000 = Chem.MolToV3KMolBlock(Chem.MolFromSmiles("CCO"))
    assert smiles_of_block(v3000) == "CCO"


@pytest.mark.parametrize("order", [5, 6, 8, 9, 10])
@pytest.mark.parametrize("v3000", [False, True])
def test_mol_block_with_bond_without_order_is_rejected(order, v3000):
    molecule = Chem.MolFromSmiles("CO")
    if v3000:
        text = Chem.MolToV3KMolBlock(molecule).replace("M  V30 1 1 1 2", f"M  V30 1 {order} 1 2")
    else:
        text = Chem.MolToMolBlock(molecule).replace(
            "  1  2  1  0", f"  1  2  {order}  0".replace("  10  0", " 10  0")
        )
    assert str(order) in text
    with pytest.raises(MoleculeError):
        smiles_of_block(text)


@pytest.mark.parametrize(
    "change", [(" C ", " A "), (" C ", " Q "), (" C ", " R# "), (" C ", " * "), ("V2000", "V9000")]
)
def test_query_mol_block_is_rejected(change):
    with pytest.raises(MoleculeError):
        smiles_of_block(block("CCO").replace(*change, 1))
