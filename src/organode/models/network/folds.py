"""Train the networks of several cross-validation folds at the same time."""

from __future__ import annotations

import gc
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from queue import SimpleQueue

import numpy as np
from joblib import cpu_count

from organode.models.network.backend import devices, tf
from organode.models.network.network import Fit, NetworkSettings, Part
from organode.models.network.training import fit


def fit_folds(
    settings: NetworkSettings,
    parts: Callable[[int], tuple[Part, Part]],
    folds: Sequence[int],
    *,
    epochs: int,
    seed: int,
    start: Callable[[int, Part], list[np.ndarray]] | None = None,
    on_epoch: Callable[[int, float], None] = lambda _fold, _mae: None,
) -> Iterator[tuple[int, Fit]]:
    """Train one network for each fold; one at a time on each GPU or, without a GPU, on each core.

    Two small networks finish sooner if they are trained at the same time, on one core each, than
    one after the other, on two cores. If the caller stops iterating, because of an error or an
    interrupt, all trainings stop.

    Parameters
    ----------
    settings : NetworkSettings
        Settings of input features and network.
    parts : callable
        Called with a fold; returns the training rows and the validation rows of its network.
    folds : sequence of int
        The folds for which a network is trained.
    epochs : int
        Passes over the training rows.
    seed : int
        The sum of seed and fold seeds the training of a fold's network.
    start : callable, optional
        Called with a fold and its training rows; returns the weights from which its network goes
        on, as in `organode.models.network.training.fit`.
    on_epoch : callable
        Called after each epoch of a fold, from any thread, with the fold and the validation MAE in
        eV.

    Yields
    ------
    fold : int
        A fold; folds come in the order in which their trainings finish.
    fitted : Fit
        The trained network of that fold.
    """
    stopped = threading.Event()
    at_once = devices(min(cpu_count(), max(len(folds), 1)))
    free: SimpleQueue[str] = SimpleQueue()
    for name in at_once:
        free.put(name)

    def train(fold: int) -> Fit:
        def report(_epoch: int, mae: float) -> None:
            if stopped.is_set():
                raise InterruptedError
            on_epoch(fold, mae)

        own = free.get()
        try:
            with tf.device(own):
                learned, valid = parts(fold)
                return fit(
                    settings,
                    learned,
                    valid,
                    epochs=epochs,
                    seed=seed,
                    fold=fold,
                    start=start(fold, learned) if start else None,
                    on_epoch=report,
                )
        finally:
            free.put(own)

    with ThreadPoolExecutor(len(at_once)) as pool:
        futures = {pool.submit(train, fold): fold for fold in folds}
        try:
            for future in as_completed(futures):
                yield futures[future], future.result()
        finally:
            stopped.set()
            pool.shutdown(cancel_futures=True)
            # A compiled epoch refers to itself. Python's own schedule counts objects, not bytes:
            # without this, the weights of dozens of networks would pile up before they are freed.
            gc.collect()
