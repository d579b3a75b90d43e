"""The files in deploy/: they name commands, options, extras and ports that there are."""

import json
import re
import shlex
import tomllib

import pytest
import typer
import yaml

from helpers import ROOT
from organode.cli.main import app
from organode.settings import load_settings

DOCKERFILE = (ROOT / "deploy/Dockerfile").read_text(encoding="utf-8")
COMPOSE = yaml.safe_load((ROOT / "deploy/compose.yaml").read_text(encoding="utf-8"))
JOB = yaml.safe_load((ROOT / "deploy/search-job.yaml").read_text(encoding="utf-8"))
SBATCH = (ROOT / "deploy/search.sbatch").read_text(encoding="utf-8")


def parsed(arguments):
    """Parse a command of organode without running it; return its name and the values."""
    name, *rest = [word for word in arguments if word != "--quiet"]
    return name, typer.main.get_command(app).commands[name].make_context(name, rest).params


def image_commands():
    (run,) = re.findall(r"^ENTRYPOINT \[\"organode\"\]\nCMD (\[.*\])$", DOCKERFILE, re.MULTILINE)
    page = COMPOSE["services"]["page"]["command"]
    return {"serve": json.loads(run), "app": page}


@pytest.mark.parametrize("name", ["serve", "app"])
def test_containers_listen_at_the_ports_that_are_published(name):
    command, values = parsed(image_commands()[name])
    assert command == name
    assert values["host"] == "0.0.0.0"
    service = COMPOSE["services"]["predict" if name == "serve" else "page"]
    assert service["ports"] == [f"127.0.0.1:{values['port']}:{values['port']}"]
    assert str(values["port"]) in re.search(r"^EXPOSE (.*)$", DOCKERFILE, re.MULTILINE)[1].split()


def test_every_published_port_is_of_this_machine_alone():
    for service in COMPOSE["services"].values():
        assert all(port.startswith("127.0.0.1:") for port in service.get("ports", []))


def test_images_are_not_root_and_have_extras_that_exist():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    for target in ("predict", "pipeline"):
        stage = DOCKERFILE.split(f" AS {target}\n")[1].split("\nFROM ")[0]
        assert "\nUSER 10001\n" in stage
        extras = re.search(r"whl'\)\[([a-z0-9,-]+)\]", stage)[1].split(",")
        assert set(extras) <= set(project["optional-dependencies"])


def searches():
    (script,) = re.findall(r"^exec (organode (?:.*\\\n)*.*)$", SBATCH, re.MULTILINE)
    words = shlex.split(
        script.replace("\\\n", " ").replace("${1:-IE}", "IE").replace("$ORGANODE_HOST", "host")
    )
    (container,) = JOB["spec"]["template"]["spec"]["containers"]
    return [words, container["command"] + container["args"]]


@pytest.mark.parametrize("words", searches(), ids=["SLURM", "Kubernetes"])
def test_searches_have_settings_that_exist_and_no_password(words):
    name, values = parsed(words[1:])
    assert (words[0], name, values["target"]) == ("organode", "search", "IE")
    settings = load_settings(overrides=values["overrides"])
    assert (settings.search.n_trials, settings.search.n_folds) == (200, 4)
    assert re.fullmatch(r"postgresql://organode@\w+/organode", settings.search.storage)


def test_passwords_come_from_a_file_that_git_ignores():
    text = json.dumps(COMPOSE)
    used = set(re.findall(r"\$\{(\w+):\?", text))
    example = (ROOT / "deploy/example.env").read_text(encoding="utf-8")
    assert used == set(re.findall(r"^(\w+)=$", example, re.MULTILINE))
    assert "$" not in re.sub(r"\$\{\w+:\?[^}]*\}", "", text)
