"""The reference molecule of a comparison, and its measured potential."""

import pytest
from rdkit import Chem

from organode.compare.reference import anchor, find_reference
from organode.errors import UsageError
from rule_model import AQ, BQ, CHLORANIL, MEASURED, MeasuredScale, RuleModel


@pytest.fixture(scope="module")
def models():
    return [RuleModel("EA", MeasuredScale.of(MEASURED))]


@pytest.mark.parametrize(
    "text", ["AQ", "aq", "9,10-Anthraquinone", " 9,10-anthraquinone  (AQ) ", AQ, "anthraquinone"]
)
def test_reference_by_name_abbreviation_or_structure(text, models):
    result = find_reference(text, models)
    assert Chem.MolToSmiles(result.molecule) == AQ
    assert "anthraquinone" in result.name


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("TW", "several measured molecules: twice (TW); again (TW)"),
        ("junk", "no name in the table of measured potentials, and as a structure: not a valid"),
        ("Li/Li+", "for the electrode: --electrode Li/Li+"),
    ],
)
def test_unknown_reference_is_rejected(text, says, models):
    with pytest.raises(UsageError) as raised:
        find_reference(text, models)
    assert says in str(raised.value)


def test_anchor_is_best_measurement_in_solvent_else_converted(models):
    aq, bq = (Chem.MolFromSmiles(text) for text in (AQ, BQ))
    result = anchor(models[0], aq, "Fc/Fc+", "ACN")
    assert result.volts == pytest.approx(-1.31)  # median of the reversible ones
    assert (result.spread, result.reversible) == (0.0, "yes")
    assert result.source == "median of 2, reversible, in ACN; doi 10.1/x"
    moved = anchor(models[0], bq, "Fc/Fc+", "ACN")
    assert moved.volts == pytest.approx(-1.1)
    assert moved.spread == pytest.approx(0.03)
    assert anchor(models[0], bq, "Fc/Fc+", "DMF").volts == pytest.approx(-0.9)
    assert anchor(models[0], Chem.MolFromSmiles(CHLORANIL), "Fc/Fc+", "ACN") is None


def test_anchor_distinguishes_dication_from_radical(models):
    dication = Chem.MolFromSmiles("C[n+]1ccc(-c2cc[n+](C)cc2)cc1")
    radical = Chem.MolFromSmiles("CN1C=CC(=C2C=C[N+](C)C=C2)C=C1")
    assert anchor(models[0], dication, "Fc/Fc+", "ACN").reversible == "quasi"
    assert anchor(models[0], radical, "Fc/Fc+", "ACN") is None
