"""One epoch of organode's network against plain dense Keras, in one run on one machine.

    python benchmarks/training.py [--molecules 6000] [--out benchmarks/results/training.json]

Both train the same layers with the same batch size on the fingerprints of the project's own
library, repeated up to the number of molecules asked for; only the ratio is worth comparing.
"""

import argparse
import json
import platform
import statistics
import time
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pandas as pd
from rdkit import Chem

from organode.chem.fingerprint import environments, fold
from organode.network import NetworkSettings
from organode.network.training import fit

EPOCHS = 6


def main() -> None:
    """Measure and write the ratio."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--molecules", type=int, default=6_000)
    parser.add_argument("--out", type=Path, default=Path("benchmarks/results/training.json"))
    options = parser.parse_args()

    smiles = pd.read_csv("data/embedded/library.csv")["smiles"]
    smiles = smiles.sample(options.molecules, replace=True, random_state=20)
    molecules = [Chem.MolFromSmiles(one) for one in smiles]
    settings = NetworkSettings(
        1, 2048, counts=True, orbitals=False, widths=(1024, 512, 256), dropout=0.1, l2=1e-6,
        batch_size=256,
    )  # fmt: skip
    x = fold(environments(molecules, settings.radius), len(molecules), 2048, counts=True)
    y = np.asarray(x.sum(axis=1)).reshape(-1, 1)

    sparse = per_epoch_sparse(settings, x, y)
    dense = per_epoch_dense(settings, x.toarray(), y)
    result = {
        "machine": platform.processor() or platform.machine(),
        "versions": {name: version(name) for name in ("tensorflow", "keras", "numpy")},
        "molecules": len(molecules),
        "layers": list(settings.widths),
        "organode_s_per_epoch": round(sparse, 3),
        "dense_keras_s_per_epoch": round(dense, 3),
        "ratio": round(sparse / dense, 3),
    }
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(json.dumps(result, indent=2) + "\n")
    print(json.dumps(result, indent=2))


def per_epoch_sparse(settings, x, y) -> float:
    """Return the median seconds of an epoch, the first left out: it compiles."""
    stamps = []
    few = (x[:10], y[:10])
    fit(settings, (x, y), few, epochs=EPOCHS, seed=1,
        on_epoch=lambda _epoch, _mae: stamps.append(time.perf_counter()))  # fmt: skip
    return statistics.median(np.diff(stamps))


def per_epoch_dense(settings, x, y) -> float:
    """Return the same for `keras.Model.fit` on the dense matrix."""
    import keras

    keras.utils.set_random_seed(1)
    layers = []
    for width in settings.widths:
        layers += [
            keras.layers.Dense(
                width, activation="relu", kernel_regularizer=keras.regularizers.L2(settings.l2)
            ),
            keras.layers.Dropout(settings.dropout),
        ]
    model = keras.Sequential([keras.Input((settings.n_bits,)), *layers, keras.layers.Dense(1)])
    model.compile("adam", "mse")
    stamps = []

    class Clock(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None) -> None:  # noqa: ARG002
            stamps.append(time.perf_counter())

    model.fit(x, y, batch_size=settings.batch_size, epochs=EPOCHS, verbose=0, callbacks=[Clock()])
    return statistics.median(np.diff(stamps))


if __name__ == "__main__":
    main()
