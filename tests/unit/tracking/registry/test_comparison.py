"""Paired tests of two models on the same rows."""

import numpy as np
import pandas as pd
import pytest

from organode.errors import OrganodeError
from organode.tracking.registry.comparison import (
    compare_couples,
    compare_energies,
    compare_measured,
    mean_interval,
)

FAMILIES, MEMBERS = 12, 6


@pytest.fixture
def predictions():
    """Predictions of a test set, with errors of about 0.2 eV."""
    chance = np.random.default_rng(0)
    label = np.linspace(5, 12, 200)
    outer = label + chance.normal(0, 0.25, 200)
    return pd.DataFrame({
        "row": range(200), "label": label, "outer": outer,
        "lower": outer - 0.5, "upper": outer + 0.5,
    })  # fmt: skip


def test_smaller_errors_on_the_test_set_are_better(predictions):
    half = predictions.assign(outer=(predictions["outer"] + predictions["label"]) / 2)
    comparison = compare_energies(half.sample(frac=1, random_state=1), predictions)
    assert comparison.is_better
    assert not comparison.is_worse
    assert comparison.n == 200
    assert comparison.low < comparison.difference < comparison.high
    mae = comparison.measures.loc["MAE / eV"]
    assert mae["candidate"] == pytest.approx(mae["champion"] / 2)
    assert comparison.difference == pytest.approx(mae["candidate"] - mae["champion"])
    assert comparison.sentence().startswith("test MAE 0.")
    assert compare_energies(predictions, half).is_worse


def test_equal_models_differ_by_nothing(predictions):
    comparison = compare_energies(predictions, predictions)
    assert (comparison.low, comparison.difference, comparison.high) == (0, 0, 0)
    assert not comparison.is_better
    assert not comparison.is_worse


@pytest.mark.parametrize(
    "change",
    [lambda table: table.iloc[1:], lambda table: table.assign(label=table["label"] + 1e-9)],
)
def test_other_rows_or_labels_are_not_compared(predictions, change):
    with pytest.raises(OrganodeError, match="not tested on the same rows"):
        compare_energies(change(predictions), predictions)


def test_rows_of_a_group_widen_the_interval():
    differences = np.repeat([0.1, -0.3, 0.2, -0.2, 0.3, -0.1], 20)
    alone = mean_interval(differences)
    grouped = mean_interval(differences, np.repeat(np.arange(6), 20))
    assert grouped[0] < alone[0] < 0 < alone[1] < grouped[1]


@pytest.fixture
def measured():
    """Measured potentials of two families; predictions of the second are 0.3 V too high."""
    volts = np.linspace(-2, 0, 10)
    left_out = volts + np.repeat([0.1, 0.3], [6, 4])
    return pd.DataFrame({
        "smiles": [f"{'C' * n}O" for n in range(10)], "solvent": "ACN", "doi": "",
        "family": np.repeat(["quinone", "azine"], [6, 4]),
        "measured": volts, "left_out": left_out, "lower": left_out - 0.2, "upper": left_out + 0.4,
    })  # fmt: skip


def test_laboratory_scales_are_compared_on_common_potentials(measured):
    better = measured.assign(left_out=measured["measured"] + 0.01).drop(index=0)
    comparison = compare_measured(better, measured)
    assert comparison.n == 9
    assert comparison.is_better
    assert not comparison.is_worse
    assert comparison.measures.index[0] == "measured: MAE / V"
    assert compare_measured(measured, better).is_worse
    assert "measured MAE 0.0100 V against" in comparison.sentence()
    other = measured.assign(smiles="c1ccccc1", doi="another")
    assert compare_measured(measured, other) is None


def test_equal_rows_of_measured_potentials_are_paired_in_order(measured):
    twice = pd.concat([measured, measured.iloc[:1]])
    assert compare_measured(twice, twice).n == 11
    assert compare_measured(twice, measured).n == 10


def test_improvement_in_one_of_two_families_proves_nothing(measured):
    mixed = measured.assign(
        left_out=measured["measured"] + np.where(measured["family"] == "quinone", 0.05, 0.4)
    )
    comparison = compare_measured(mixed, measured)
    assert not comparison.is_better
    assert not comparison.is_worse


@pytest.fixture
def couples():
    """Families of couples, half of them reversible; probabilities are off by 0.2."""
    chance = np.random.default_rng(0)
    n = FAMILIES * MEMBERS
    reversible = np.arange(n) % 2 == 0
    return pd.DataFrame(
        {
            "side": np.where(np.arange(n) < n // 2, "oxidised", "reduced"),
            "smiles": [f"C{row}" for row in range(n)],
            "family": [f"family {row // MEMBERS}" for row in range(n)],
            "reversible": reversible,
            "left_out": np.abs(reversible - 0.2) + chance.normal(0, 0.01, n),
        }
    )


def test_better_stability_model_is_recognized_in_any_order_of_couples(couples):
    better = couples.assign(left_out=np.abs(couples["reversible"] - 0.1)).sample(
        frac=1, random_state=1
    )
    comparison = compare_couples(better, couples)
    assert comparison.is_better
    assert comparison.difference == pytest.approx(0.01 - 0.04, abs=0.002)
    assert comparison.measures.loc["Brier score", "candidate"] == pytest.approx(0.01)
    assert comparison.sentence().startswith("Brier score 0.0100 against 0.04")
    assert "on the same 72 couples: difference -0.03" in comparison.sentence()
    assert compare_couples(couples, better).is_worse


def test_improvement_in_one_family_does_not_make_a_model_better(couples):
    first = couples["family"] == "family 0"
    better = couples.assign(left_out=couples["left_out"].mask(first, couples["reversible"]))
    comparison = compare_couples(better.astype({"left_out": float}), couples)
    assert comparison.difference < 0
    assert not comparison.is_better


@pytest.mark.parametrize(
    "change",
    [
        lambda table: table.iloc[1:],
        lambda table: table.assign(reversible=~table["reversible"]),
        lambda table: table.assign(smiles=table["smiles"] + "O"),
    ],
)
def test_other_couples_are_not_compared(couples, change):
    with pytest.raises(OrganodeError, match="not tested on the same couples"):
        compare_couples(change(couples), couples)
