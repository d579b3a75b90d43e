"""Potentials of a comparison: difference, anchored value, error bars, remarks."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from rdkit import Chem

from organode.chem.features import Molecules
from organode.compare.potentials import (
    IRREVERSIBLE,
    NO_HELP,
    NOT_MEASURED,
    comparison_columns,
    potentials,
)
from organode.compare.reference import Anchor
from rule_model import AQ, BQ, CHLORANIL, METHOXY_AQ, MeasuredScale, RuleModel

SIMILAR = np.array([1.0, 0.9, 0.1])
ANCHOR = Anchor(-1.1, 0.0, "one, in ACN; doi 10.1/x", "yes")


def scale(alike, unlike):
    """Return measurements of 60 molecules.

    Errors of any two families differ by about `unlike`, those within one family by `alike`.
    """
    random = np.random.default_rng(2)
    family = np.repeat(np.arange(15), 4)
    error = (random.normal(0, unlike, 15)[family] + random.normal(0, alike, 60)) * 0.7
    bits = np.zeros((60, 2048), np.uint8)
    for row, of in enumerate(family):
        bits[row, of * 20 : of * 20 + 12] = 1
        bits[row, 1000 + row] = 1
    rows = pd.DataFrame({"smiles": [f"molecule {row}" for row in range(60)], "solvent": "ACN"})
    packed = np.packbits(bits, axis=1).view(np.uint64)
    return MeasuredScale(rows, error, np.zeros(60), np.full(60, 0.1), packed)


@pytest.fixture(scope="module")
def answer():
    model = RuleModel("EA", scale(alike=0.01, unlike=0.3))
    return model.answer(Molecules([Chem.MolFromSmiles(text) for text in (AQ, METHOXY_AQ, BQ)]))


def table(answer, anchor=ANCHOR, similarity=SIMILAR, level=0.9, solvent="ACN"):
    return potentials(answer, anchor, similarity, level, "Fc/Fc+", solvent)


def half(table, name):
    return ((table[f"{name}_upper"] - table[f"{name}_lower"]) / 2).to_numpy()


@pytest.mark.parametrize(("target", "name"), [("IE", "E_ox"), ("EA", "E_red")])
def test_columns_are_as_documented(target, name):
    model = RuleModel(target, scale(0.1, 0.1))
    made = model.answer(Molecules([Chem.MolFromSmiles(text) for text in (AQ, METHOXY_AQ, BQ)]))
    columns = comparison_columns(target)
    assert len(set(columns)) == len(columns) == 14
    assert all(column.startswith(name) for column in columns)
    assert f"{name}_contributions" in columns
    made_columns = set(table(made).columns)
    assert made_columns == set(columns) - {f"{name}_contributions"}


def test_difference_is_molecule_minus_reference(answer):
    result = table(answer)
    assert result["E_red_difference"].tolist() == pytest.approx([0.0, -0.2, 0.0])  # 0.2 V a oxygen
    np.testing.assert_allclose(
        result["E_red"], result["E_red_reference"] + result["E_red_difference"]
    )
    assert result["E_red_reference"].nunique() == 1


def test_anchored_is_measured_plus_difference(answer):
    result = table(answer)
    np.testing.assert_allclose(result["E_red_measured"], -1.1)
    np.testing.assert_allclose(result["E_red_anchored"], [-1.1, -1.3, -1.1])
    for name in ("E_red_difference", "E_red_anchored"):
        middle = (result[f"{name}_upper"] + result[f"{name}_lower"]) / 2
        np.testing.assert_allclose(middle, result[name])
    assert result["E_red_anchor"].tolist() == ["one, in ACN; doi 10.1/x"] * 3


def test_solvent_and_electrode_move_potentials_and_leave_differences(answer):
    here, there = table(answer), table(answer, solvent="DMF")
    np.testing.assert_allclose(there["E_red"] - here["E_red"], 0.2)
    np.testing.assert_allclose(there["E_red_difference"], here["E_red_difference"], atol=1e-12)
    np.testing.assert_allclose(half(there, "E_red_difference"), half(here, "E_red_difference"))


def test_errors_of_similar_molecules_cancel(answer):
    bars = half(table(answer), "E_red_difference")
    assert bars[1] < 0.3 * bars[2]
    result = table(answer)
    unlike, like = result["E_red_remark"][2], result["E_red_remark"][1]
    assert like == ""
    assert unlike == NO_HELP


def test_unmeasured_reference_has_differences_and_no_anchored_value(answer):
    result = table(answer, anchor=None)
    assert (
        result[["E_red_measured", "E_red_anchored", "E_red_anchored_upper"]].isna().all(axis=None)
    )
    assert result["E_red_difference"].notna().all()
    assert np.isfinite(half(result, "E_red_difference")).all()
    assert result["E_red_anchor"].tolist() == [""] * 3
    assert result["E_red_remark"].tolist() == [NOT_MEASURED] * 3


def test_conversion_of_the_measurement_widens_the_anchored_value_only(answer):
    exact, converted = table(answer), table(answer, replace(ANCHOR, spread=0.2))
    assert (half(converted, "E_red_anchored") > 1.2 * half(exact, "E_red_anchored")).all()
    np.testing.assert_allclose(half(converted, "E_red_difference"), half(exact, "E_red_difference"))
    np.testing.assert_allclose(half(exact, "E_red_anchored"), half(exact, "E_red_difference"))


def test_higher_level_gives_wider_intervals(answer):
    narrow, wide = table(answer, level=0.5), table(answer, level=0.9)
    for name in ("E_red", "E_red_difference", "E_red_anchored"):
        assert (half(wide, name) > half(narrow, name)).all()


def test_spread_of_a_measured_reference_is_at_least_that_of_the_molecule(answer):
    """A reference that is in the fit looks more certain than it is."""
    sure = answer.potential.spread.copy()
    sure[0] = 0.001
    certain = replace(answer, potential=replace(answer.potential, spread=sure))
    with_anchor, without = table(certain), table(certain, anchor=None)
    bars = half(table(answer), "E_red_difference")[1:]
    np.testing.assert_allclose(half(with_anchor, "E_red_difference")[1:], bars)
    assert (half(without, "E_red_difference")[1:] < bars).all()


def test_remarks_are_joined_with_those_of_the_prediction(answer):
    remarks = ["", "far from everything", ""]
    doubtful = replace(answer, potential=replace(answer.potential, remarks=remarks))
    result = table(doubtful, replace(ANCHOR, reversible="no"))
    assert result["E_red_remark"].tolist() == [
        IRREVERSIBLE,
        f"far from everything; {IRREVERSIBLE}",
        f"{IRREVERSIBLE}; {NO_HELP}",
    ]


def test_chlorine_shifts_by_the_model_s_rule():
    model = RuleModel("EA", scale(0.01, 0.3))
    made = model.answer(Molecules([Chem.MolFromSmiles(text) for text in (BQ, CHLORANIL)]))
    result = table(made, similarity=np.array([1.0, 0.5]))
    assert result["E_red_difference"].tolist() == pytest.approx([0.0, 0.8])
