import numpy as np
import pandas as pd

from organode.chem import flat_smiles, parse_smiles
from organode.curate.anchors import anchor_energies


def test_only_anchor_molecules_have_energies():
    energies = anchor_energies(pd.Series(["CCCCCCCCCCCCCCCCCC", "C#CC#CC#C"]))
    assert energies.shape == (2, 2)
    assert np.isnan(energies[0]).all()
    assert energies[1].tolist() == [6.9, 2.3018]


def test_anchors_are_flat_canonical_and_unique(root):
    table = pd.read_csv(root / "src/organode/curate/anchors.csv")
    assert table["smiles"].is_unique
    assert [flat_smiles(parse_smiles(text)) for text in table["smiles"]] == table["smiles"].tolist()
    assert (table["IE"] > table["EA"]).all()
