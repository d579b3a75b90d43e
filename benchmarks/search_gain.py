"""What a search gains: its best setting against the one that needs no search.

    python benchmarks/search_gain.py TARGET STORAGE [--set KEY=VALUE ...] [--out FILE]

Runs in a project folder in which `organode search TARGET` has ended; STORAGE is the search's
`search.storage`. Both settings are trained in full, a network for each fold, and predict the test
set, which the search did not see. The interval is that of the mean difference of their absolute
errors on the same molecules.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
from collections import Counter
from datetime import datetime
from pathlib import Path

import numpy as np
import optuna
from scipy.stats import bootstrap

from organode.artifacts import best_path
from organode.models.ensemble import Ensemble, Member
from organode.models.network.folds import fit_folds
from organode.models.network.network import NetworkSettings
from organode.models.training_data import Labelled
from organode.pipeline import search as stage
from organode.pipeline.best import read_best
from organode.search.plan import make_plan
from organode.search.space import STRONG
from organode.settings import Settings, load_settings
from organode.utils.progress import bar

SEED = 20


def main() -> None:
    """Train both settings, and write their errors."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("target")
    parser.add_argument("storage")
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE")
    parser.add_argument("--out", type=Path, default=Path("benchmarks/results/search_gain.json"))
    options = parser.parse_args()
    settings = load_settings(overrides=options.set)
    data = Labelled.read(options.target)
    best = read_best(best_path(options.target))
    name = stage._name(make_plan(options.target, settings, data), settings.seed)
    trials = optuna.load_study(study_name=name, storage=options.storage).trials
    ended = [trial for trial in trials if trial.datetime_complete]
    searched, fixed = (errors(options.target, data, each, settings) for each in (best, STRONG))
    difference = bootstrap(
        (fixed - searched,), np.mean, n_resamples=10_000, method="percentile", rng=SEED
    ).confidence_interval
    result = {
        "target": options.target,
        "machine": platform.processor() or platform.machine(),
        "cores": len(os.sched_getaffinity(0)),
        "hours": round(hours(ended), 2),
        "trials": dict(Counter(trial.state.name.lower() for trial in ended)),
        "test_molecules": len(fixed),
        "mae_fixed": round(float(fixed.mean()), 4),
        "mae_searched": round(float(searched.mean()), 4),
        "gain": [round(float(end), 4) for end in (difference.low, difference.high)],
        "best": best.as_dict(),
    }
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(json.dumps(result, indent=2) + "\n")
    print(json.dumps(result, indent=2))


def hours(trials: list[optuna.trial.FrozenTrial]) -> float:
    """Return the time in which at least one trial ran, without pauses of the search."""
    total, end = 0.0, datetime.min
    for trial in sorted(trials, key=lambda trial: trial.datetime_start):
        begin = max(trial.datetime_start, end)
        end = max(end, trial.datetime_complete)
        total += max((end - begin).total_seconds(), 0.0)
    return total / 3600


def errors(target: str, data: Labelled, chosen: NetworkSettings, settings: Settings) -> np.ndarray:
    """Return the absolute errors of a setting's ensemble on the test set, eV, shape (n,)."""
    inputs = data.inputs(chosen)
    matrix = data.matrix(inputs)
    epochs = settings.train.epochs
    with bar("train", data.n_folds * epochs, "epochs") as progress:
        fits = dict(
            fit_folds(
                chosen,
                lambda fold: data.parts(matrix, fold, joint=chosen.joint),
                list(range(data.n_folds)),
                epochs=epochs,
                seed=settings.seed,
                on_epoch=lambda *_: progress.advance(),
            )
        )
    members = [Member(fold, fit.mean, fit.scale, fit.weights) for fold, fit in sorted(fits.items())]
    outer = data.fold < 0
    predicted = Ensemble(target, inputs, members).predict(matrix[outer]).mean(axis=0)
    return np.abs(predicted - data.label[outer])


if __name__ == "__main__":
    main()
