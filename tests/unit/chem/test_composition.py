"""Elements, bonds, charges and sizes of molecules."""

from rdkit import Chem

from organode.chem.composition import Composition, is_bond


def test_parts_are_elements_bonds_charge_and_radical():
    smiles = ["CCO", "C[n+]1ccc(-c2cc[n+](C)cc2)cc1", "CC1(C)CCCC(C)(C)N1[O]", "CC(=O)[O-]"]
    composition = Composition.of([Chem.MolFromSmiles(text) for text in smiles])
    assert [sorted(parts) for parts in composition.parts] == [
        ["C", "C-C", "C-O", "O"],
        ["C", "C-C", "C-N", "C:C", "C:N", "N", "charge+2"],
        ["C", "C-C", "C-N", "N", "N-O", "O", "radical"],
        ["C", "C-C", "C-O", "C=O", "O", "charge-1"],
    ]
    assert composition.heavy_atoms.tolist() == [3, 14, 11, 4]


def test_bonds_are_named_in_alphabetical_order_and_those_to_hydrogen_left_out():
    molecules = [Chem.MolFromSmiles(text) for text in ("N#CCl", "[H][H]", "[He]", "Cl[SiH3]")]
    bonds = [{part for part in parts if is_bond(part)} for parts in Composition.of(molecules).parts]
    assert bonds == [{"C#N", "C-Cl"}, set(), set(), {"Cl-Si"}]


def test_bonds_are_distinguished_from_other_parts():
    parts = ("Cl", "charge+1", "C", "radical", "C#N", "N:O", "Cl-Si", "S~S")
    assert [part for part in parts if is_bond(part)] == ["C#N", "N:O", "Cl-Si", "S~S"]


def test_no_molecules():
    composition = Composition.of([])
    assert composition.parts == []
    assert composition.heavy_atoms.shape == (0,)
