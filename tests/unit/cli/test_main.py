import subprocess
import sys

import pytest
import typer

from helpers import organode
from organode import __version__
from organode.cli.main import app

HEAVY = ("tensorflow", "keras", "mlflow", "optuna", "rdkit", "pandas", "numpy", "pydantic")


def commands():
    whole = typer.main.get_command(app)
    for name, command in whole.commands.items():
        for inner, nested in getattr(command, "commands", {}).items():
            yield f"{name} {inner}", nested
        if not hasattr(command, "commands"):
            yield name, command


def test_help_imports_no_heavy_package(tmp_path):
    code = (
        "import sys; sys.argv = ['organode', '--help']\n"
        "from organode.cli.main import main\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        f"print('HEAVY', sorted(set({HEAVY!r}) & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout.splitlines()[-1] == "HEAVY []"


@pytest.mark.parametrize(("name", "command"), list(commands()))
def test_every_command_has_a_description_and_an_example(name, command):
    assert command.help
    assert f"`organode {name}" in command.epilog


def test_version_is_shown(tmp_path):
    assert organode("--version", cwd=tmp_path).stdout == f"organode {__version__}\n"


def test_help_is_shown_without_arguments(tmp_path):
    asked, bare = organode("--help", cwd=tmp_path), organode(cwd=tmp_path)
    assert "Stages of the chain" in asked.stdout
    assert (bare.stdout + bare.stderr).strip() == asked.stdout.strip()
