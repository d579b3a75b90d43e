"""Examples in docstrings give the results that they show."""

import doctest
from importlib import import_module

import pytest

MODULES = [
    "chem.molecule",
    "chem.reading.polymers",
    "chem.reduction",
    "compare.shapley",
    "compare.substituents",
    "electrochemistry.scale.remarks",
]


@pytest.mark.parametrize("name", MODULES)
def test_examples_in_docstrings_are_right(name):
    result = doctest.testmod(import_module(f"organode.{name}"))
    assert result.attempted > 0
    assert result.failed == 0
