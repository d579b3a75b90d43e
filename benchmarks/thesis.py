"""How many epochs it takes to be as good as the thesis's protocol.

    python benchmarks/thesis.py [--epochs 500] [--out FILE]

Runs in a project folder whose data are curated, split and featurized. The thesis's best setting of
each target is trained by its own protocol on half of the folds and judged on the other half, as in
its comparison of 25 settings. The thesis did so for 5,000 epochs; fewer are run here, and its
protocol's best epoch so far is what organode has to reach.
"""

from __future__ import annotations

import argparse
import json
import platform
import time
from importlib.metadata import version
from pathlib import Path

from organode.artifacts import TARGETS
from organode.models.network.network import NetworkSettings, Part
from organode.models.network.training import fit
from organode.models.training_data import Labelled
from organode.search.space import STRONG, THESIS_BEST

WHOLE = 5_000  # epochs of the thesis
SEED = 20
Curve = list[tuple[float, float]]  # seconds since the start, validation MAE in eV


def halves(target: str, settings: NetworkSettings) -> tuple[Part, Part]:
    """Return the odd folds to train on and the even ones to validate."""
    data = Labelled.read(target)
    matrix = data.matrix(data.inputs(settings))
    labels = data.label[:, None]
    train, valid = (data.fold >= 0) & (data.fold % 2 == 1), (data.fold >= 0) & (data.fold % 2 == 0)
    return (matrix[train], labels[train]), (matrix[valid], labels[valid])


def curve(target: str, settings: NetworkSettings, epochs: int) -> Curve:
    """Train one network."""
    train, valid = halves(target, settings)
    started = time.perf_counter()
    found: Curve = []
    fit(settings, train, valid, epochs=epochs, seed=SEED,
        on_epoch=lambda _, mae: found.append((time.perf_counter() - started, mae)))  # fmt: skip
    return found


def main() -> None:
    """Measure both targets."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--epochs", type=int, default=500)
    parser.add_argument("--own-epochs", type=int, default=WHOLE // 500)
    parser.add_argument("--out", type=Path, default=Path("benchmarks/results/thesis.json"))
    options = parser.parse_args()
    result: dict = {
        "machine": platform.processor() or platform.machine(),
        "versions": {name: version(name) for name in ("tensorflow", "keras", "numpy")},
    }
    for target in TARGETS:
        theirs = curve(target, THESIS_BEST[target], options.epochs)
        best = min(mae for _, mae in theirs)
        own = curve(target, STRONG, options.own_epochs)
        needed = next((epoch for epoch, (_, mae) in enumerate(own, 1) if mae <= best), None)
        result[target] = {
            "thesis": {
                "epochs": len(theirs),
                "mae_eV": round(best, 4),
                "seconds": round(theirs[-1][0], 1),
            },
            "organode": {
                "epochs": len(own),
                "mae_eV": round(own[-1][1], 4),
                "seconds": round(own[-1][0], 1),
                "epochs_needed": needed,
                "seconds_needed": round(own[needed - 1][0], 1) if needed else None,
            },
        }
        print(target, result[target], flush=True)
        options.out.parent.mkdir(parents=True, exist_ok=True)
        options.out.write_text(json.dumps(result, indent=2) + "\n")


if __name__ == "__main__":
    main()
