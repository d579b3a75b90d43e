"""Registered models in an environment made from what was logged with them, and nothing else."""

import json
import re
import shutil
import subprocess
import sys

import pytest
from mlflow import MlflowClient

from helpers import environment

ANSWER = """
import json, sys
import mlflow, pandas as pd

cells = pd.DataFrame({"smiles": ["O=C1C=CC(=O)C=C1", None, "[Na+].[O-]c1ccccc1", "*CC*", "junk"]})
print(json.dumps([
    json.loads(mlflow.pyfunc.load_model(folder).predict(cells).to_json(orient="records"))
    for folder in sys.argv[1:]
]))
"""


def uv(*arguments):
    command = [sys.executable, "-m", "uv", *map(str, arguments)]
    done = subprocess.run(command, env=environment(), capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


@pytest.mark.slow
def test_a_model_answers_with_its_requirements_and_not_without_one_of_them(trained, tmp_path):
    client = MlflowClient(f"sqlite:///{trained}/mlflow.db")
    folders = []
    for target in ("EA", "stability"):
        version = client.get_model_version_by_alias(f"organode-{target}", "champion")
        stored = client.get_model_version_download_uri(version.name, version.version)
        folders.append(tmp_path / target)
        shutil.copytree(stored.removeprefix("file://"), folders[-1])
    lines = [(folder / "requirements.txt").read_text().split() for folder in folders]
    assert sorted(lines[0]) == sorted(lines[1])
    python = tmp_path / "venv/bin/python"
    uv("venv", "--python", sys.executable, tmp_path / "venv")
    uv("pip", "install", "--python", python, "--requirements", folders[0] / "requirements.txt")

    def answer():
        return subprocess.run(
            [python, "-I", "-c", ANSWER, *folders],
            cwd=tmp_path,
            env=environment(),
            capture_output=True,
            text=True,
        )

    done = answer()
    assert done.returncode == 0, done.stderr
    energies, lasting = json.loads(done.stdout.splitlines()[-1])
    good = ["ok", "empty SMILES", "ok"]
    assert [row["status"] for row in energies][:3] == good
    assert [row["status"] for row in lasting][:3] == good
    assert 1 < energies[0]["EA"] < 7
    assert energies[4]["EA"] is None

    for line in lines[0]:
        name = re.split("[<>=~!]", line)[0]
        uv("pip", "uninstall", "--python", python, name)
        without = answer()
        assert without.returncode, name
        assert re.search(f"No module named '{name}", without.stderr), without.stderr
        uv("pip", "install", "--python", python, "--reinstall-package", name, line)
    assert answer().returncode == 0
