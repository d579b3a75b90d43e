import numpy as np
import pytest
from rdkit import Chem

from organode.label.geometry.bonds import bond_changes, check_bonds
from organode.label.geometry.conformer import embed
from organode.label.record import LabelError


@pytest.fixture(scope="module")
def ethanol() -> Chem.Mol:
    return embed(Chem.MolFromSmiles("CCO"))


def test_intact_geometry_is_accepted(ethanol):
    check_bonds(ethanol, ethanol.GetConformer().GetPositions())


def test_broken_bond_is_named(ethanol):
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


def test_formed_bond_is_named():
    two_atoms = Chem.MolFromSmiles("[CH3].[CH3]")
    with pytest.raises(LabelError, match=r"formed.*C–C"):
        check_bonds(two_atoms, np.array([[0.0, 0.0, 0.0], [1.54, 0.0, 0.0]]))
    check_bonds(two_atoms, np.array([[0.0, 0.0, 0.0], [2.0, 0.0, 0.0]]))


def test_changes_give_the_atoms():
    two = Chem.MolFromSmiles("CC")
    (change,) = bond_changes(two, np.array([[0.0, 0.0, 0.0], [3.0, 0.0, 0.0]]))
    assert (change.how, change.first, change.second) == ("broke", 0, 1)
