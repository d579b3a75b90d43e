"""A registered model served by MLflow and called over HTTP, in a process of its own."""

import json
import sys
import urllib.error
import urllib.request

import numpy as np
import pandas as pd
import pytest

from conftest import free_port, started, wait_for


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


def ask(url: str, body: dict) -> list[dict]:
    request = urllib.request.Request(
        url, json.dumps(body).encode(), {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request) as answer:
        return json.loads(answer.read())["predictions"]


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

    assert ask(served, table()) == []

    (wide,) = ask(served, table("O=C1C=CC(=O)C=C1") | {"params": {"level": 0.99}})
    assert wide["EA_upper"] - wide["EA_lower"] > good["EA_upper"] - good["EA_lower"]

    with pytest.raises(urllib.error.HTTPError) as refused:
        ask(served, table("CCO", column="structure"))
    assert refused.value.code == 400
    assert "smiles" in json.loads(refused.value.read())["message"]


@pytest.mark.slow
def test_a_hundred_thousand_rows_in_one_request(served, root):
    library = pd.read_csv(root / "data/embedded/library.csv")["smiles"]
    smiles = np.resize(library.to_numpy(object), 100_000).tolist()
    smiles[77_777] = "junk"
    answers = ask(served, table(*smiles))
    assert [one["smiles"] for one in answers] == smiles
    assert [row for row, one in enumerate(answers) if one["status"] != "ok"] == [77_777]
