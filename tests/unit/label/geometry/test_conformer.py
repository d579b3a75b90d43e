import numpy as np
import pytest
from rdkit import Chem
from rdkit.Chem import rdDistGeom

from organode.label.geometry.conformer import check_bonds, embed
from organode.label.record import LabelError


@pytest.fixture(scope="module")
def ethanol() -> Chem.Mol:
    return embed(Chem.MolFromSmiles("CCO"))


def test_embed_adds_hydrogens_and_is_the_same_each_time(ethanol):
    again = embed(Chem.MolFromSmiles("CCO"))
    assert ethanol.GetNumAtoms() == 9
    np.testing.assert_array_equal(
        ethanol.GetConformer().GetPositions(), again.GetConformer().GetPositions()
    )


def test_embed_without_mmff_parameters_uses_another_force_field():
    molecule = embed(Chem.MolFromSmiles("CB(C)C"))  # MMFF94 has no boron
    check_bonds(molecule, molecule.GetConformer().GetPositions())


def test_embed_that_fails_has_a_reason(monkeypatch):
    monkeypatch.setattr(rdDistGeom, "EmbedMolecule", lambda *_: -1)
    with pytest.raises(LabelError, match="no conformer"):
        embed(Chem.MolFromSmiles("CCO"))


def test_check_bonds_accepts_an_intact_geometry(ethanol):
    check_bonds(ethanol, ethanol.GetConformer().GetPositions())


def test_check_bonds_sees_a_stretched_bond(ethanol):
    positions = ethanol.GetConformer().GetPositions()
    carbon, oxygen = positions[1], positions[2]
    away = (oxygen - carbon) / np.linalg.norm(oxygen - carbon)
    hydroxyl = [2, 8]
    assert ethanol.GetBondBetweenAtoms(2, 8) is not None
    positions[hydroxyl] += 0.3 * away  # 1.7 Å: long, not broken
    check_bonds(ethanol, positions)
    positions[hydroxyl] += 0.4 * away  # 2.1 Å
    with pytest.raises(LabelError, match=r"broke.*C–O"):
        check_bonds(ethanol, positions)


def test_check_bonds_sees_a_new_bond():
    two_atoms = Chem.MolFromSmiles("[CH3].[CH3]")
    with pytest.raises(LabelError, match=r"formed.*C–C"):
        check_bonds(two_atoms, np.array([[0.0, 0.0, 0.0], [1.54, 0.0, 0.0]]))
    check_bonds(two_atoms, np.array([[0.0, 0.0, 0.0], [2.0, 0.0, 0.0]]))
