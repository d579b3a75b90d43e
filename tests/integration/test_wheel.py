"""A wheel in an empty virtual environment, an exported model, an empty folder."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from helpers import ROOT, environment, run, run_ok

LARGEST = 900e6  # bytes, of the whole environment

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """The programs of an environment in which only the wheel was installed."""
    folder = tmp_path_factory.mktemp("wheel")
    run("uv", "build", "--wheel", "--quiet", "--out-dir", folder, ROOT, cwd=folder)
    (wheel,) = folder.glob("organode-*.whl")
    run("uv", "venv", "--quiet", "--python", sys.executable, folder / "venv", cwd=folder)
    run(
        "uv", "pip", "install", "--quiet", "--python", folder / "venv/bin/python", "--constraint",
        ROOT / "requirements.lock", wheel, cwd=folder,
    )  # fmt: skip
    return folder / "venv/bin"


@pytest.fixture(scope="module")
def exported(trained, tmp_path_factory):
    folder = tmp_path_factory.mktemp("exported") / "model"
    run_ok("model", "export", folder, cwd=trained)
    return folder


def called(program: Path, *arguments, cwd):
    return subprocess.run(
        [program, *map(str, arguments)],
        cwd=cwd,
        env=environment(PYTHONPATH=""),
        capture_output=True,
        text=True,
    )


def test_wheel_answers_with_an_exported_model(installed, exported, trained, tmp_path):
    done = called(
        installed / "organode", "predict", "CCO", "--json", "--model", exported, cwd=tmp_path
    )
    assert done.returncode == 0, done.stderr
    expected = run_ok("predict", "CCO", "--json", cwd=trained)
    assert done.stdout == expected.stdout
    library = trained / "data/embedded/library.csv"
    done = called(
        installed / "organode", "screen", library, "--out", "out", "--model", exported,
        cwd=tmp_path,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "out" / "report.html").exists()


def test_wheel_answers_by_its_own_model_without_a_network(installed, tmp_path):
    nowhere = dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"), "http://127.0.0.1:9")
    done = subprocess.run(
        [installed / "organode", "predict", "O=C1C=CC(=O)C=C1", "--json"], cwd=tmp_path,
        env=environment(PYTHONPATH="", **nowhere), capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    (row,) = json.loads(done.stdout)
    assert row["E_red_lower"] < 2.39 < row["E_red_upper"]
    assert "the packaged model" in " ".join(done.stderr.split())
    library = ROOT / "data/embedded/library.csv"
    done = called(installed / "organode", "screen", library, "--out", "out", cwd=tmp_path)
    assert done.returncode == 0, done.stderr


def test_environment_of_the_wheel_is_small(installed):
    files = (file for file in installed.parent.rglob("*") if file.is_file())
    assert sum(file.stat().st_size for file in files) <= LARGEST


def test_chain_without_its_extra_is_one_sentence(installed, tmp_path):
    done = called(installed / "organode", "search", "IE", cwd=tmp_path)
    assert done.returncode == 2
    assert "pip install 'organode[pipeline]'" in " ".join(done.stderr.split())
