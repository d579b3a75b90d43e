"""Features read from the files of a stage."""

import numpy as np
import pandas as pd
import pytest
from rdkit import Chem

from organode.chem.fingerprint import environments
from organode.chem.orbitals.huckel import NAMES, orbitals
from organode.errors import OrganodeError
from organode.models import stored_features
from organode.models.stored_features import StoredFeatures
from organode.pipeline.featurize import as_table
from organode.utils.tables import write_table

SMILES = ["C", "CCO", "O=C1C=CC(=O)C=C1", "CN1c2ccccc2Sc2ccccc21"]
MOLECULES = [Chem.MolFromSmiles(smiles) for smiles in SMILES]


@pytest.fixture
def files(tmp_path):
    """The names of both files."""
    frontier = orbitals(MOLECULES)
    computed = environments(MOLECULES, 3, frontier.densities)
    write_table(as_table(computed), tmp_path / "morgan.parquet")
    table = pd.DataFrame(frontier.descriptors, columns=list(NAMES))
    write_table(table, tmp_path / "orbitals.parquet")
    return tmp_path / "morgan.parquet", tmp_path / "orbitals.parquet"


@pytest.mark.parametrize("radius", [0, 1, 2, 3])
def test_what_was_written_is_read_back_exactly(files, radius):
    stored = StoredFeatures.read(len(SMILES), *files)
    frontier = orbitals(MOLECULES)
    expected = environments(MOLECULES, radius, frontier.densities)
    result = stored.environments(radius)
    for name in ("molecule", "radius", "identifier", "count", "density"):
        ours, theirs = getattr(result, name), getattr(expected, name)
        np.testing.assert_array_equal(ours, theirs)
        assert ours.dtype == theirs.dtype
    np.testing.assert_array_equal(stored.descriptors, frontier.descriptors)
    assert stored.descriptors.dtype == np.float32
    assert stored.n == len(SMILES)


def test_computed_features_do_not_depend_on_chunks(monkeypatch):
    finished = []
    whole = StoredFeatures.computed(SMILES, 3, finished.append)
    monkeypatch.setattr(stored_features, "CHUNK", 3)
    parts = StoredFeatures.computed(SMILES, 3, finished.append)
    assert finished == [4, 3, 1]
    pd.testing.assert_frame_equal(as_table(whole.unfolded), as_table(parts.unfolded))
    np.testing.assert_array_equal(whole.descriptors, parts.descriptors)


def test_orbitals_in_another_order_of_columns_are_read_by_name(files):
    morgan, path = files
    expected = StoredFeatures.read(len(SMILES), *files).descriptors
    table = pd.read_parquet(path)
    write_table(table[table.columns[::-1]], path)
    np.testing.assert_array_equal(StoredFeatures.read(4, morgan, path).descriptors, expected)


@pytest.mark.parametrize("which", [0, 1])
def test_missing_file_names_itself_and_the_stage(files, which):
    files[which].unlink()
    with pytest.raises(OrganodeError, match="organode featurize") as raised:
        StoredFeatures.read(len(SMILES), *files)
    assert files[which].name in str(raised.value)


@pytest.mark.parametrize(("which", "column"), [(0, "identifier"), (1, "HOMO energy")])
def test_missing_column_is_named(files, which, column):
    write_table(pd.read_parquet(files[which]).drop(columns=column), files[which])
    with pytest.raises(OrganodeError, match=column):
        StoredFeatures.read(len(SMILES), *files)
