"""A registered model served by MLflow and called over HTTP, in a process of its own."""

import json
import subprocess
import sys
import urllib.request

import pytest

from conftest import environment, free_port, stop, wait_for


@pytest.fixture
def served(trained):
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "mlflow", "models", "serve", "-m", "models:/organode-EA@champion",
         "--env-manager", "local", "--host", "127.0.0.1", "--port", str(port)],
        cwd=trained, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        env=environment(MLFLOW_TRACKING_URI=f"sqlite:///{trained}/mlflow.db"),
    )  # fmt: skip
    try:
        wait_for(f"http://127.0.0.1:{port}/ping", process)
        yield f"http://127.0.0.1:{port}/invocations"
    finally:
        stop(process)


def test_a_served_model_answers_good_and_bad_rows(served):
    body = {"dataframe_split": {"columns": ["smiles"], "data": [["O=C1C=CC(=O)C=C1"], ["junk"]]}}
    request = urllib.request.Request(
        served, json.dumps(body).encode(), {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=60) as answer:
        good, bad = json.loads(answer.read())["predictions"]
    assert good["status"] == "ok"
    assert 1 < good["EA"] < 7
    assert good["EA_lower"] < good["EA"] < good["EA_upper"]
    assert isinstance(good["EA_in_domain"], bool)
    assert bad["status"] == "not a valid SMILES"
    assert {bad[name] for name in ("EA", "EA_lower", "EA_upper", "EA_in_domain")} == {None}
