import numpy as np
import pytest
from rdkit import Chem
from rdkit.Chem import rdDistGeom

from organode.label.geometry.bonds import check_bonds
from organode.label.geometry.conformer import embed, force_field_hessian, rotamers, with_positions
from organode.label.record import LabelError


@pytest.fixture(scope="module")
def ethanol() -> Chem.Mol:
    return embed(Chem.MolFromSmiles("CCO"))


def test_embedding_adds_hydrogens_and_is_reproducible(ethanol):
    again = embed(Chem.MolFromSmiles("CCO"))
    assert ethanol.GetNumAtoms() == 9
    np.testing.assert_array_equal(
        ethanol.GetConformer().GetPositions(), again.GetConformer().GetPositions()
    )


def test_molecule_without_mmff_parameters_is_relaxed_by_uff():
    molecule = embed(Chem.MolFromSmiles("CB(C)C"))  # MMFF94 has no boron
    check_bonds(molecule, molecule.GetConformer().GetPositions())


def test_failed_embedding_has_a_reason(monkeypatch):
    monkeypatch.setattr(rdDistGeom, "EmbedMolecule", lambda *_: -1)
    with pytest.raises(LabelError, match="no conformer"):
        embed(Chem.MolFromSmiles("CCO"))


def test_rotamers_are_not_other_stereoisomers():
    start = embed(Chem.MolFromSmiles("CSc1ccccc1C=CC#N"))

    def stereo(positions):
        moved = with_positions(start, positions)
        Chem.AssignStereochemistryFrom3D(moved)
        return Chem.MolToSmiles(Chem.RemoveHs(moved))

    drawn = stereo(start.GetConformer().GetPositions())
    assert "/" in drawn
    assert {stereo(positions) for positions in rotamers(start)} == {drawn}


def test_rotamers_differ_in_rings_and_their_substituents():
    assert rotamers(embed(Chem.MolFromSmiles("CCCCO"))) == []
    assert rotamers(embed(Chem.MolFromSmiles("c1ccccc1"))) == []
    others = rotamers(embed(Chem.MolFromSmiles("COc1cccc(OC)c1")))
    assert others
    again = rotamers(embed(Chem.MolFromSmiles("COc1cccc(OC)c1")))
    assert all(np.array_equal(*pair) for pair in zip(others, again, strict=True))


def test_force_field_hessian_is_symmetric_and_positive_definite(ethanol):
    hessian = force_field_hessian(ethanol)
    np.testing.assert_allclose(hessian, hessian.T, atol=1e-9)
    assert (np.linalg.eigvalsh(hessian) > 39).all()


def test_atoms_are_moved_in_a_copy(ethanol):
    before = ethanol.GetConformer().GetPositions()
    moved = with_positions(ethanol, before + 1.0)
    np.testing.assert_allclose(moved.GetConformer().GetPositions(), before + 1.0)
    np.testing.assert_array_equal(ethanol.GetConformer().GetPositions(), before)
