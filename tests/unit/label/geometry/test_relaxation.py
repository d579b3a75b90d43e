import numpy as np
import pytest
from rdkit import Chem

from organode.chem import parse_smiles
from organode.label.geometry import relaxation
from organode.label.geometry.conformer import embed
from organode.label.geometry.relaxation import MAX_FORCE, ChargeState, charge_states, relax, rmsd
from organode.label.record import LabelError


@pytest.mark.parametrize(
    ("smiles", "charges", "unpaired"),
    [
        ("CCO", [0, 1, -1], [0, 1, 1]),
        ("C[n+]1ccccc1", [1, 2, 0], [0, 1, 1]),
        ("CC1(C)CCCC(C)(C)N1[O]", [0, 1, -1], [1, 0, 0]),
    ],
)
def test_charge_states_follow_the_drawn_species(smiles, charges, unpaired):
    states = charge_states(parse_smiles(smiles))
    assert [state.charge for state in states] == charges
    assert [state.unpaired for state in states] == unpaired


def test_relaxed_geometry_is_a_stationary_point():
    methanol = embed(Chem.MolFromSmiles("CO"))
    first = relax(methanol, ChargeState(0, 0))
    assert first.curvature.shape == (18, 18)
    again = relax(methanol, ChargeState(0, 0), start=first)
    assert rmsd(methanol, first.positions, again.positions) < MAX_FORCE


def test_unconverged_relaxation_is_an_error(monkeypatch):
    monkeypatch.setattr(relaxation, "MAX_STEPS", 1)
    with pytest.raises(LabelError, match="not converged after 1 steps"):
        relax(embed(Chem.MolFromSmiles("CCO")), ChargeState(0, 0))


def test_rmsd_ignores_rotation_and_translation_but_not_reflection():
    molecule = embed(Chem.MolFromSmiles("C[C@H](F)Cl"))
    positions = molecule.GetConformer().GetPositions()
    rotation = np.array([[0.0, -1.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, 1.0]])
    assert rmsd(molecule, positions, positions @ rotation + 3.0) == pytest.approx(0, abs=1e-6)
    assert rmsd(molecule, positions, positions * [1, 1, -1]) > 0.1
    moved = positions.copy()
    moved[0] += 0.5
    assert 0.1 < rmsd(molecule, positions, moved) < 0.87
