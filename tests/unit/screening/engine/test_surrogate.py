"""The surrogate of the models, fitted to a random sample."""

import numpy as np
import pandas as pd
import pytest

from organode.electrochemistry.cells import ROLES, N, P
from organode.screening.columns import BOUNDED
from organode.screening.engine.surrogate import LEAST, OF_IONS, Surrogate
from screening import CRITERIA, SYMMETRIC, THESIS, fit_surrogate, model_answers, with_settings


def test_error_of_estimates_is_as_reported(surrogate, counts):
    errors = surrogate.estimate(counts).table - model_answers(counts)[list(BOUNDED)]
    for column, deviation in zip(("E_ox", "E_red"), surrogate.deviation, strict=True):
        assert deviation < 0.75 * model_answers(counts)[column].std()
        assert (errors[column].abs() <= deviation).mean() > 0.93


def test_estimated_bounds_contain_those_of_the_models(surrogate, counts):
    estimated = surrogate.estimate(counts).table + surrogate.widening
    true = model_answers(counts)
    for energy in ("IE", "EA", "E_ox", "E_red"):
        inside = (estimated[f"{energy}_lower"] <= true[f"{energy}_lower"]) & (
            true[f"{energy}_upper"] <= estimated[f"{energy}_upper"]
        )
        assert inside.mean() > 0.9


def test_chances_rise_with_the_margin_and_sum_to_the_candidates(surrogate, counts):
    estimate = surrogate.estimate(counts)
    volts = model_answers(counts)
    candidates = {
        P: (volts["E_ox"] >= 3.0) & (volts["E_ox_upper"] <= 4.7),
        N: (volts["E_red"] <= 2.5) & (volts["E_red_lower"] >= 0.44),
    }
    for role in ROLES:
        chance = surrogate.chance(estimate, role)
        assert (np.diff(chance[np.argsort(estimate.margin[role])]) >= 0).all()
        assert chance.sum() == pytest.approx(candidates[role].sum(), rel=0.25)


def test_thesis_rule_estimates_the_computed_scale(counts):
    true = model_answers(counts).assign(E_ox=0.0, E_ox_upper=9.0)  # no candidate by the other rule
    fitted = fit_surrogate(counts, true, THESIS)
    candidates = (true["IE"] - 1.4).between(3.0, 4.1).sum()
    chance = fitted.chance(fitted.estimate(counts), P)
    assert 0 < candidates < len(true)
    assert chance.sum() == pytest.approx(candidates, rel=0.25)


def test_molecules_outside_the_domain_lower_the_chances(counts):
    outside = model_answers(counts).assign(IE_in_domain=False)
    fitted = fit_surrogate(counts, outside, CRITERIA)
    assert not fitted.chance(fitted.estimate(counts), P).any()
    anywhere = fit_surrogate(counts, outside, with_settings(in_domain=False))
    assert anywhere.chance(anywhere.estimate(counts), P).any()


def test_symmetric_cell_requires_both_domains(counts):
    outside = model_answers(counts).assign(EA_in_domain=False)
    alone = fit_surrogate(counts, outside, CRITERIA)
    assert alone.chance(alone.estimate(counts), P).any()
    both = fit_surrogate(counts, outside, SYMMETRIC)
    assert not both.chance(both.estimate(counts), P).any()


def test_saved_surrogate_is_loaded_unchanged(surrogate, counts, tmp_path):
    surrogate.save(tmp_path / "one")
    again = Surrogate.load(tmp_path / "one")
    again.save(tmp_path / "two")
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()
    pd.testing.assert_frame_equal(again.estimate(counts).table, surrogate.estimate(counts).table)


def fit_stability(counts, criteria, has_core, caution, stable):
    n = len(has_core)
    columns = {name: (caution if "caution" in name else stable) for name in OF_IONS}
    return Surrogate.fit(
        counts, model_answers(counts), pd.DataFrame(columns, range(n)), has_core, criteria
    )


def test_stability_is_learned_from_molecules_without_a_core(counts):
    rng = np.random.default_rng(4)
    n = counts.shape[0]
    has_core = np.column_stack([rng.random(n) < 0.3, rng.random(n) < 0.3])
    for role, place in ((P, 0), (N, 1)):
        core = has_core[:, place]
        fitted = fit_stability(
            counts, CRITERIA, has_core, np.where(core, 0.0, 1.0), np.where(core, 0.1, 0.7)
        )
        estimate = fitted.estimate(counts)
        np.testing.assert_allclose(estimate.caution[role], 1 - LEAST, atol=0.02)
        np.testing.assert_allclose(estimate.stable[role], 0.7, atol=0.05)
        assert fitted.stability_spread[place] < 0.05


def test_symmetric_cell_learns_from_molecules_that_lack_either_core(counts):
    n = counts.shape[0]
    has_core = np.zeros((n, 2), bool)
    has_core[:, 0] = np.arange(n) % 2 == 0  # the reduced form has none
    stable = np.where(has_core[:, 0], 0.1, 0.8)
    estimate = fit_stability(counts, SYMMETRIC, has_core, 1.0, stable).estimate(counts)
    assert estimate.stable[P].mean() == pytest.approx(0.45, abs=0.1)
