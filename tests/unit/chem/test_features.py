"""Features of molecules, computed on demand."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rdkit import Chem

from organode.chem import parse_flat
from organode.chem.features import Molecules
from organode.chem.fingerprint import environments
from organode.chem.orbitals.huckel import NAMES, orbitals
from organode.chem.similarity import nearest, packed_bits

SMILES = ["C", "CCO", "O=C1C=CC(=O)C=C1", "C[n+]1ccccc1", "CC1(C)CCCC(C)(C)N1[O]", "c1ccc2sccc2c1"]


@pytest.fixture
def molecules():
    return [Chem.MolFromSmiles(text) for text in SMILES]


@pytest.fixture
def described(molecules):
    return Molecules(molecules)


@pytest.mark.parametrize("radius", [0, 1, 2, 3, 4])
def test_environments_carry_the_densities_of_the_orbitals(molecules, described, radius):
    expected = environments(molecules, radius, orbitals(molecules).densities)
    result = described.environments(radius)
    for name in ("molecule", "radius", "identifier", "count", "density"):
        np.testing.assert_array_equal(getattr(result, name), getattr(expected, name))
    assert result.density.any()


def test_environments_of_a_radius_do_not_depend_on_what_was_asked_before(molecules):
    late = Molecules(molecules)
    for radius in (4, 0, 2):
        late.environments(radius)
    for radius in (0, 1, 2, 3):
        fresh = Molecules(molecules).environments(radius)
        np.testing.assert_array_equal(late.environments(radius).identifier, fresh.identifier)
        assert late.environments(radius).radius.max() <= radius


def test_features_have_a_row_for_each_molecule(described):
    n = len(SMILES)
    assert described.n == n
    assert described.descriptors.shape == (n, len(NAMES))
    assert described.composition.heavy_atoms.tolist() == [1, 3, 8, 7, 11, 9]
    assert [density.shape for density in described.densities] == [
        (atoms, 2) for atoms in described.composition.heavy_atoms
    ]
    np.testing.assert_array_equal(described.bits, packed_bits(described.molecules))


def test_features_are_computed_once(described):
    assert described.bits is described.bits
    assert described.composition is described.composition
    assert described.descriptors is described.descriptors


def test_nearest_depends_on_known_molecules_and_their_number(molecules, described):
    bits = packed_bits(molecules)
    for known in (bits, bits[:3], bits[::-1].copy()):
        for k in (1, 2):
            result, expected = described.nearest(known, k), nearest(bits, known, k)
            np.testing.assert_array_equal(result.position, expected.position)
            np.testing.assert_array_equal(result.similarity, expected.similarity)
    assert described.nearest(bits, 2) is described.nearest(bits.copy(), 2)


def test_too_few_known_molecules_are_said(described):
    with pytest.raises(ValueError, match="2 known molecules, but 3 neighbours"):
        described.nearest(described.bits[:2], 3)


def test_no_molecules_have_empty_features():
    nobody = Molecules([])
    assert nobody.n == len(nobody.environments(2).molecule) == 0
    assert nobody.descriptors.shape == (0, len(NAMES))
    assert nobody.bits.shape == (0, 32)
    assert nobody.composition.parts == []


@settings(max_examples=20)
@given(st.permutations(range(len(SMILES))))
def test_order_of_molecules_does_not_matter(order):
    molecules = [parse_flat(text) for text in SMILES]
    one, other = Molecules(molecules), Molecules([molecules[number] for number in order])
    np.testing.assert_array_equal(one.bits[order], other.bits)
    np.testing.assert_allclose(one.descriptors[order], other.descriptors, atol=1e-5)
    assert [one.composition.parts[number] for number in order] == other.composition.parts


def test_selected_molecules_keep_the_features_of_all(molecules, described):
    described.environments(3)
    selected, alone = described.select([3, 0]), Molecules([molecules[3], molecules[0]])
    for radius in (1, 3):
        kept, computed = selected.environments(radius), alone.environments(radius)
        for name in ("molecule", "radius", "identifier", "count", "density"):
            np.testing.assert_array_equal(getattr(kept, name), getattr(computed, name))
            assert getattr(kept, name).dtype == getattr(computed, name).dtype
    np.testing.assert_array_equal(selected.descriptors, alone.descriptors)
    np.testing.assert_array_equal(selected.bits, alone.bits)
    assert described.select([]).environments(2).molecule.size == 0
