"""The table of stored environments."""

import pandas as pd
from rdkit import Chem

from organode.chem.fingerprint import environments
from organode.pipeline.featurize import as_table

SMILES = ["C", "CCO", "O=C1C=CC(=O)C=C1", "CN1c2ccccc2Sc2ccccc21", "C1CCCCC1", "CC(C)(C)C"]
MOLECULES = [Chem.MolFromSmiles(smiles) for smiles in SMILES]


def test_table_does_not_depend_on_chunks():
    whole = as_table(environments(MOLECULES, 3))
    parts = [as_table(environments(MOLECULES[:2], 3)), as_table(environments(MOLECULES[2:], 3), 2)]
    pd.testing.assert_frame_equal(whole, pd.concat(parts, ignore_index=True))
