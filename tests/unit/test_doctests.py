"""Examples in docstrings give the results that they show."""

import doctest
from importlib import import_module
from pathlib import Path

import pytest

import organode

PACKAGE = Path(organode.__file__).parent


def modules():
    """Return the names of all modules with examples."""
    return sorted(
        ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts).removesuffix(".__init__")
        for path in PACKAGE.rglob("*.py")
        if ">>> " in path.read_text(encoding="utf-8")
    )


@pytest.mark.parametrize("name", modules())
def test_examples_in_docstrings_are_right(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # no registry is in use there: the packaged model answers
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    result = doctest.testmod(import_module(name))
    assert result.attempted > 0
    assert result.failed == 0


def test_public_functions_have_examples_that_run():
    for function in (getattr(organode, name) for name in organode.__all__):
        assert ">>> " in function.__doc__, function.__name__
        assert "+SKIP" not in function.__doc__, function.__name__
