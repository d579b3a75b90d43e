"""What training costs: organode against dense Keras, and against the thesis's input pipeline.

    python benchmarks/training.py [--molecules 24000] [--epochs 8] [--out FILE]

Each line is a process of its own, one after another on the same machine, with IE of the embedded
molecules (repeated up to the number asked for), a tenth of them held out. The first four have the
same network, 1024-512-256 on 2,048 folded counts; only ratios between lines are worth comparing.

- dense: `keras.Model.fit`, batch 256, TensorFlow's own choice of threads.
- generator: the same model fed row by row from a Python generator in one batch of 30,000 (the
  thesis's input pipeline).
- organode: `organode.models.network.training.fit`, batch 256, one core.
- organode, folds at once: as `search` and `train` do it, a network on each core; seconds are those
  of the whole divided by the number of networks.
- organode, as it is: the setting that the search tries first, with its own batch.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pandas as pd
from rdkit import Chem

from organode.chem.features import Molecules
from organode.models.input_columns import InputColumns
from organode.models.network.network import NetworkSettings, Part
from organode.search.space import STRONG

PLAIN = NetworkSettings(
    1, 2048, counts=True, orbitals=False, widths=(1024, 512, 256), dropout=0.1, l2=1e-6,
    loss="mse", joint=False, batch_size=256,
)  # fmt: skip
WHOLE = 30_000  # molecules, the thesis's batch
Curve = list[tuple[float, float]]  # seconds since the first epoch began, validation MAE in eV


def parts(settings: NetworkSettings, n: int) -> tuple[Part, Part]:
    """Return n molecules to train on and a tenth of the embedded ones to validate."""
    table = pd.read_csv("data/embedded/molecules.csv").sample(frac=1, random_state=20)
    described = Molecules([Chem.MolFromSmiles(one) for one in table["smiles"]])
    held_out = len(table) // 10
    learned = np.arange(held_out, len(table))
    matrix = InputColumns.choose(settings, described, learned).matrix(described)
    labels = table[["IE", "EA"] if settings.joint else ["IE"]].to_numpy(float)
    rows = np.resize(learned, n)
    return (matrix[rows], labels[rows]), (matrix[:held_out], labels[:held_out])


def organode(settings: NetworkSettings, n: int, epochs: int) -> Curve:
    """Train one network."""
    from organode.models.network.training import fit

    train, valid = parts(settings, n)
    curve: Curve = []
    fit(settings, train, valid, epochs=epochs, seed=1,
        on_epoch=lambda _, mae: curve.append((time.perf_counter(), mae)))  # fmt: skip
    return curve


def organode_at_once(settings: NetworkSettings, n: int, epochs: int) -> Curve:
    """Train a network on each core; return the mean curve, its seconds divided by their number."""
    from joblib import cpu_count

    from organode.models.network.folds import fit_folds

    made = parts(settings, n)
    curves: dict[int, Curve] = {fold: [] for fold in range(cpu_count())}
    for _ in fit_folds(
        settings,
        lambda _: made,
        list(curves),
        epochs=epochs,
        seed=1,
        on_epoch=lambda fold, mae: curves[fold].append((time.perf_counter(), mae)),
    ):
        pass
    mean = np.mean(list(curves.values()), axis=0) / [len(curves), 1]
    return [tuple(one) for one in mean.tolist()]


def dense(settings: NetworkSettings, n: int, epochs: int, generator: bool = False) -> Curve:
    """Train the same layers with `keras.Model.fit` on a dense matrix."""
    import keras
    import tensorflow as tf

    keras.utils.set_random_seed(1)
    (x, y), (x_valid, y_valid) = parts(settings, n)
    x, x_valid = x.toarray(), x_valid.toarray()
    mean, scale = y.mean(), y.std()
    y = ((y - mean) / scale).astype(np.float32)
    layers = []
    for width in settings.widths:
        layers += [
            keras.layers.Dense(
                width, activation="relu", kernel_regularizer=keras.regularizers.L2(settings.l2)
            ),
            keras.layers.Dropout(settings.dropout),
        ]
    model = keras.Sequential([keras.Input((settings.n_bits,)), *layers, keras.layers.Dense(1)])
    model.compile(keras.optimizers.Adam(settings.learning_rate), "mse")
    curve: Curve = []

    class Clock(keras.callbacks.Callback):
        def on_epoch_end(self, _epoch: int, _logs: object = None) -> None:
            output = model.predict(x_valid, batch_size=2048, verbose=0) * scale + mean
            curve.append((time.perf_counter(), float(np.abs(output - y_valid).mean())))

    if generator:

        def rows() -> Iterator[tuple[np.ndarray, np.ndarray]]:
            yield from zip(x, y, strict=True)

        signature = (tf.TensorSpec((settings.n_bits,), tf.float32), tf.TensorSpec((1,), tf.float32))
        data = tf.data.Dataset.from_generator(rows, output_signature=signature).batch(WHOLE)
        model.fit(data, epochs=epochs, verbose=0, callbacks=[Clock()])
    else:
        model.fit(
            x, y, batch_size=settings.batch_size, epochs=epochs, verbose=0, callbacks=[Clock()]
        )
    return curve


LINES = {
    "dense": lambda n, epochs: dense(PLAIN, n, epochs),
    "generator": lambda n, epochs: dense(PLAIN, n, min(epochs, 4), generator=True),
    "organode": lambda n, epochs: organode(PLAIN, n, epochs),
    "organode, folds at once": lambda n, epochs: organode_at_once(PLAIN, n, epochs),
    "organode, as it is": lambda n, epochs: organode(STRONG, n, epochs),
}


def main() -> None:
    """Measure every line and write the ratios."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--molecules", type=int, default=24_000)
    parser.add_argument("--epochs", type=int, default=8)
    parser.add_argument("--line", choices=LINES, help="measure one, print its curve, write nothing")
    parser.add_argument("--out", type=Path, default=Path("benchmarks/results/training.json"))
    options = parser.parse_args()
    if options.line:
        print(json.dumps(LINES[options.line](options.molecules, options.epochs)))
        return
    lines = {}
    for name in LINES:
        command = [sys.executable, __file__, "--line", name]
        numbers = ["--molecules", str(options.molecules), "--epochs", str(options.epochs)]
        # organode switches oneDNN off, for the same numbers on every machine; Keras has it on.
        more = {"TF_ENABLE_ONEDNN_OPTS": "0"} if name.startswith("organode") else {}
        found = subprocess.run(
            command + numbers,
            check=True,
            stdout=subprocess.PIPE,
            text=True,
            env=os.environ | {"TF_CPP_MIN_LOG_LEVEL": "3"} | more,
        )
        curve = json.loads(found.stdout.splitlines()[-1])
        lines[name] = measures(curve)
        print(name, lines[name]["seconds_an_epoch"], "s an epoch", flush=True)
    result = {
        "machine": platform.processor() or platform.machine(),
        "cores": len(os.sched_getaffinity(0)),
        "versions": {name: version(name) for name in ("tensorflow", "keras", "numpy")},
        "molecules": options.molecules,
        "layers": list(PLAIN.widths),
        "lines": lines,
        "ratios": {
            f"{name} / {other}": round(
                lines[name]["seconds_an_epoch"] / lines[other]["seconds_an_epoch"], 3
            )
            for name in ("organode", "organode, folds at once")
            for other in ("dense", "generator")
        },
        "to_reach": to_reach(lines),
    }
    for one in lines.values():
        del one["curve"]
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(json.dumps(result, indent=2) + "\n")
    print(json.dumps({name: result[name] for name in ("ratios", "to_reach")}, indent=2))


def measures(curve: Curve) -> dict:
    """Return seconds an epoch (median, the first left out: it compiles) and the best MAE."""
    seconds, maes = zip(*curve, strict=True)
    each = float(statistics.median(np.diff(seconds)))
    return {
        "seconds_an_epoch": round(each, 3),
        "best_mae": round(min(maes), 4),
        "epochs": len(curve),
        "curve": [(round(each * number, 3), mae) for number, mae in enumerate(maes, start=1)],
    }


def to_reach(lines: dict) -> dict:
    """Return the seconds, without compiling, until each line is as good as dense Keras ever is."""
    bar = lines["dense"]["best_mae"]
    return {
        "mae_eV": bar,
        **{
            name: next((seconds for seconds, mae in one["curve"] if mae <= bar + 5e-5), None)
            for name, one in lines.items()
        },
    }


if __name__ == "__main__":
    main()
