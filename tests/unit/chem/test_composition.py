"""Elements, charges and sizes of molecules."""

from rdkit import Chem

from organode.chem.composition import Composition, is_element


def test_parts_are_elements_charge_and_radical():
    smiles = ["CCO", "C[n+]1ccc(-c2cc[n+](C)cc2)cc1", "CC1(C)CCCC(C)(C)N1[O]", "CC(=O)[O-]"]
    composition = Composition.of([Chem.MolFromSmiles(text) for text in smiles])
    assert [sorted(parts) for parts in composition.parts] == [
        ["C", "O"],
        ["C", "N", "charge+2"],
        ["C", "N", "O", "radical"],
        ["C", "O", "charge-1"],
    ]
    assert composition.heavy_atoms.tolist() == [3, 14, 11, 4]


def test_elements_are_distinguished_from_other_parts():
    assert [part for part in ("Cl", "charge+1", "C", "radical") if is_element(part)] == ["Cl", "C"]


def test_no_molecules():
    composition = Composition.of([])
    assert composition.parts == []
    assert composition.heavy_atoms.shape == (0,)
