"""Expectations of the shipped table of redox couples from the literature."""

import pandas as pd
import pytest
from rdkit import Chem

from helpers import ROOT
from organode.electrochemistry.measured import UNSEEN
from organode.electrochemistry.stability.couples import RETURNS

HELD_OUT = "BidentateGNN|pierre-24"  # used only to test the result
EVIDENCE = {"abstract", "class", "consequence", "compilation", UNSEEN}


@pytest.fixture(scope="module")
def table():
    return pd.read_csv(ROOT / "data/measured/reversibility.csv", keep_default_na=False)


def test_every_row_has_a_valid_species_of_a_single_component(table):
    for smiles in table["smiles"]:
        molecule = Chem.MolFromSmiles(smiles)
        assert molecule is not None, smiles
        assert len(Chem.GetMolFrags(molecule)) == 1


def test_every_row_has_its_observation_and_evidence(table):
    assert set(table["reversible"]) <= set(RETURNS)
    assert set(table["evidence"]) == EVIDENCE
    assert (table[["name", "citation", "family"]] != "").all().all()
    assert not table["citation"].str.contains(HELD_OUT).any()
    assert table["doi"].str.fullmatch(r"(10\.\d{4,}/\S+)?").all()


def test_every_kind_has_enough_verified_rows(table):
    verified = table[table["evidence"] != UNSEEN]
    assert len(verified) >= 120
    assert verified["reversible"].map(RETURNS).value_counts().min() >= 40
