"""Expectations of the pre-training set."""

import pandas as pd
import pytest
from rdkit import Chem

from embedded_set.pretraining import SOURCES, TABLE
from helpers import ROOT
from organode.chem import flat_smiles, parse_flat

FOLDER = ROOT / "data/pretraining"


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    return pd.read_parquet(FOLDER / TABLE)


def test_molecules_are_canonical_unique_and_not_embedded(table, embedded):
    assert table["smiles"].is_unique
    assert not table["smiles"].isin(embedded["smiles"]).any()
    assert set(table["source"]) <= set(SOURCES)
    for smiles in table["smiles"].iloc[::50]:
        assert flat_smiles(parse_flat(smiles)) == smiles
        assert Chem.MolFromSmiles(smiles).GetNumHeavyAtoms() in range(2, 41)


def test_energies_are_complete_and_possible(table):
    energies = table.select_dtypes("float")
    assert energies.notna().all().all()
    for method in ("ipea1", "gfn2", "vertical"):
        assert (table[f"IE_{method}"] > table[f"EA_{method}"]).mean() > 0.999
        assert table[f"IE_{method}"].between(2, 20).all()
    assert (table["unbound"] == (table["EA_ipea1"] <= 0)).mean() > 0.999
    assert table["IE_ipea1"].corr(table["IE_gfn2"]) > 0.9


def test_card_tells_the_number_of_molecules(table):
    assert f"{len(table):,} organic" in (FOLDER / "README.md").read_text(encoding="utf-8")
