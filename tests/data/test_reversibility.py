"""What must hold of the couples of the literature that the project ships."""

import pandas as pd
import pytest
from rdkit import Chem

from helpers import ROOT
from organode.electrochemistry.measured import UNSEEN
from organode.electrochemistry.stability.couples import RETURNS

KEPT_ASIDE = "BidentateGNN|pierre-24"  # they judge the result
EVIDENCE = {"abstract", "class", "consequence", "compilation", UNSEEN}


@pytest.fixture(scope="module")
def table():
    return pd.read_csv(ROOT / "data/measured/reversibility.csv", keep_default_na=False)


def test_every_row_is_of_a_species_that_can_be_drawn(table):
    for smiles in table["smiles"]:
        molecule = Chem.MolFromSmiles(smiles)
        assert molecule is not None, smiles
        assert len(Chem.GetMolFrags(molecule)) == 1


def test_every_row_says_what_was_seen_and_how(table):
    assert set(table["reversible"]) <= set(RETURNS)
    assert set(table["evidence"]) == EVIDENCE
    assert (table[["name", "citation", "family"]] != "").all().all()
    assert not table["citation"].str.contains(KEPT_ASIDE).any()
    assert table["doi"].str.fullmatch(r"(10\.\d{4,}/\S+)?").all()


def test_there_are_enough_of_each_kind_that_were_read(table):
    read = table[table["evidence"] != UNSEEN]
    assert len(read) >= 120
    assert read["reversible"].map(RETURNS).value_counts().min() >= 40
