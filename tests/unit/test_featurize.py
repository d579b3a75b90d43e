import numpy as np
import pandas as pd
import pytest
from rdkit import Chem

from organode.chem.fingerprint import environments, fold
from organode.featurize import Features
from organode.featurize.stage import levels
from organode.tables import write_table

SMILES = ["C", "CCO", "O=C1C=CC(=O)C=C1", "CN1c2ccccc2Sc2ccccc21", "C1CCCCC1", "CC(C)(C)C"]
MOLECULES = [Chem.MolFromSmiles(smiles) for smiles in SMILES]


@pytest.mark.parametrize("radius", [0, 1, 2, 3, 4])
@pytest.mark.parametrize("counts", [True, False])
def test_the_one_table_serves_every_radius_and_length(tmp_path, radius, counts):
    write_table(levels(MOLECULES, 4), tmp_path / "morgan.parquet")
    features = Features.read(len(MOLECULES), tmp_path / "morgan.parquet")
    for n_bits in (32, 1024, 3000):
        direct = fold(environments(MOLECULES, radius), len(MOLECULES), n_bits, counts=counts)
        stored = features.matrix(radius, n_bits, counts=counts)
        np.testing.assert_array_equal(stored.toarray(), direct.toarray())


def test_the_table_is_the_same_in_one_piece_or_in_several():
    whole = levels(MOLECULES, 3)
    pieces = pd.concat([levels(MOLECULES[:2], 3), levels(MOLECULES[2:], 3, first=2)])
    pd.testing.assert_frame_equal(whole, pieces.reset_index(drop=True))
