"""Pairs of candidates as cells."""

import pytest

from organode.screening.shortlist.pairs import best_pairs
from screening import candidates


def test_pairs_have_energy_and_error_bar():
    pairs = best_pairs(candidates(), candidates(), 10)
    first = pairs.iloc[0]
    assert len(pairs) == 10
    assert pairs["positive"].value_counts().max() <= 3
    assert first["voltage_lower_V"] < first["voltage_V"] < first["voltage_upper_V"]
    assert best_pairs(candidates()[:0], candidates(), 10).empty


def test_pairs_are_of_the_best_tier_and_last():
    table = candidates().assign(E_ox=4.0, P_stable=[0.9, 0.1, 0.5, 0.9, 0.9, 0.9])
    plus = table.assign(tier=["caution", "fine", "fine", "caution", "fatal", "caution"])
    minus = candidates(1).assign(tier="caution")
    assert best_pairs(plus, minus, 10)["positive"].tolist() == ["m2", "m1"]


def test_numbers_of_molecules_in_a_pair_balance_their_electrons():
    plus = candidates(1).assign(E_ox=4.0, E_ox_lower=3.7, E_ox_upper=4.3)
    minus = candidates(1).assign(
        E_red=2.0, E_red_lower=1.6, E_red_upper=2.4, electrons=2, g_per_mol_e=60.0,
        E_red2=1.4, E_red2_lower=1.0, E_red2_upper=1.8,
    )  # fmt: skip
    pair = best_pairs(plus, minus, 10).iloc[0]
    assert pair["voltage_V"] == pytest.approx(4.0 - 1.7)
    assert pair["energy_Wh_kg"] == pytest.approx(26801.5 * 2.3 / 160)
    assert pair["voltage_upper_V"] == pytest.approx(2.3 + 0.5)
    assert pair["voltage_lower_V"] == pytest.approx(2.3 - 0.5)
