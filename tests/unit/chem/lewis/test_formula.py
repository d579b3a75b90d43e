"""Lewis structures as numbers."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rdkit import Chem

from organode.chem import flat_smiles, parse_flat
from organode.chem.lewis.formula import Lewis, draw, is_sound, read, write

SMILES = [
    "C", "CCO", "C=CC#N", "c1ccccc1", "c1cc[nH]c1", "Cc1ccc2nsnc2c1", "C[N+](=O)[O-]",
    "CC1(C)CCCC(C)(C)N1[O]", "C[n+]1ccccc1", "[CH2]C=C", "CS(C)(=O)=O", "[C-]#[N+]C",
    "C[C]C", "CP(C)(C)=O",
]  # fmt: skip


def lewis_of(smiles):
    return read(Chem.MolFromSmiles(smiles))


@pytest.mark.parametrize("smiles", SMILES)
def test_written_structure_is_the_molecule_that_was_read(smiles):
    molecule = Chem.MolFromSmiles(smiles)
    skeleton, lewis = read(molecule)
    written = write(molecule, skeleton, lewis)
    assert Chem.MolToSmiles(written) == Chem.MolToSmiles(molecule)
    assert is_sound(written, skeleton, lewis)


@given(st.sampled_from(SMILES), st.randoms(use_true_random=False))
def test_numbers_follow_the_atoms_when_these_are_renumbered(smiles, random):
    molecule = parse_flat(smiles)
    order = random.sample(range(molecule.GetNumAtoms()), molecule.GetNumAtoms())
    skeleton, lewis = read(molecule)
    other, renumbered = read(Chem.RenumberAtoms(molecule, order))
    for before, after in (
        (skeleton.elements, other.elements),
        (skeleton.hydrogens, other.hydrogens),
        (lewis.unpaired, renumbered.unpaired),
        (lewis.charges, renumbered.charges),
    ):
        assert tuple(before[atom] for atom in order) == after
    assert sorted(lewis.orders) == sorted(renumbered.orders)


def test_read_gives_elements_hydrogens_orders_electrons_and_charges():
    skeleton, lewis = lewis_of("CC=[N+]([O-])[CH2]")
    assert skeleton.elements == (6, 6, 7, 8, 6)
    assert skeleton.hydrogens == (3, 1, 0, 0, 2)
    assert skeleton.bonds[2] == ((1, 1), (3, 2), (4, 3))
    assert lewis.orders == (1, 2, 1, 1)
    assert lewis.unpaired == (0, 0, 0, 0, 1)
    assert lewis.charges == (0, 0, 1, -1, 0)


def test_aromatic_ring_is_read_with_alternating_bonds_and_left_as_it_was():
    benzene = Chem.MolFromSmiles("c1ccccc1")
    _, lewis = read(benzene)
    assert sorted(lewis.orders) == [1, 1, 1, 2, 2, 2]
    assert all(atom.GetIsAromatic() for atom in benzene.GetAtoms())


@pytest.mark.parametrize(
    ("smiles", "valences"),
    [
        ("CCO", [4, 4, 2]),
        ("C[N+](=O)[O-]", [4, 4, 2, 1]),
        ("CS(C)(=O)=O", [4, 6, 4, 2, 2]),
        ("c1cc[nH]c1", [4, 4, 4, 3, 4]),
        ("[CH2]C", [3, 4]),
    ],
)
def test_valence_counts_bonds_and_hydrogens(smiles, valences):
    skeleton, lewis = lewis_of(smiles)
    assert skeleton.valences(lewis) == valences


def test_drawn_structure_has_atoms_in_the_same_order():
    nitromethane = Chem.MolFromSmiles("[O-][N+](=O)C")
    skeleton, lewis = read(nitromethane)
    radical = Lewis((1, 1, 1), (1, 0, 1, 0), (0, 0, 0, 0))
    drawn = draw(nitromethane, skeleton, radical)
    assert [atom.GetSymbol() for atom in drawn.GetAtoms()] == ["O", "N", "O", "C"]
    assert [atom.GetNumRadicalElectrons() for atom in drawn.GetAtoms()] == [1, 0, 1, 0]
    assert [atom.GetTotalNumHs() for atom in drawn.GetAtoms()] == [0, 0, 0, 3]
    assert read(nitromethane) == (skeleton, lewis)  # the molecule itself stays


def test_impossible_structure_is_not_written():
    skeleton, lewis = lewis_of("CC")
    assert write(Chem.MolFromSmiles("CC"), skeleton, replace(lewis, orders=(3,))) is None


def test_structure_without_the_electrons_that_were_asked_for_is_not_sound():
    ethane, (skeleton, lewis) = Chem.MolFromSmiles("CC"), lewis_of("CC")
    assert is_sound(ethane, skeleton, lewis)
    assert not is_sound(ethane, skeleton, replace(lewis, unpaired=(1, 0)))
    assert not is_sound(ethane, replace(skeleton, hydrogens=(3, 2)), lewis)


@pytest.mark.parametrize(
    "smiles",
    [
        "C1#CCCCC1",  # triple bond in a small ring
        "C1=C=CCCC1",  # allene
        "C1CC2CCC1=C2",  # alkene at a bridgehead
        "CN1OON(C)C1",  # N–O–O–N needs a cation
        "C[N+](=O)C",
    ],
)
def test_what_cannot_exist_is_not_sound(smiles):
    molecule = Chem.MolFromSmiles(smiles)
    sound = is_sound(molecule, *read(molecule))
    assert sound == (smiles == "CN1OON(C)C1")


@pytest.mark.parametrize(
    "smiles", ["C1#CCCCCCC1", "C1=C=CCCCCCC1", "C1CC2C=CC1C2", "C[N+](=O)[O-]", "c1ccccc1", "CC#CC"]
)
def test_large_rings_and_ordinary_groups_are_sound(smiles):
    molecule = Chem.MolFromSmiles(smiles)
    assert is_sound(molecule, *read(molecule))


def test_structures_can_be_sorted_and_counted():
    one, other = Lewis((1,), (0, 0), (0, 0)), Lewis((2,), (0, 0), (0, 0))
    assert sorted({other, one, Lewis((1,), (0, 0), (0, 0))}) == [one, other]


def test_flat_form_is_that_of_the_written_molecule():
    molecule = Chem.MolFromSmiles("O=C1C=CC(=O)C=C1")
    assert flat_smiles(write(molecule, *read(molecule))) == flat_smiles(molecule)
