"""Potentials against the limits of both margin rules."""

from dataclasses import replace

import numpy as np
import pytest

from organode.electrochemistry.cells import BOTH, POSITIVE, N, P, Task
from organode.screening.criteria.assessment import energies_in_role
from organode.screening.criteria.potentials import (
    check_potentials,
    computed_potentials,
    count_electrons,
    limit_margin,
)
from screening import CRITERIA, SYMMETRIC, TASKS, THESIS, predicted


def test_computed_scale_subtracts_the_absolute_potential():
    computed = computed_potentials(predicted(IE=[5.4], EA=[1.0]), 1.4)
    assert computed["E_ox_computed"][0] == pytest.approx(4.0)
    assert computed["E_red_computed"][0] == pytest.approx(-0.4)


def test_upper_error_bar_of_positive_electrode_must_be_inside():
    checked = check_potentials(
        predicted(
            E_ox=[2.6, 4.1, 4.5, 5.1, 4.1],
            E_ox_upper=[2.7, 4.6, 4.8, 5.2, 4.2],
            IE_in_domain=[True, True, True, True, False],
        ),
        CRITERIA,
    )
    assert checked["p_remark"].tolist() == [
        "of no interest: potential too low",
        "",
        "error bar reaches out of the window",
        "outside the window",
        "outside the model's domain",
    ]
    assert checked["by_interval_p"].tolist() == [False, True, False, False, True]


def test_lower_error_bar_of_negative_electrode_must_be_inside():
    rows = predicted(E_red=[1.0, 1.0, -0.4, 2.8], E_red_lower=[0.6, 0.3, -0.5, 2.7])
    assert check_potentials(rows, CRITERIA)["n_remark"].tolist() == [
        "",
        "error bar reaches out of the window",
        "outside the window",
        "of no interest: potential too high",
    ]


def test_thesis_rule_uses_computed_energies_only():
    # On the laboratory scale only the first is a candidate, on the computed scale only the second.
    rows = predicted(
        IE=[4.0, 5.4, 5.6, 6.2],
        E_ox=[4.0, 2.0, 2.0, 2.0],
        E_ox_upper=[4.2, 6.0, 6.0, 6.0],
        EA=[4.0, 2.5, 2.3, 1.8],
        E_red=[1.0, 3.0, 3.0, 3.0],
        E_red_lower=[0.8, 0.0, 0.0, 0.0],
    )
    thesis = check_potentials(rows, THESIS)
    assert thesis["p_remark"].tolist() == [
        "of no interest: potential too low",
        "",
        "error bar reaches out of the window",
        "outside the window",
    ]
    assert thesis["n_remark"].tolist() == [
        "of no interest: potential too high",
        "",
        "error bar reaches out of the window",
        "outside the window",
    ]
    both = check_potentials(rows, CRITERIA)
    for role in (P, N):
        assert (both[f"{role}_remark"] == "").tolist() == [True, False, False, False]
        assert both[f"by_thesis_{role}"].tolist() == [False, True, False, False]
        assert both[f"by_interval_{role}"].tolist() == [True, False, False, False]
    assert limit_margin(rows, CRITERIA)[P][0] == pytest.approx(0.5)  # below the window's end
    of_thesis = limit_margin(rows, THESIS)
    assert of_thesis[P][:2].tolist() == pytest.approx([-0.4, 0.1])
    assert of_thesis[N][:2].tolist() == pytest.approx([-0.1, 0.1])


def test_symmetric_cell_requires_both_roles():
    assert {task.electrode for task in SYMMETRIC.tasks.values()} == {BOTH}
    assert SYMMETRIC.listed_roles == (P,)
    rows = predicted(
        E_ox=[4.0, 4.0, 5.0],
        E_ox_upper=[4.2, 4.2, 5.1],
        E_red=[1.5, -0.2, 1.5],
        E_red_lower=[1.3, -0.4, 1.3],
    )
    checked = check_potentials(rows, SYMMETRIC)
    assert checked["p_remark"].tolist() == [
        "",
        "as n-type: outside the window",
        "outside the window",
    ]
    assert checked["n_remark"].tolist() == [
        "",
        "outside the window",
        "as p-type: outside the window",
    ]
    margin = limit_margin(rows, SYMMETRIC)
    assert (margin[P] == margin[N]).all()
    energies = energies_in_role(SYMMETRIC, rows, np.array([100.0] * 3), P, np.ones(3))
    assert (energies["energy_Wh_kg"] / 268.015).tolist() == pytest.approx([2.5, 4.2, 3.5], abs=0.01)


def test_second_electron_counts_if_its_error_bar_is_inside():
    rows = predicted(
        E_red=[2.4] * 6,
        E_red2=[1.0, 0.6, 0.3, np.nan, 1.6, 2.6],
        E_red2_lower=[0.6, 0.3, 0.1, np.nan, 1.4, 2.5],
        E_ox=[3.1] * 6,
        E_ox2=[3.6, 4.6, 5.0, np.nan, 4.0, 2.9],
        E_ox2_upper=[3.9, 5.0, 5.2, np.nan, 4.6, 3.0],
    )
    counts = count_electrons(rows, CRITERIA)
    assert counts[N].tolist() == [2, 1, 1, 1, 2, 1]  # the last is above the limit of interest
    assert counts[P].tolist() == [2, 1, 1, 1, 2, 1]
    assert set(count_electrons(rows, THESIS)[P].tolist()) == {1}
    metal = replace(CRITERIA, tasks={N: Task(POSITIVE, low=1.5, partner=0.0)})
    assert count_electrons(rows, metal)[N].tolist() == [1, 1, 1, 1, 2, 2]
    energies = energies_in_role(metal, rows, np.full(6, 100.0), N, np.full(6, 2))
    assert (energies["energy_Wh_kg"] / 268.015).tolist() == pytest.approx(
        [2.4, 2.4, 2.4, 2.4, 4.0, 5.0], abs=0.01
    )


def test_unused_role_has_no_candidates():
    criteria = replace(CRITERIA, tasks={P: TASKS[P]})
    rows = predicted(E_red=[1.0], E_red_lower=[0.6])
    assert check_potentials(rows, criteria)["n_remark"].tolist() == ["of no use in this cell"]
    assert limit_margin(rows, criteria)[N] < 0
