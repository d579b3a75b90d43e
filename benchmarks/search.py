"""What a search costs: time, memory, and the share of it that logging takes.

    python benchmarks/search.py TARGET [--set KEY=VALUE ...] [--out FILE]

Runs in a project folder whose data are curated, split and featurized, as `organode search` would,
and writes when the search has ended. It may be interrupted and goes on: its time is the sum of its
trials'; memory, processor time and the share of logging (figures drawn for MLflow included) are
those since the last start.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import time
from collections import Counter
from collections.abc import Callable
from functools import wraps
from importlib.metadata import version
from pathlib import Path
from typing import Any

import optuna
from optuna.trial import TrialState

from organode.pipeline import search as stage
from organode.settings import load_settings
from organode.tracking.study_run import StudyRun

LOGGING = ("open", "log_trials", "finish")
GIB = 2**20  # KiB


class Clock:
    """Adds up the seconds that functions take."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def timed(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """Return the function, its time counted."""

        @wraps(function)
        def run(*args: Any, **kwargs: Any) -> Any:
            started = time.perf_counter()
            try:
                return function(*args, **kwargs)
            finally:
                self.seconds += time.perf_counter() - started

        return run


def main() -> None:
    """Run one search and write what it cost."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("target")
    parser.add_argument("--set", nargs="*", default=[], metavar="KEY=VALUE")
    parser.add_argument("--out", type=Path, default=Path("benchmarks/results/search.json"))
    options = parser.parse_args()
    clock = Clock()
    for name in LOGGING:
        setattr(StudyRun, name, clock.timed(getattr(StudyRun, name)))
    stage.figures.draw = clock.timed(stage.figures.draw)
    studies: list[optuna.Study] = []
    stage._study = keep(stage._study, studies)
    settings = load_settings(overrides=options.set)
    os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")
    started, cpu = time.perf_counter(), time.process_time()
    best = stage.search(options.target, settings)
    wall = time.perf_counter() - started
    trials = studies[0].get_trials(deepcopy=False)
    # One that failed was killed with its process, and found dead some time later.
    states = (TrialState.COMPLETE, TrialState.PRUNED)
    ended = [trial for trial in trials if trial.state in states]
    in_trials = sum(
        (trial.datetime_complete - trial.datetime_start).total_seconds() for trial in ended
    )
    result = {
        "target": options.target,
        "machine": platform.processor() or platform.machine(),
        "cores": len(os.sched_getaffinity(0)),
        "versions": {name: version(name) for name in ("tensorflow", "optuna", "mlflow")},
        "trials": settings.search.n_trials,
        "folds": settings.search.n_folds,
        "epochs": settings.search.epochs,
        "minutes": round(in_trials / (1 - clock.seconds / wall) / 60, 1),
        "last_start_minutes": round(wall / 60, 1),
        "cpu_minutes": round((time.process_time() - cpu) / 60, 1),
        "peak_GiB": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / GIB, 2),
        "logging_share": round(clock.seconds / wall, 4),
        "states": dict(Counter(trial.state.name.lower() for trial in trials)),
        "best": best.as_dict(),
    }
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(json.dumps(result, indent=2) + "\n")
    print(json.dumps(result, indent=2))


def keep(function: Callable[..., Any], kept: list[Any]) -> Callable[..., Any]:
    """Return the function, what it returns being appended to a list."""

    @wraps(function)
    def run(*args: Any, **kwargs: Any) -> Any:
        kept.append(function(*args, **kwargs))
        return kept[-1]

    return run


if __name__ == "__main__":
    main()
