"""What must hold of the measured potentials that the project ships."""

import numpy as np
import pandas as pd
import pytest
from rdkit import Chem

from helpers import ROOT
from organode.electrochemistry.measured import CELL, UNSEEN, first_waves, read_measured
from organode.electrochemistry.scale.potential import CHARGE_CHANGE
from organode.utils.tables import read_csv

# Compilations that the result is judged by: nothing of theirs may be learned from.
KEPT_ASIDE = "BidentateGNN|pierre-24"


PATH = ROOT / "data/measured/potentials.csv"


@pytest.fixture(scope="module")
def table():
    return read_measured(PATH)


def test_there_are_hundreds_of_rows_of_every_kind(table):
    assert len(table) >= 350
    assert len(first_waves(table, "IE")) >= 130
    assert len(first_waves(table, "EA")) >= 180
    assert table["couple"].isin(["-1/-2", "+2/+1"]).sum() >= 30
    assert (table["kind"] == CELL).sum() >= 30


def test_every_row_is_of_a_molecule_that_can_be_drawn(table):
    assert [smiles for smiles in table["smiles"] if Chem.MolFromSmiles(smiles) is None] == []
    assert (table["name"] != "").all()
    assert (table["family"] != "").all()


def test_every_row_says_where_it_is_from_and_how_it_was_seen(table):
    assert set(table["evidence"]) <= {"source", "compilation", UNSEEN}
    assert (table["citation"] != "").all()
    told = table.loc[table["evidence"] == "compilation", "compilation"]
    assert (told != "").all()
    for column in ("citation", "doi", "compilation"):
        assert not table[column].str.contains(KEPT_ASIDE).any()


def test_few_rows_were_not_looked_up_and_none_of_them_is_fitted(table):
    assert (table["evidence"] == UNSEEN).mean() <= 0.1
    for target in CHARGE_CHANGE:
        assert UNSEEN not in set(first_waves(table, target)["evidence"])


def test_every_wave_is_converted_to_ferrocene_and_says_how(table):
    waves = table[table["kind"] != CELL]
    assert waves["kind"].isin(["E1/2", "Ep", "Ep/2"]).all()
    assert waves["E_Fc"].between(-3.5, 2.5).all()
    assert (waves["conversion"] != "").all()
    assert table["couple"].str.fullmatch(r"[+-]?\d/[+-]?\d").all()
    measured = ["smiles", "couple", "kind", "value", "reference", "solvent", "citation"]
    assert not table.duplicated(measured).any()


def test_the_file_shows_the_conversions_that_are_computed(table):
    shown = read_csv(PATH, dtype=str, keep_default_na=False)
    assert shown["conversion"].tolist() == table["conversion"].tolist()
    volts = pd.to_numeric(shown["E_Fc"])
    np.testing.assert_allclose(volts, table["E_Fc"], atol=1e-3)
