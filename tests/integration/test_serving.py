"""A registered model served by MLflow and called over HTTP, in a process of its own."""

import json
import socket
import sys
import threading
import urllib.error
import urllib.request

import numpy as np
import pandas as pd
import pytest

import organode
from helpers import free_port, started, wait_for
from helpers import organode as organode_command
from organode.api.load import PACKAGED


@pytest.fixture
def served(trained):
    port = free_port()
    command = [
        sys.executable, "-m", "mlflow", "models", "serve", "-m", "models:/organode-EA@champion",
        "--env-manager", "local", "--host", "127.0.0.1", "--port", str(port),
    ]  # fmt: skip
    where = {
        "MLFLOW_TRACKING_URI": f"sqlite:///{trained}/mlflow.db",
        "MLFLOW_SCORING_SERVER_REQUEST_TIMEOUT": "600",
    }
    with started(*command, cwd=trained, **where) as process:
        wait_for(f"http://127.0.0.1:{port}/ping", process)
        yield f"http://127.0.0.1:{port}/invocations"


def ask(url: str, body: dict | str) -> list[dict]:
    text = body if isinstance(body, str) else json.dumps(body)
    request = urllib.request.Request(url, text.encode(), {"Content-Type": "application/json"})
    with urllib.request.urlopen(request) as answer:
        return json.loads(answer.read(), parse_constant=no_json)["predictions"]


def no_json(constant: str) -> None:
    raise AssertionError(f"{constant} is no JSON")


def refusal(url: str, body: dict | str) -> str:
    """Ask what is to be refused as a bad request; return the reason."""
    with pytest.raises(urllib.error.HTTPError) as refused:
        ask(url, body)
    assert refused.value.code == 400
    return json.loads(refused.value.read(), parse_constant=no_json)["message"]


def table(*smiles: str, column: str = "smiles") -> dict:
    return {"dataframe_split": {"columns": [column], "data": [[one] for one in smiles]}}


def test_a_served_model_answers_good_and_bad_rows(served):
    good, bad = ask(served, table("O=C1C=CC(=O)C=C1", "junk"))
    assert good["status"] == "ok"
    assert 1 < good["EA"] < 7
    assert good["EA_lower"] < good["EA"] < good["EA_upper"]
    assert isinstance(good["EA_in_domain"], bool)
    assert bad["status"] == "not a valid SMILES"
    assert {bad[name] for name in ("EA", "EA_lower", "EA_upper", "EA_in_domain")} == {None}
    assert {bad[name] for name in ("E_red", "E_red_lower", "E_red_upper")} == {None}

    assert ask(served, table()) == []

    (wide,) = ask(served, table("O=C1C=CC(=O)C=C1") | {"params": {"level": 0.99}})
    assert wide["EA_upper"] - wide["EA_lower"] > good["EA_upper"] - good["EA_lower"]

    assert "smiles" in refusal(served, table("CCO", column="structure"))

    # An interval that too few errors are known for has no end.
    for level in (0.999_999_9, 1 - 1e-15):
        (endless,) = ask(served, table("CCO") | {"params": {"level": level}})
        assert endless["status"] == "ok"
        assert endless["EA_lower"] is endless["EA_upper"] is None
        assert isinstance(endless["EA"], float)

    (in_dmf,) = ask(served, table("O=C1C=CC(=O)C=C1") | {"params": {
        "reference": "SCE", "solvent": "DMF",
    }})  # fmt: skip
    assert in_dmf["EA"] == good["EA"]
    assert in_dmf["E_red"] < 0 < 2 < good["E_red_lower"] < good["E_red"] < good["E_red_upper"]
    for name, value, known in (
        ("reference", "NHE", "Li/Li+, SCE"),
        ("solvent", "XYZ", "ACN, DMC"),
        ("solvent", "water", "proton transfer is not modelled"),
    ):
        said = refusal(served, table("CCO") | {"params": {name: value}})
        assert f"{name} = {value} is not allowed" in said
        assert known in said

    for level in (2, 0, 1, -1, -0.0, 1.0000001):
        assert "must lie between 0 and 1" in refusal(
            served, table("CCO") | {"params": {"level": level}}
        )
    for level in ("NaN", "Infinity", "-Infinity", "1e400", "1e-400", '"x"', "[0.5]", "true", "{}"):
        text = json.dumps(table("CCO") | {"params": {"level": "HERE"}}).replace('"HERE"', level)
        assert "level" in refusal(served, text)

    for cell in (None, 5, 1.5, True, ["CCO"], {"a": "CCO"}, "", " "):
        (row,) = ask(served, table(cell))
        assert row["status"] == "empty SMILES"
    for body in ({}, {"dataframe_split": 5}, {"dataframe_records": [{}]}, {"inputs": "CCO"}, []):
        assert refusal(served, body)


def test_a_slow_request_does_not_hold_up_another(served, root):
    library = pd.read_csv(root / "data/embedded/library.csv")["smiles"]
    many = np.resize(library.to_numpy(object), 2_000).tolist()
    answers = []
    slow = threading.Thread(target=lambda: answers.extend(ask(served, table(*many))))
    slow.start()
    during = 0
    while slow.is_alive():
        (quick,) = ask(served, table("CCO"))
        assert quick["status"] == "ok"
        during += slow.is_alive()
    slow.join()
    assert len(answers) == len(many)
    assert during >= 2  # answered, and answered again, before the slow one was


@pytest.mark.slow
def test_a_hundred_thousand_rows_in_one_request(served, root):
    library = pd.read_csv(root / "data/embedded/library.csv")["smiles"]
    smiles = np.resize(library.to_numpy(object), 100_000).tolist()
    smiles[77_777] = "junk"
    answers = ask(served, table(*smiles))
    assert [one["smiles"] for one in answers] == smiles
    assert [row for row, one in enumerate(answers) if one["status"] != "ok"] == [77_777]


def test_a_whole_model_is_served_without_a_registry(tmp_path):
    port = free_port()
    command = [sys.executable, "-m", "organode", "serve", "--port", str(port)]
    with started(*command, cwd=tmp_path) as process:
        wait_for(f"http://127.0.0.1:{port}/health", process)
        url = f"http://127.0.0.1:{port}/invocations"
        parameters = {"reference": "Fc/Fc+", "level": 0.8}
        good, bad = ask(url, table("O=C1C=CC(=O)C=C1", "junk") | {"params": parameters})
        assert "solvent = water is not allowed" in refusal(
            url, table("CCO") | {"params": {"solvent": "water"}}
        )
    expected = organode.load(PACKAGED).predict(
        ["O=C1C=CC(=O)C=C1", "junk"], reference="Fc/Fc+", level=0.8
    )
    for name in ("IE", "EA", "E_ox", "E_red", "E_red_lower", "stable_red"):
        assert good[name] == pytest.approx(expected[name][0])
        assert bad[name] is None
    assert good["stable_red_reason"] == expected["stable_red_reason"][0]
    assert bad["status"] == expected["status"][1]


def test_a_port_that_is_taken_is_named(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        refused = organode_command("serve", "--port", str(port), cwd=tmp_path)
    assert refused.returncode == 2
    assert f"cannot listen at 127.0.0.1:{port}" in refused.stderr
    assert "answers" not in refused.stderr
