"""Train the networks of several cross-validation folds at the same time."""

from __future__ import annotations

import gc
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from queue import SimpleQueue

import numpy as np
from joblib import cpu_count

from organode.models.network.backend import gpus, tf
from organode.models.network.batched import fit_batched
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
    """Train one network for each fold: all at once on a GPU or, without one, one on each core.

    A GPU trains its networks as one computation, which costs little more than that of one network;
    several GPUs share the folds. On the CPU, two small networks finish sooner if they are trained
    at the same time, on one core each, than one after the other, on two cores. If the caller stops
    iterating, because of an error or an interrupt, all trainings stop.

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

    Raises
    ------
    MemoryError
        If the device has too little memory.
    """
    stopped = threading.Event()
    found = gpus()
    at_once = found or ["/CPU:0"] * min(cpu_count(), max(len(folds), 1))
    free: SimpleQueue[str] = SimpleQueue()
    for name in at_once:
        free.put(name)

    def report(fold: int, _epoch: int, mae: float) -> None:
        if stopped.is_set():
            raise InterruptedError
        on_epoch(fold, mae)

    def alone(fold: int) -> list[tuple[int, Fit]]:
        learned, valid = parts(fold)
        fitted = fit(
            settings, learned, valid, epochs=epochs, seed=seed, fold=fold,
            start=start(fold, learned) if start else None,
            on_epoch=lambda epoch, mae: report(fold, epoch, mae),
        )  # fmt: skip
        return [(fold, fitted)]

    def batched(together: Sequence[int]) -> list[tuple[int, Fit]]:
        made = {fold: parts(fold) for fold in together}
        done: list[tuple[int, Fit]] = []
        # A fold without a label of the other target has a column less.
        for width in sorted({learned[1].shape[1] for learned, _ in made.values()}):
            alike = [fold for fold in together if made[fold][0][1].shape[1] == width]
            fitted = fit_batched(
                settings, [made[fold] for fold in alike], alike, epochs=epochs, seed=seed,
                start=[start(fold, made[fold][0]) for fold in alike] if start else None,
                on_epoch=report,
            )  # fmt: skip
            done += zip(alike, fitted, strict=True)
        return done

    def train(job: int) -> list[tuple[int, Fit]]:
        own = free.get()
        try:
            with tf.device(own):
                return batched(folds[job :: len(found)]) if found else alone(folds[job])
        finally:
            free.put(own)

    with ThreadPoolExecutor(len(at_once)) as pool:
        jobs = min(len(found) or len(folds), len(folds))
        futures = [pool.submit(train, job) for job in range(jobs)]
        try:
            for future in as_completed(futures):
                yield from future.result()
        finally:
            stopped.set()
            pool.shutdown(cancel_futures=True)
            # A compiled epoch refers to itself. Python's own schedule counts objects, not bytes:
            # without this, the weights of dozens of networks would pile up before they are freed.
            gc.collect()
