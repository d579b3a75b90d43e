"""Input columns from molecules and from stored features."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from rdkit import Chem

from organode.chem.features import Molecules
from organode.chem.fingerprint import environments, fold
from organode.chem.orbitals.huckel import NAMES, orbitals
from organode.models.input_columns import InputColumns
from organode.models.network.network import NetworkSettings
from organode.models.stored_features import StoredFeatures
from organode.pipeline.featurize import as_table
from organode.utils.tables import write_table

SMILES = ["C", "CCO", "O=C1C=CC(=O)C=C1", "CN1c2ccccc2Sc2ccccc21", "C1CCCCC1", "CC(C)(C)C"]
MOLECULES = [Chem.MolFromSmiles(smiles) for smiles in SMILES]
SETTINGS = NetworkSettings(1, 0, counts=True, orbitals=True, widths=(8,), dropout=0.0, l2=0.0)
ROWS = np.arange(len(MOLECULES))


@pytest.fixture
def stored(tmp_path) -> StoredFeatures:
    frontier = orbitals(MOLECULES)
    result = environments(MOLECULES, 4, frontier.densities)
    write_table(as_table(result), tmp_path / "morgan.parquet")
    table = pd.DataFrame(frontier.descriptors, columns=list(NAMES))
    write_table(table, tmp_path / "orbitals.parquet")
    return StoredFeatures.read(
        len(MOLECULES), tmp_path / "morgan.parquet", tmp_path / "orbitals.parquet"
    )


@pytest.mark.parametrize("radius", [0, 1, 2, 3, 4])
@pytest.mark.parametrize("counts", [True, False])
@pytest.mark.parametrize("n_bits", [0, 32, 3000])
def test_stored_features_give_same_input_as_molecules(stored, radius, counts, n_bits):
    settings = replace(SETTINGS, radius=radius, counts=counts, n_bits=n_bits)
    inputs = InputColumns.choose(settings, stored, ROWS)
    np.testing.assert_array_equal(
        inputs.matrix(stored).toarray(), inputs.matrix(Molecules(MOLECULES)).toarray()
    )


def test_folded_input_is_fingerprint_densities_and_scaled_descriptors(stored):
    inputs = InputColumns.choose(replace(SETTINGS, n_bits=64), stored, ROWS)
    matrix = inputs.matrix(stored).toarray()
    folded = fold(environments(MOLECULES, 1), len(MOLECULES), 64, counts=True)
    np.testing.assert_array_equal(matrix[:, :64], folded.toarray())
    highest = matrix[:, 64 : 64 + len(inputs.sites)].sum(axis=1)
    # Each electron is on the atoms once, and once more on their surroundings.
    assert (highest <= 2.001).all()
    assert highest.max() > 0.6
    scaled = matrix[:, 64 + 2 * len(inputs.sites) :]
    varied = scaled.std(axis=0) > 0
    assert scaled.shape[1] == len(NAMES)
    assert scaled.mean(axis=0) == pytest.approx(0, abs=1e-4)
    assert scaled.std(axis=0)[varied] == pytest.approx(1, abs=1e-3)


def test_column_needs_two_training_molecules(stored):
    settings = replace(SETTINGS, orbitals=False)
    everyone = InputColumns.choose(settings, stored, ROWS)
    # Without the phenothiazine, nothing that it alone shares with another is left.
    fewer = InputColumns.choose(settings, stored, ROWS[[0, 1, 2, 4, 5]])
    assert set(fewer.identifiers) < set(everyone.identifiers)
    column = everyone.matrix(stored)
    assert (np.diff(column.tocsc().indptr) >= 2).all()
    assert fewer.matrix(stored).shape == (len(MOLECULES), len(fewer.identifiers))


def test_unusual_molecule_uses_existing_columns_only(stored):
    inputs = InputColumns.choose(SETTINGS, stored, ROWS)
    stranger = Molecules([Chem.MolFromSmiles("FC(F)(F)S(F)(F)(F)(F)F")])
    matrix = inputs.matrix(stranger).toarray()
    assert matrix.shape == (1, len(inputs.identifiers) + 2 * len(inputs.sites) + len(NAMES))
    assert not matrix[:, : -len(NAMES)].any()
    assert np.abs(matrix).max() <= 6
