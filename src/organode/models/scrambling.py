"""Y-scrambling: a network trained on shuffled labels, as a control.

Such a network must not predict the true labels better than the mean label does (Rücker, Rücker and
Meringer, J. Chem. Inf. Model. 47 (2007) 2345, doi 10.1021/ci700157b).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from threading import Event

import numpy as np
from scipy.sparse import csr_matrix

from organode.models.metrics import errors
from organode.models.network.network import NetworkSettings, forward
from organode.models.training_data import Labelled

EPOCHS = 3  # a network trained on true labels is near its final error by then
FOLD = 0  # validation fold


@contextmanager
def scrambling(
    data: Labelled, matrix: csr_matrix, settings: NetworkSettings, seed: int
) -> Iterator[Future[dict[str, float]]]:
    """Call `scrambled` in a thread of its own while a block trains other networks.

    After the block, this network would leave all cores but one idle. Yields what the thread will
    return. At the end of the block the thread is waited for; it stops early if
    the block ends by an error or an interrupt.
    """
    stopped = Event()

    def on_epoch(_epoch: int, _mae: float) -> None:
        if stopped.is_set():
            raise InterruptedError

    with ThreadPoolExecutor(1) as thread:
        try:
            yield thread.submit(scrambled, data, matrix, settings, seed, on_epoch)
        except BaseException:
            stopped.set()
            raise


def scrambled(
    data: Labelled,
    matrix: csr_matrix,
    settings: NetworkSettings,
    seed: int,
    on_epoch: Callable[[int, float], None] = lambda _epoch, _mae: None,
) -> dict[str, float]:
    """Train one network on shuffled labels and evaluate it on true labels of its validation fold.

    Parameters
    ----------
    data : Labelled
        Training data of n rows; rows of the test set are not used.
    matrix : scipy.sparse.csr_matrix
        Shape (n, n_columns): the networks' input matrix for these rows.
    settings : NetworkSettings
        Settings of the ensemble's networks. The network learns only the target itself, even if
        `settings.joint` is true.
    seed : int
        Seed of the shuffling and of the training.
    on_epoch : callable
        Called after each epoch with its number, from 1, and the MAE on the true labels in eV.

    Returns
    -------
    dict
        `mae` (eV) and `r2` on the true labels; `mae_of_the_mean` (eV), the MAE of predicting the
        mean training label for every row; `n`, the number of validation rows; `epochs`, the
        number of training epochs; `fold`, the validation fold.
    """
    from organode.models.network.training import fit  # TensorFlow

    train, valid = data.parts(matrix, FOLD, joint=False)
    shuffled = np.random.default_rng(seed).permutation(train[1])
    single = replace(settings, joint=False)
    fitted = fit(
        single,
        (train[0], shuffled),
        valid,
        epochs=EPOCHS,
        seed=seed,
        fold=FOLD,
        on_epoch=on_epoch,
    )
    label = valid[1][:, 0]
    metrics = errors(label, forward(fitted.weights, valid[0]) * fitted.scale + fitted.mean)
    return {
        "mae": metrics["mae"],
        "r2": metrics["r2"],
        "mae_of_the_mean": round(float(np.abs(label - train[1].mean()).mean()), 6),
        "n": len(label),
        "epochs": EPOCHS,
        "fold": FOLD,
    }
