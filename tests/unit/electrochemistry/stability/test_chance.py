"""Probabilities that radical ions are stable."""

import json

import pandas as pd
import pytest

from organode.chem import structure
from organode.chem.features import Molecules
from organode.electrochemistry.stability import FATAL, OXIDISED, REDUCED
from organode.electrochemistry.stability.chance import DESCRIPTION, FEATURES, Stability, accuracy_of
from organode.electrochemistry.stability.inputs import ComputedInputs
from organode.errors import OrganodeError


def species(*smiles: str) -> ComputedInputs:
    return ComputedInputs(Molecules([structure(text)[0] for text in smiles]))


def test_metrics_of_left_out_families(stability):
    result = accuracy_of(stability.couples)
    assert result["n"] == len(stability.couples)
    assert result["auc"] > 0.9
    assert result["brier"] < 0.1


@pytest.mark.parametrize(
    ("side", "better", "worse"),
    [
        (OXIDISED, "CCN1c2ccccc2Sc2ccc(Cl)cc21", "COc1cccc(C)c1"),
        (OXIDISED, "COc1cc(C(C)(C)C)c(OC)cc1C(C)(C)C", "Oc1cc(C(C)(C)C)c(O)cc1C(C)(C)C"),
        (REDUCED, "CCOC1=CC(=O)c2ccccc2C1=O", "CCCC(=O)CC"),
        (REDUCED, "c1ccc2nsnc2c1", "Brc1ccccc1"),
    ],
)
def test_stable_ion_has_higher_probability(stability, side, better, worse):
    lasting, fleeting = stability.chances(species(better, worse), side)
    assert lasting.stable > 0.75
    assert fleeting.stable < 0.25
    assert fleeting.verdict.tier == FATAL
    assert fleeting.reason.startswith(fleeting.verdict.reason.removesuffix("."))


def test_measured_couple_has_fixed_probability(stability):
    quinone, ether = (
        stability.chances(species(smiles), side)[0]
        for smiles, side in (("O=C1C=CC(=O)C=C1", REDUCED), ("COc1ccccc1", OXIDISED))
    )
    assert quinone.stable > 0.9
    assert quinone.reason.startswith("measured: reversible (")
    assert ether.stable < 0.1
    assert ether.reason.startswith("measured: irreversible (Roth")


def test_saved_model_gives_same_chances(stability, tmp_path):
    stability.save(tmp_path)
    again = Stability.load(tmp_path)
    some = species("CCO", "c1ccsc1", "[CH3]")
    assert again.chances(some, OXIDISED) == stability.chances(some, OXIDISED)
    assert again.chances(species(), REDUCED) == []
    pd.testing.assert_frame_equal(again.couples, stability.couples)


def test_damaged_model_or_other_version_is_rejected(stability, tmp_path):
    with pytest.raises(OrganodeError, match="run `organode stability` or `dvc repro` first"):
        Stability.load(tmp_path)
    stability.save(tmp_path)
    content = json.loads((tmp_path / DESCRIPTION).read_text())
    (tmp_path / DESCRIPTION).write_text(json.dumps(content | {"features": FEATURES[:-1]}))
    with pytest.raises(OrganodeError, match="damaged"):
        Stability.load(tmp_path)


def test_likely_change_of_a_bond_is_part_of_the_reason(stability):
    bromide, quinone = stability.chances(species("CCCCBr", "O=C1C=C(F)C(=O)C=C1"), REDUCED)
    assert "Computed: a bond of the reduced form breaks or forms (9" in bromide.reason
    assert "Computed" not in quinone.reason


def test_too_few_couples_are_rejected(couples, signals):
    with pytest.raises(OrganodeError, match="too few for probabilities"):
        Stability.fit(couples.head(30), signals)
