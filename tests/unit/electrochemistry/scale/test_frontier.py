"""Inputs of the Gaussian processes."""

import numpy as np
import pytest
from rdkit import Chem

from organode.chem.features import Molecules
from organode.electrochemistry.scale.frontier import process_inputs

SMILES = ["CCCCN(C)C", "CCCCC(C)=O", "c1ccccc1", "CC1(C)CCCC(C)(C)N1[O]", "c1ccc2sccc2c1"]
GROUPS = ["C", "N", "O", "S"]  # order of the columns of `place`


@pytest.fixture(scope="module")
def molecules():
    return Molecules([Chem.MolFromSmiles(text) for text in SMILES])


def inputs(target, molecules, **changes):
    n = molecules.n
    given = {
        "energy": np.arange(n), "error": np.full(n, 0.1), "irreversible": np.zeros(n, bool),
        "breaks": np.zeros(n),
        "solvent": np.array(["ACN"] * n),
    } | changes  # fmt: skip
    return process_inputs(target, molecules, **given)


@pytest.mark.parametrize("target", ["IE", "EA"])
def test_orbital_is_where_its_density_is(target, molecules):
    """Shares of the elements in the orbital are sums of its densities on their atoms."""
    place = inputs(target, molecules).place
    for row, molecule in enumerate(molecules.molecules):
        density = molecules.densities[row][:, ["IE", "EA"].index(target)]
        for column, element in enumerate(GROUPS):
            on_it = sum(density[atom.GetIdx()] for atom in molecule.GetAtoms()
                        if atom.GetSymbol() == element)  # fmt: skip
            assert place[row, column] == pytest.approx(on_it, abs=1e-4)


def test_oxidation_is_at_a_lone_pair_and_reduction_at_a_carbonyl(molecules):
    oxidised, reduced = inputs("IE", molecules).place, inputs("EA", molecules).place
    assert oxidised[0, GROUPS.index("N")] > 0.4  # of the amine
    assert reduced[1, GROUPS.index("O")] > 0.15  # of the ketone
    assert oxidised[2, GROUPS.index("C")] == pytest.approx(1)
    np.testing.assert_allclose(oxidised[3], reduced[3], atol=0.01)  # the single electron's orbital


def test_size_is_of_the_molecule_and_of_the_orbital(molecules):
    size = inputs("IE", molecules).size
    heavy = [molecule.GetNumAtoms() for molecule in molecules.molecules]
    np.testing.assert_allclose(size[:, 0], np.log(heavy), rtol=1e-5)
    assert (size[:, 1] >= 1 - 1e-6).all()
    assert (size[:, 1] <= heavy).all()
    assert size[2, 1] == pytest.approx(6, abs=0.01)  # benzene's is on all its atoms alike


def test_what_is_given_is_passed_on_as_numbers_and_text(molecules):
    solvent = np.array(["ACN", "DMF", "ACN", "DMSO", "PC"], object)
    irreversible = np.array([True, False, True, False, False])
    result = inputs("EA", molecules, solvent=solvent, irreversible=irreversible)
    assert result.energy.tolist() == [0, 1, 2, 3, 4]
    assert result.energy.dtype == result.error.dtype == result.place.dtype == float
    assert result.error.tolist() == [0.1] * 5
    assert result.solvent.tolist() == solvent.tolist()
    assert result.solvent.dtype.kind == "U"
    assert result.irreversible.tolist() == irreversible.tolist()


def test_unknown_target_is_an_error(molecules):
    with pytest.raises(KeyError, match="E_ox"):
        inputs("E_ox", molecules)
