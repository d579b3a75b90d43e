"""Hückel frontier orbitals."""

import numpy as np
import pytest
from rdkit import Chem

from organode.chem.graph import Graphs
from organode.chem.orbitals.centres import batches, skeletons
from organode.chem.orbitals.huckel import EMPTY, NAMES, _occupation, orbitals
from organode.chem.orbitals.integrals import COULOMB, INDUCTION, RESONANCE

ODD = ["C", "[H][H]", "O", "FC(F)(F)F", "[C-]#[O+]", "CB(C)C", "C[Si](C)(C)C", "CS(C)(=O)=O",
       "C[N+](=O)[O-]", "BrBr", "CN([O])C", "c1cc[se]c1", "[O-][n+]1ccccc1"]  # fmt: skip


def molecule(smiles: str) -> Chem.Mol:
    return Chem.MolFromSmiles(smiles)


def column(name: str, *smiles: str) -> np.ndarray:
    return orbitals([molecule(text) for text in smiles]).descriptors[:, NAMES.index(name)]


@pytest.mark.parametrize(
    ("smiles", "expected"),
    [
        ("C=C", [1, -1]),
        ("C=CC=C", [1.618, 0.618, -0.618, -1.618]),
        ("c1ccccc1", [2, 1, 1, -1, -1, -2]),
    ],
)
def test_model_equals_hueckel_with_his_integrals(smiles, expected):
    names = [COULOMB, INDUCTION, RESONANCE]
    (batch,) = batches(skeletons(Graphs.of([molecule(smiles)])), names)
    levels = np.linalg.eigvalsh(batch.hamiltonians(np.array([0.0, 0.0, 1.0]))[0])
    np.testing.assert_allclose(levels[::-1], expected, atol=1e-3)


def test_conjugation_reduces_gap():
    polyenes = ["C=C", "C=CC=C", "C=CC=CC=C", "C=CC=CC=CC=C"]
    assert (np.diff(column("HOMO energy", *polyenes)) < 0).all()
    assert (np.diff(column("LUMO energy", *polyenes)) > 0).all()


@pytest.mark.parametrize(
    ("weaker", "stronger"),
    [("c1ccccc1N", "c1ccccc1"), ("c1ccccc1", "N#Cc1ccccc1C#N"), ("CCC", "C"), ("CN(C)C", "CO")],
)
def test_donor_has_higher_homo(weaker, stronger):
    assert np.diff(column("HOMO energy", weaker, stronger)) > 0


@pytest.mark.parametrize(
    ("weaker", "stronger"),
    [("c1ccccc1", "O=C1C=CC(=O)C=C1"), ("O=C1C=CC(=O)C=C1", "N#CC1=C(C#N)C(=O)C=CC1=O")],
)
def test_acceptor_has_lower_lumo(weaker, stronger):
    assert np.diff(column("LUMO energy", weaker, stronger)) > 0


def test_remote_substituent_acts_through_conjugated_chain():
    near_alike = ("N#CC=CC=CC=CC=CN", "CCC=CC=CC=CC=CN")
    assert abs(np.diff(column("HOMO energy", *near_alike))) > 0.02


# All but the first have degenerate frontier orbitals; the last one's are only partly occupied.
@pytest.mark.parametrize(
    "smiles",
    [
        "CN1C(=O)c2ccc(Cl)cc2C1=O",
        "c1ccccc1",
        "CC(C)(C)C",
        "C1=CC=CC=CC=C1",
        "Nc1ccc(S(=O)(=O)O)c2cc(S(=O)(=O)O)ccc12",
    ],
)
@pytest.mark.parametrize("seed", range(5))
def test_order_of_atoms_does_not_matter(smiles, seed):
    mol = molecule(smiles)
    order = np.random.default_rng(seed).permutation(mol.GetNumAtoms()).tolist()
    result = orbitals([mol, Chem.RenumberAtoms(mol, order)])
    np.testing.assert_allclose(*result.descriptors, atol=1e-5)
    np.testing.assert_allclose(result.densities[0][order], result.densities[1], atol=1e-5)


def test_equal_levels_share_electrons():
    energies = np.array([[2.0, 1.0, 1.0, -1.0], [2.0, 1.0, 0.0, -1.0]])
    shared = _occupation(energies, np.array([2, 2]), np.array([0, 0]))
    assert shared.tolist() == [[1, 0.5, 0.5, 0], [1, 1, 0, 0]]


@pytest.mark.parametrize(
    ("what", "lower", "higher"),
    [
        ("HOMO energy", "c1ccccc1N", "c1ccccc1C#N"),
        ("HOMO energy", "c1ccc2ccccc2c1", "c1ccccc1"),
        ("LUMO energy", "c1ccccc1", "O=C1C=CC(=O)C=C1"),
        ("LUMO energy", "O=C1C=CC(=O)C=C1", "N#CC1=C(C#N)C(=O)C=CC1=O"),
    ],
)
def test_textbook_model_orders_donors_and_acceptors(what, lower, higher):
    assert np.diff(column(f"{what}, textbook", lower, higher)) > 0


def test_charge_iteration_reduces_charges(monkeypatch):
    """An atom that gave electrons away holds the others more tightly."""
    polar = ["C=O", "O=C1C=CC(=O)C=C1", "CN(C)C=O", "c1ccncc1", "N#CC=C"]
    acting = column("charge, mean, textbook", *polar)
    monkeypatch.setattr("organode.chem.orbitals.huckel.OMEGA", 0.0)
    assert (acting < column("charge, mean, textbook", *polar)).all()


def test_homo_is_on_lone_pair_and_lumo_on_carbonyl():
    amine, ketone = orbitals([molecule("CCCCN(C)C"), molecule("CCCCC(C)=O")]).densities
    assert amine[:, 0].argmax() == 4
    assert set(ketone[:, 1].argsort()[-2:].tolist()) == {4, 6}
    assert [amine[:, 0].sum(), ketone[:, 1].sum()] == pytest.approx([1, 1], abs=1e-5)


def test_descriptors_are_finite_and_independent_of_batch():
    molecules = [molecule(smiles) for smiles in ODD]
    result = orbitals(molecules)
    assert result.descriptors.shape == (len(ODD), len(NAMES))
    assert np.isfinite(result.descriptors).all()
    for mol, row, density in zip(molecules, result.descriptors, result.densities, strict=True):
        alone = orbitals([mol])
        np.testing.assert_allclose(alone.descriptors[0], row, atol=1e-5)
        np.testing.assert_allclose(alone.densities[0], density, atol=1e-5)
        assert density.shape == (mol.GetNumAtoms(), 2)


def test_missing_orbitals_have_default_energy():
    assert column("LUMO energy", "C") == EMPTY
    (methane,) = orbitals([molecule("C")]).densities
    assert methane.tolist() == [[1, 0]]
    assert orbitals([]).descriptors.shape == (0, len(NAMES))


def test_orbital_of_unpaired_electron_is_homo_and_lumo():
    radical, closed = "CC1(C)CCCC(C)(C)N1[O]", "CC1(C)CCCC(C)(C)N1O"
    assert column("unpaired", radical, closed).tolist() == [1, 0]
    assert column("HOMO energy", radical)[0] == column("LUMO energy", radical)[0]
    densities = orbitals([molecule(radical)]).densities[0]
    np.testing.assert_allclose(densities.sum(axis=0), 1, atol=1e-5)
    assert (densities[[9, 10]].sum(axis=0) > 0.4).all()  # on N and O


def test_net_charge_is_descriptor():
    some = ["C[n+]1ccc(-c2cc[n+](C)cc2)cc1", "C[n+]1ccccc1", "CCO", "CC(=O)[O-]"]
    assert column("net charge", *some).tolist() == [2, 1, 0, -1]


def test_density_of_allyl_radical():
    result = orbitals([molecule("[CH2]C=C")]).densities[0]
    np.testing.assert_allclose(result[:, 0], [0.5, 0, 0.5], atol=0.1)
