"""Types of cells, and the roles of molecules in them."""

import numpy as np
import pytest

from organode.electrochemistry import LI, against_fc
from organode.electrochemistry.cells import (
    BOTH,
    CELLS,
    NEGATIVE,
    POSITIVE,
    P,
    Task,
    cell_type,
    on_reference,
)
from organode.errors import UsageError
from organode.settings import Screen


@pytest.mark.parametrize(
    ("cell", "roles", "said"),
    [
        ("flow", {"n": {"low": 3.0}}, r"roles\.n: .*at least 3 and at most 2\.5 V.*flow battery"),
        ("metal", {"p": {"low": 4.0, "high": 3.0}}, r"roles\.p: .*at least 4 and at most 3 V"),
        ("symmetric", {"n": {"partner": 1.0}}, r"roles\.n\.partner: .*its own partner"),
    ],
)
def test_impossible_roles_are_rejected(cell, roles, said):
    with pytest.raises(UsageError, match=said):
        cell_type(Screen(cell=cell, roles=roles))


@pytest.mark.parametrize("cell", CELLS)
def test_limits_of_every_type_of_cell_are_consistent(cell):
    for task in cell_type(Screen(cell=cell)).tasks.values():
        assert task.low < task.high
        assert np.isnan(task.partner) == (task.electrode == BOTH)
        if task.electrode == POSITIVE:
            assert task.low > task.partner
        if task.electrode == NEGATIVE:
            assert task.high < task.partner


def test_tasks_are_converted_to_the_cell_s_reference():
    settings = Screen(reference="Fc/Fc+")
    placed = on_reference(cell_type(settings).tasks, settings)
    assert placed[P].low == pytest.approx(2.8 + against_fc(LI, "ACN").volts)
    assert placed[P].high == np.inf


@pytest.mark.parametrize("name", CELLS)
def test_defaults_are_those_of_the_type(name):
    assert cell_type(Screen(cell=name)) == CELLS[name]


def test_settings_replace_single_values():
    cell = cell_type(Screen.model_validate({"cell": "metal", "roles": {"n": {"low": 2.0}}}))
    assert cell.tasks["n"] == Task("positive", low=2.0, partner=0.0)
    assert cell.tasks["p"] == CELLS["metal"].tasks["p"]
