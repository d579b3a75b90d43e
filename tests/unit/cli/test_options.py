"""Options that several commands share."""

from pathlib import Path

import pytest

from organode.cli.options import (
    State,
    cell_of,
    exclusive,
    reading_of,
    settings_of,
    version_line,
)
from organode.errors import OrganodeError, UsageError
from organode.settings import Screen
from organode.tracking.registry.versions import Registered


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """An empty working folder, and no option before the command."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(State, "params", Path("params.yaml"))
    return tmp_path


def test_cell_is_the_default_without_settings():
    assert cell_of(None, None) == Screen()


def test_cell_of_the_settings_with_values_of_the_command_line(folder):
    (folder / "params.yaml").write_text("screen:\n  solvent: DMF\n  reference: SCE\n  level: 0.7\n")
    assert (cell_of(None, None).solvent, cell_of(None, None).reference) == ("DMF", "SCE")
    given = cell_of("Fc/Fc+", None)
    assert (given.solvent, given.reference, given.level) == ("DMF", "Fc/Fc+", 0.7)
    assert cell_of(None, "PC").solvent == "PC"


def test_settings_that_were_named_have_to_exist(monkeypatch):
    monkeypatch.setattr(State, "params", Path("mine.yaml"))
    with pytest.raises(OrganodeError, match=r"mine\.yaml"):
        cell_of(None, None)


def test_broken_settings_are_not_replaced_by_defaults(folder):
    (folder / "params.yaml").write_text("screen:\n  solvnet: DMF\n")
    with pytest.raises(UsageError, match="solvnet"):
        cell_of(None, None)


def test_overrides_replace_settings(folder):
    (folder / "params.yaml").write_text("seed: 4\nscreen:\n  top: 5\n")
    assert settings_of().seed == 4
    changed = settings_of(["seed=9", "screen.top=6"])
    assert (changed.seed, changed.screen.top) == (9, 6)
    assert settings_of([]).screen.top == 5
    with pytest.raises(UsageError, match="nonsense"):
        settings_of(["nonsense=1"])


def test_columns_and_options_for_reading_a_file():
    wanted, options = reading_of("SMI", "name", ";", "Sheet 2", "cp949", "methyl")
    assert (wanted.smiles, wanted.id) == ("SMI", "name")
    assert (options.separator, options.sheet) == (";", "Sheet 2")
    assert (options.encoding, options.cap) == ("cp949", "methyl")
    wanted, options = reading_of(None, None, None, None, None, None)
    assert (wanted.smiles, wanted.id, options.separator, options.cap) == (None, None, None, "")


def test_second_command_of_a_stage_is_rejected_while_the_first_runs(folder):
    with exclusive("train-IE", folder / "out"):
        assert (folder / ".organode/train-IE.lock").exists()
        with (
            pytest.raises(UsageError, match="another command is at"),
            exclusive("train-IE", folder / "out"),
        ):
            pass
        with exclusive("train-EA", folder / "other"):
            pass
    with exclusive("train-IE", folder / "out"):
        pass


@pytest.mark.parametrize(
    ("aliases", "line"),
    [
        ((), "organode-IE version 3"),
        (("champion",), "organode-IE version 3, alias champion"),
        (("champion", "mine"), "organode-IE version 3, alias champion, mine"),
    ],
)
def test_version_in_a_line(aliases, line):
    version = Registered("IE", "organode-IE", "3", aliases, {}, "", "", "", "", "")
    assert version_line(version) == line
