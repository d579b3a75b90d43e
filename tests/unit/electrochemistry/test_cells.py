"""Types of cell, and the changes to them in the settings."""

import math

import pytest

from organode.electrochemistry import from_li
from organode.electrochemistry.cells import CELLS, Task, cell_type, on_reference
from organode.errors import UsageError
from organode.settings import Screen


@pytest.mark.parametrize("name", CELLS)
def test_defaults_are_those_of_the_type(name):
    assert cell_type(Screen(cell=name)) == CELLS[name]


def test_settings_replace_single_values():
    cell = cell_type(Screen.model_validate({"cell": "metal", "roles": {"n": {"low": 2.0}}}))
    assert cell.tasks["n"] == Task("positive", low=2.0, partner=0.0)
    assert cell.tasks["p"] == CELLS["metal"].tasks["p"]


@pytest.mark.parametrize(
    ("cell", "roles", "words"),
    [
        ("symmetric", {"p": {"partner": 1.0}}, "a molecule is its own partner"),
        ("flow", {"n": {"low": 2.6}}, "no potential is at least 2.6 and at most 2.5 V"),
    ],
)
def test_impossible_settings_are_rejected(cell, roles, words):
    with pytest.raises(UsageError, match=words):
        cell_type(Screen.model_validate({"cell": cell, "roles": roles}))


def test_tasks_are_converted_to_reference_of_cell():
    settings = Screen(reference="SCE", solvent="DMF")
    shift = from_li(0.0, settings)
    (task,) = on_reference({"p": Task("positive", low=2.8)}, settings).values()
    assert task.low == pytest.approx(2.8 + shift)
    assert task.high == math.inf
    assert math.isnan(task.partner)
