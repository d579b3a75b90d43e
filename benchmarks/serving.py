"""How long a served model takes: from a cold start to its first answer, and for many molecules.

    python benchmarks/serving.py [--target EA] [--out FILE]

Serves the champion of the registry as the README says, and calls it over HTTP.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import socket
import statistics
import subprocess
import sys
import time
import urllib.error
import urllib.request
from importlib.metadata import version
from pathlib import Path

import pandas as pd

REPEATS = 3
NUMBERS = (1, 1_000, 10_000)  # molecules a request
PATIENCE = 300.0  # seconds


def ask(port: int, smiles: list[str]) -> list[dict]:
    """Return the server's answer."""
    body = {"dataframe_split": {"columns": ["smiles"], "data": [[one] for one in smiles]}}
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}/invocations",
        json.dumps(body).encode(),
        {"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
        return json.loads(answer.read())["predictions"]


def first_answer(port: int, server: subprocess.Popen) -> None:
    """Wait for it."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end and server.poll() is None:
        try:
            ask(port, ["O=C1C=CC(=O)C=C1"])
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.05)
        else:
            return
    raise SystemExit("the server does not answer")


def main() -> None:
    """Serve, ask, write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--target", default="EA")
    parser.add_argument("--out", type=Path, default=Path("benchmarks/results/serving.json"))
    options = parser.parse_args()
    library = pd.read_csv("data/embedded/library.csv")["smiles"]
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    store = os.environ.get("MLFLOW_TRACKING_URI", "sqlite:///mlflow.db")
    more = {
        "MLFLOW_TRACKING_URI": store,
        "MLFLOW_SCORING_SERVER_REQUEST_TIMEOUT": str(int(PATIENCE)),
    }
    started = time.perf_counter()
    server = subprocess.Popen(
        [sys.executable, "-m", "mlflow", "models", "serve",
         "-m", f"models:/organode-{options.target}@champion", "--env-manager", "local",
         "--port", str(port)],
        env=os.environ | more,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        first_answer(port, server)
        cold = time.perf_counter() - started
        seconds = {}
        for number in NUMBERS:
            taken = []
            for repeat in range(REPEATS):
                smiles = library.sample(number, replace=True, random_state=repeat).tolist()
                begin = time.perf_counter()
                answers = ask(port, smiles)
                taken.append(time.perf_counter() - begin)
                if len(answers) != number:
                    raise SystemExit(f"{len(answers)} answers to {number} molecules")
            seconds[str(number)] = round(statistics.median(taken), 3)
    finally:
        server.terminate()
        server.wait()
    result = {
        "machine": platform.processor() or platform.machine(),
        "cores": len(os.sched_getaffinity(0)),
        "versions": {name: version(name) for name in ("mlflow", "numpy", "rdkit")},
        "target": options.target,
        "first_answer_seconds": round(cold, 2),
        "seconds_for_molecules": seconds,
    }
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(json.dumps(result, indent=2) + "\n")
    print(json.dumps(result, indent=2))


if __name__ == "__main__":
    main()
