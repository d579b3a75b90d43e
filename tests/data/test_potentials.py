"""Expectations of the shipped table of measured potentials."""

import numpy as np
import pandas as pd
import pytest
from rdkit import Chem

from helpers import ROOT
from organode.electrochemistry.measured import (
    CELL,
    UNSEEN,
    first_waves,
    read_measured,
)
from organode.electrochemistry.types import CHARGE_CHANGE
from organode.utils.tables import read_csv

# Compilations that are used only to test the result: none of their values may be in the table.
HELD_OUT = "BidentateGNN|pierre-24"


PATH = ROOT / "data/measured/potentials.csv"


@pytest.fixture(scope="module")
def table():
    return read_measured(PATH)


def test_every_kind_has_enough_rows(table):
    assert len(table) >= 350
    assert len(first_waves(table, "IE")) >= 130
    assert len(first_waves(table, "EA")) >= 180
    assert table["couple"].isin(["-1/-2", "+2/+1"]).sum() >= 30
    assert (table["kind"] == CELL).sum() >= 30


def test_every_row_has_a_valid_molecule(table):
    assert [smiles for smiles in table["smiles"] if Chem.MolFromSmiles(smiles) is None] == []
    assert (table["name"] != "").all()
    assert (table["family"] != "").all()


def test_every_row_has_its_source_and_evidence(table):
    assert set(table["evidence"]) <= {"source", "compilation", UNSEEN}
    assert (table["citation"] != "").all()
    compilations = table.loc[table["evidence"] == "compilation", "compilation"]
    assert (compilations != "").all()
    for column in ("citation", "doi", "compilation"):
        assert not table[column].str.contains(HELD_OUT).any()


def test_unverified_rows_are_few_and_not_fitted(table):
    assert (table["evidence"] == UNSEEN).mean() <= 0.1
    for target in CHARGE_CHANGE:
        assert UNSEEN not in set(first_waves(table, target)["evidence"])


def test_every_wave_is_converted_to_ferrocene_by_a_named_conversion(table):
    waves = table[table["kind"] != CELL]
    assert waves["kind"].isin(["E1/2", "Ep", "Ep/2"]).all()
    assert waves["E_Fc"].between(-3.5, 2.5).all()
    assert (waves["conversion"] != "").all()
    assert table["couple"].str.fullmatch(r"[+-]?\d/[+-]?\d").all()
    measured = ["smiles", "couple", "kind", "value", "reference", "solvent", "citation"]
    assert not table.duplicated(measured).any()


def test_file_agrees_with_the_computed_conversions(table):
    file = read_csv(PATH, dtype=str, keep_default_na=False)
    assert file["conversion"].tolist() == table["conversion"].tolist()
    volts = pd.to_numeric(file["E_Fc"])
    np.testing.assert_allclose(volts, table["E_Fc"], atol=1e-3)
