"""Criteria from settings, and the roles that candidates are listed by."""

from dataclasses import replace

import joblib
import pytest

from organode.electrochemistry import LI, against_fc
from organode.electrochemistry.cells import CELLS, ROLES, N, P
from organode.errors import UsageError
from organode.screening.criteria.criteria import Criteria
from organode.settings import Screen
from screening import CRITERIA, SYMMETRIC, TASKS, with_settings


def test_settings_give_cell_window_and_tasks_on_one_reference():
    criteria = Criteria.from_settings(Screen(cell="metal", solvent="ACN", reference="Fc/Fc+"))
    shift = against_fc(LI, "ACN").volts
    assert criteria.cell == CELLS["metal"]
    assert criteria.window.reference == "Fc/Fc+"
    assert criteria.tasks[N].low == pytest.approx(CELLS["metal"].tasks[N].low + shift)
    assert criteria.computed_window == (0.44, 4.7)
    assert criteria.window_ends == (criteria.window.low.volts, criteria.window.high.volts)


@pytest.mark.parametrize(
    "wrong",
    [
        {"reference": "RHE"},
        {"solvent": "beer"},
        {"collector": "Pb"},
        {"roles": {"n": {"low": 3.0}}},
        {"filter": {"avoid_elements": ("br",)}},
    ],
)
def test_impossible_settings_are_rejected(wrong):
    with pytest.raises(UsageError):
        Criteria.from_settings(Screen(**wrong))


def test_symmetric_cell_lists_both_roles_as_one():
    assert CRITERIA.listed_roles == ROLES
    assert [CRITERIA.label(role) for role in ROLES] == ["p", "n"]
    assert CRITERIA.filled_roles(N) == (N,)
    assert SYMMETRIC.listed_roles == (P,)
    assert SYMMETRIC.label(P) == "np"
    assert SYMMETRIC.filled_roles(P) == ROLES
    assert replace(CRITERIA, tasks={N: TASKS[N]}).listed_roles == (N,)


def test_identity_changes_with_what_decides_and_with_nothing_else():
    identity = joblib.hash(CRITERIA.identity())
    assert joblib.hash(with_settings(top=7, keep=9, in_full=0).identity()) == identity
    for other in (
        with_settings(level=0.9),
        with_settings(margin="thesis"),
        with_settings(filter={"no_alerts": True}),
        replace(CRITERIA, thesis_margins={P: 0.5, N: 0.6}),
    ):
        assert joblib.hash(other.identity()) != identity
