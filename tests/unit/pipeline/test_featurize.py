"""The tables that the stage `featurize` writes."""

import numpy as np
import pandas as pd
from rdkit import Chem

from organode.artifacts import MORGAN, ORBITALS
from organode.chem.fingerprint import environments
from organode.chem.orbitals.huckel import orbitals
from organode.pipeline.featurize import as_table, featurize
from organode.settings import checked
from organode.utils.tables import write_table

SMILES = ["C", "CCO", "O=C1C=CC(=O)C=C1", "CN1c2ccccc2Sc2ccccc21", "C1CCCCC1", "CC(C)(C)C"]


def test_features_are_written_in_the_order_of_the_curated_table(tmp_path):
    write_table(pd.DataFrame({"smiles": SMILES}), tmp_path / "curated.parquet")
    settings = checked({"featurize": {"max_radius": 2}})
    table = featurize(settings, tmp_path / "curated.parquet", tmp_path)
    molecules = [Chem.MolFromSmiles(smiles) for smiles in SMILES]
    frontier = orbitals(molecules)
    expected = as_table(environments(molecules, 2, frontier.densities))
    pd.testing.assert_frame_equal(table, expected)
    pd.testing.assert_frame_equal(pd.read_parquet(tmp_path / MORGAN.name), expected)
    descriptors = pd.read_parquet(tmp_path / ORBITALS.name)
    np.testing.assert_array_equal(descriptors.to_numpy(), frontier.descriptors)
