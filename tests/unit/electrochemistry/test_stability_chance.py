"""Probabilities that radical ions last, and what they say of textbook materials."""

import json

import pandas as pd
import pytest

from helpers import ROOT
from organode.chem import structure
from organode.electrochemistry.stability import FATAL, OXIDISED, REDUCED
from organode.electrochemistry.stability.chance import DESCRIPTION, FEATURES, Stability, accuracy_of
from organode.electrochemistry.stability.couples import KEPT, read_couples
from organode.errors import OrganodeError, UsageError

POTENTIALS = ROOT / "data/measured/potentials.csv"
LITERATURE = ROOT / "data/measured/reversibility.csv"


@pytest.fixture(scope="module")
def couples():
    return read_couples(POTENTIALS, LITERATURE)


@pytest.fixture(scope="module")
def stability(couples):
    return Stability.fit(couples)


def test_couples_are_first_waves_of_different_species(couples):
    assert list(couples.columns) == list(KEPT)
    assert not couples.duplicated(["smiles", "side"]).any()
    for side in (OXIDISED, REDUCED):
        assert couples.loc[couples["side"] == side, "reversible"].value_counts().min() >= 40


def test_a_couple_that_one_saw_return_is_reversible(tmp_path):
    file = tmp_path / "own.csv"
    seen = [("c1ccccc1", "no", ""), ("c1ccccc1", "quasi", ""), ("CCO", "yes", "not re-read")]
    pd.DataFrame({
        "name": "", "smiles": [one for one, _, _ in seen], "side": OXIDISED, "citation": "us",
        "reversible": [one for _, one, _ in seen], "evidence": [one for *_, one in seen],
    }).to_csv(file, index=False)  # fmt: skip
    found = read_couples(POTENTIALS, file).query("origin == 'literature'")
    assert found[["smiles", "reversible"]].to_numpy().tolist() == [["c1ccccc1", True]]


@pytest.mark.parametrize(("change", "said"), [
    ({"reversible": "maybe"}, "row 0: side 'oxidised', reversible 'maybe'"),
    ({"side": "left"}, "row 0: side 'left'"),
    ({"smiles": "C1CC("}, "row 0: 'C1CC\\('"),
])  # fmt: skip
def test_a_row_that_cannot_be_understood_is_named(tmp_path, change, said):
    row = {"name": "x", "smiles": "CCO", "side": OXIDISED, "reversible": "no", "citation": "us"}
    pd.DataFrame([row | change]).to_csv(tmp_path / "own.csv", index=False)
    with pytest.raises(UsageError, match=said):
        read_couples(POTENTIALS, tmp_path / "own.csv")


def test_a_table_that_is_missing_or_has_no_such_column_is_named(tmp_path):
    with pytest.raises(OrganodeError, match="is missing"):
        read_couples(POTENTIALS, tmp_path / "none.csv")
    (tmp_path / "own.csv").write_text("name,smiles\nx,CCO\n")
    with pytest.raises(OrganodeError, match="no column side, reversible, citation"):
        read_couples(POTENTIALS, tmp_path / "own.csv")


def test_families_left_out_are_told_apart(stability):
    found = accuracy_of(stability.couples)
    assert found["n"] == len(stability.couples)
    assert found["auc"] > 0.9
    assert found["brier"] < 0.1


@pytest.mark.parametrize(("side", "better", "worse"), [
    (OXIDISED, "CCN1c2ccccc2Sc2ccc(Cl)cc21", "COc1cccc(C)c1"),
    (OXIDISED, "COc1cc(C(C)(C)C)c(OC)cc1C(C)(C)C", "Oc1cc(C(C)(C)C)c(O)cc1C(C)(C)C"),
    (REDUCED, "CCOC1=CC(=O)c2ccccc2C1=O", "CCCC(=O)CC"),
    (REDUCED, "c1ccc2nsnc2c1", "Brc1ccccc1"),
])  # fmt: skip
def test_chances_are_those_of_a_chemist(stability, side, better, worse):
    lasting, fleeting = stability.chances([structure(one)[0] for one in (better, worse)], side)
    assert lasting.stable > 0.75
    assert fleeting.stable < 0.25
    assert fleeting.verdict.tier == FATAL
    assert fleeting.reason == fleeting.verdict.reason


def test_what_was_measured_is_said(stability):
    quinone, ether = (
        stability.chances([structure(smiles)[0]], side)[0]
        for smiles, side in (("O=C1C=CC(=O)C=C1", REDUCED), ("COc1ccccc1", OXIDISED))
    )
    assert quinone.stable > 0.9
    assert quinone.reason.startswith("measured: reversible (")
    assert ether.stable < 0.1
    assert ether.reason.startswith("measured: irreversible (Roth")


def test_it_is_the_same_when_read_again(stability, tmp_path):
    stability.save(tmp_path)
    again = Stability.load(tmp_path)
    molecules = [structure(one)[0] for one in ("CCO", "c1ccsc1", "[CH3]")]
    assert again.chances(molecules, OXIDISED) == stability.chances(molecules, OXIDISED)
    assert again.chances([], REDUCED) == []
    pd.testing.assert_frame_equal(again.couples, stability.couples)


def test_one_of_another_version_or_damaged_is_no_answer(stability, tmp_path):
    with pytest.raises(OrganodeError, match="run `organode stability` or `dvc repro` first"):
        Stability.load(tmp_path)
    stability.save(tmp_path)
    content = json.loads((tmp_path / DESCRIPTION).read_text())
    (tmp_path / DESCRIPTION).write_text(json.dumps(content | {"features": FEATURES[:-1]}))
    with pytest.raises(OrganodeError, match="damaged"):
        Stability.load(tmp_path)


def test_too_few_couples_are_refused(couples):
    with pytest.raises(OrganodeError, match="too few for probabilities"):
        Stability.fit(couples.head(30))
