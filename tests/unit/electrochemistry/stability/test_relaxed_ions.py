"""Relaxed ions with the inputs of linear models."""

import numpy as np

from organode.chem.orbitals.huckel import NAMES
from organode.electrochemistry.stability import OXIDISED, REDUCED
from organode.electrochemistry.stability.relaxed_ions import N_BITS, has_reacted, rounded


def test_both_ions_of_a_species_have_the_same_inputs(ions):
    assert ions.inputs.shape == (len(ions.table), N_BITS + len(NAMES))
    oxidised, reduced = ions.of_side(OXIDISED), ions.of_side(REDUCED)
    assert oxidised.table["smiles"].tolist() == reduced.table["smiles"].tolist()
    assert abs(oxidised.inputs - reduced.inputs).max() == 0


def test_descriptors_are_standardised(ions):
    values = ions.inputs[:, N_BITS:].toarray()
    np.testing.assert_allclose(values.mean(axis=0), 0, atol=1e-3)
    spread = values.std(axis=0)
    assert ((np.abs(spread - 1) < 1e-3) | (spread == 0)).all()


def test_ion_has_reacted_if_a_bond_changed_or_cleavage_releases_energy(ions):
    table = ions.table.head(3).copy()
    table["changes"] = [["broke 1-2"], [], []]
    table["fragmentation"] = [np.nan, -0.1, 0.4]
    assert has_reacted(table).tolist() == [True, True, False]


def test_rounded_values_have_five_digits():
    assert rounded(np.array([1.234567, -0.000123456])).tolist() == [1.2346, -0.00012346]
