"""Centres, bonds and matrices of the Hückel model."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rdkit import Chem

from organode.chem.graph import Graphs
from organode.chem.orbitals.centres import GROUPS, batches, skeletons
from organode.chem.orbitals.integrals import COULOMB, INDUCTION, RESONANCE, fitted

DEFAULTS = [COULOMB, INDUCTION, RESONANCE]
SMILES = ["CCO", "c1ccncc1", "CC(=O)[O-]", "CC1(C)CCCC(C)(C)N1[O]", "FC(F)(F)S(=O)(=O)N", "CB(C)Br"]


def read(*smiles):
    return skeletons(Graphs.of([Chem.MolFromSmiles(text) for text in smiles]))


def centres(smiles):
    found = read(smiles)
    return [found.kinds[centre] for centre in found.centre.tolist()]


@pytest.mark.parametrize(
    ("smiles", "kinds"),
    [
        ("CC=C", ["C2", "C1", "C1"]),  # saturated carbon has two electrons
        ("c1ccncc1", ["C1", "C1", "C1", "N1", "C1", "C1"]),
        ("c1cc[nH]c1", ["C1", "C1", "C1", "N2", "C1"]),
        ("Cn1cccc1", ["C2", "N2", "C1", "C1", "C1", "C1"]),
        ("C[n+]1ccccc1", ["C2", "N1", "C1", "C1", "C1", "C1", "C1"]),
        ("c1ccoc1", ["C1", "C1", "C1", "O2", "C1"]),
        ("CC(C)=O", ["C2", "C1", "C2", "O1"]),
        ("CO", ["C2", "O2"]),
        ("CC#N", ["C2", "C1", "N1"]),
        ("C[CH+]C", ["C2", "C0", "C2"]),
        ("C=C[CH2-]", ["C1", "C1", "C2"]),
        ("C[CH]C", ["C2", "C1", "C2"]),
        ("CS(C)(=O)=O", ["C2", "S0", "C2", "O1", "O1"]),
        ("CSC", ["C2", "S2", "C2"]),
        ("CB(C)C", ["C2", "B0", "C2", "C2"]),
        ("CCl", ["C2", "Cl2"]),
        ("CC1(C)CCCC(C)(C)N1[O]", ["C2"] * 9 + ["N2", "O1"]),
    ],
)
def test_kind_is_element_and_electrons(smiles, kinds):
    assert [centre.kind for centre in centres(smiles)] == kinds
    assert [centre.electrons for centre in centres(smiles)] == [int(kind[-1]) for kind in kinds]
    assert [centre.element for centre in centres(smiles)] == [kind[:-1] for kind in kinds]


@pytest.mark.parametrize(
    ("smiles", "types"),
    [
        ("C", ["C2h3"]),  # no fit distinguishes three hydrogens from four
        ("c1cc[nH]c1", ["C1ah1", "C1ah1", "C1ah1", "N2ah1", "C1ah1"]),
        ("CC(=O)[O-]", ["C2h3", "C1h0", "O1h0", "O2h0-"]),
        ("C[NH3+]", ["C2h3", "N2h3+"]),
    ],
)
def test_type_adds_aromaticity_hydrogens_and_charge(smiles, types):
    assert [centre.type for centre in centres(smiles)] == types


def test_bond_has_the_same_name_in_either_direction():
    for smiles, name in (
        ("CC=O", {"C1-C2", "C1=O1"}),
        ("O=CC", {"C1-C2", "C1=O1"}),
        ("N#CC", {"C1#N1", "C1-C2"}),
        ("c1ccncc1", {"C1:C1", "C1:N1"}),
    ):
        found = read(smiles)
        assert {found.integrals[integral] for integral in found.integral.tolist()} == name
        assert (found.begin < found.end).all()


@pytest.mark.parametrize(
    ("smiles", "charge", "single", "occupied"),
    [
        ("C=C", 0, 0, 1),
        ("c1ccccc1", 0, 0, 3),
        ("[CH2]C=C", 0, 1, 1),
        ("[CH3]", 0, 1, 0),
        ("C[n+]1ccccc1", 1, 0, 4),
        ("CC(=O)[O-]", -1, 0, 3),
        ("C", 0, 0, 1),
        ("CB", 0, 0, 1),
        ("[CH2][CH2]", 0, 1, 0),  # several unpaired electrons count as one
    ],
)
def test_charge_unpaired_electrons_and_occupied_orbitals(smiles, charge, single, occupied):
    found = read("CCO", smiles)
    assert (found.charge[1], found.single[1], found.occupied[1]) == (charge, single, occupied)


def test_orbitals_in_use_are_never_more_than_there_are():
    found = read("C", "[CH3]", "", "CO", "[H][H]", "BrBr", "[CH3+]")
    used = found.occupied + found.single
    assert (used >= 0).all()
    assert (used <= found.sizes).all()


def test_molecules_are_grouped_by_size_and_those_without_atoms_left_out():
    names, _ = fitted()
    groups = batches(read("CCO", "C", "", "CCN", "c1ccccc1"), names)
    assert [group.molecule.tolist() for group in groups] == [[1], [0, 3], [4]]
    assert [group.coulomb.shape for group in groups] == [(1, 1), (2, 3), (1, 6)]
    assert batches(read(), names) == []


def test_most_specific_integral_is_used():
    ethanol = read("CCO")
    for names, expected in (
        (DEFAULTS, [0, 0, 0]),
        ([*DEFAULTS, "C2"], [3, 3, 0]),
        ([*DEFAULTS, "C2", "C2h3", "O2h1"], [4, 3, 5]),
    ):
        (group,) = batches(ethanol, names)
        assert group.coulomb.tolist() == [expected]
    (group,) = batches(ethanol, [*DEFAULTS, "C2-O2", "~O2"])
    assert group.resonance.tolist() == [2, 3]
    assert (group.from_left.tolist(), group.from_right.tolist()) == ([1, 1], [1, 4])


def test_matrix_has_coulomb_and_inductive_terms_on_the_diagonal():
    names = [*DEFAULTS, "C2", "O2", "C2-O2", "~O2"]
    values = np.array([9.0, 0.0, 0.5, 2.0, 3.0, 0.7, 0.1])
    (group,) = batches(read("CCO"), names)
    expected = [[2.0, 0.5, 0.0], [0.5, 2.1, 0.7], [0.0, 0.7, 3.0]]  # the oxygen acts on one carbon
    np.testing.assert_allclose(group.hamiltonians(values), [expected])


def test_inductive_effects_of_several_neighbours_add_up():
    names = [*DEFAULTS, "~F2"]
    (group,) = batches(read("FC(F)F"), names)
    diagonal = np.diag(group.hamiltonians(np.array([1.0, 0.0, 0.0, 0.2]))[0])
    np.testing.assert_allclose(diagonal, [1, 1.6, 1, 1])


def test_groups_are_those_of_the_descriptors():
    (group,) = batches(read("CN(O)SCl"), DEFAULTS)
    assert group.group.tolist() == [[*map(GROUPS.index, "CNOS"), -1]]


@given(st.sampled_from(SMILES), st.randoms(use_true_random=False))
def test_matrix_follows_the_atoms_when_these_are_renumbered(smiles, random):
    names, values = fitted()
    molecule = Chem.MolFromSmiles(smiles)
    order = random.sample(range(molecule.GetNumAtoms()), molecule.GetNumAtoms())
    pair = Graphs.of([molecule, Chem.RenumberAtoms(molecule, order)])
    (group,) = batches(skeletons(pair), names)
    one, other = group.hamiltonians(values)
    np.testing.assert_allclose(one[np.ix_(order, order)], other)
    np.testing.assert_array_equal(one, one.T)
    assert group.occupied[0] == group.occupied[1]


def test_skeleton_without_centres_has_no_orbitals():
    assert read("").occupied.tolist() == [0]
