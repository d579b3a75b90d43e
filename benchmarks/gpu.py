"""What training costs on a GPU, beside the CPU of the same machine: an epoch, and a search.

    python benchmarks/gpu.py TARGET [--molecules 24000] [--epochs 8] [--trials 100] [--out FILE]

Runs in a project folder whose data are curated, split and featurized. Each line is a process of its
own, one after another: lines of `benchmarks/training.py`, whose folds at once are one computation
on a GPU, and a search as `benchmarks/search.py` measures it. For the CPU, the GPU is hidden. Where
no GPU is visible nothing is measured, and the result says why.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path
from typing import Any

from training import measures

from organode.models.network.backend import device, gpus

FOLDER = Path(__file__).parent
TRAINING = ("organode, as it is", "organode, folds at once")
HIDDEN = {"GPU": {}, "CPU": {"CUDA_VISIBLE_DEVICES": "-1"}}


def run(script: str, *arguments: str, place: str) -> str:
    """Run another benchmark on the GPU or on the CPU; return what it prints."""
    # organode switches oneDNN off, for the same numbers on every machine.
    more = {"TF_ENABLE_ONEDNN_OPTS": "0", "TF_CPP_MIN_LOG_LEVEL": "3"} | HIDDEN[place]
    return subprocess.run(
        [sys.executable, str(FOLDER / script), *arguments],
        check=True,
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | more,
    ).stdout


def epoch(line: str, options: argparse.Namespace, place: str) -> float:
    """Return the seconds that an epoch of one network takes."""
    numbers = ["--molecules", str(options.molecules), "--epochs", str(options.epochs)]
    printed = run("training.py", "--line", line, *numbers, place=place)
    return measures(json.loads(printed.splitlines()[-1]))["seconds_an_epoch"]


def search(options: argparse.Namespace, place: str) -> float:
    """Return the minutes that a search takes."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "search.json"
        chosen = [
            f"search.n_trials={options.trials}",
            f"search.storage=sqlite:///{folder}/study.db",
        ]
        run("search.py", options.target, "--set", *chosen, "--out", str(out), place=place)
        return json.loads(out.read_text())["minutes"]


def measured(options: argparse.Namespace) -> dict[str, Any]:
    """Return seconds and minutes on both devices."""
    return {
        "machine": platform.processor() or platform.machine(),
        "cores": len(os.sched_getaffinity(0)),
        "versions": {"tensorflow": version("tensorflow")},
        "target": options.target,
        "molecules": options.molecules,
        "trials": options.trials,
        "seconds_an_epoch": {
            line: {place: epoch(line, options, place) for place in HIDDEN} for line in TRAINING
        },
        "search_minutes": {place: search(options, place) for place in HIDDEN},
    }


def main() -> None:
    """Measure on a GPU and on the CPU, or write that there is no GPU."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("target")
    parser.add_argument("--molecules", type=int, default=24_000)
    parser.add_argument("--epochs", type=int, default=8)
    parser.add_argument("--trials", type=int, default=100)
    parser.add_argument("--out", type=Path, default=Path("benchmarks/results/gpu.json"))
    options = parser.parse_args()
    found = {"measured": bool(gpus()), "trains": device()}
    result = found | (measured(options) if gpus() else {})
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(json.dumps(result, indent=2) + "\n")
    print(json.dumps(result, indent=2) if gpus() else f"not measured: training runs {device()}")


if __name__ == "__main__":
    main()
