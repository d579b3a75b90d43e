"""Networks of several folds trained at once, each on one core."""

from __future__ import annotations

import gc
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed

from joblib import cpu_count

from organode.models.network.network import Fit, NetworkSettings, Part
from organode.models.network.training import fit


def fit_folds(
    settings: NetworkSettings,
    parts: Callable[[int], tuple[Part, Part]],
    folds: Sequence[int],
    *,
    epochs: int,
    seed: int,
    on_epoch: Callable[[int, float], None] = lambda _fold, _mae: None,
) -> Iterator[tuple[int, Fit]]:
    """Train one network a fold, as many at once as there are cores.

    The folds are independent, and two small networks on a core each are done sooner than one
    after the other on two. Who stops iterating, by an error or an interrupt, stops the trainings.

    Parameters
    ----------
    settings, epochs, seed
        As in `organode.models.network.training.fit`.
    parts : callable
        Returns training and validation rows of a fold.
    folds : sequence of int
        Which to train.
    on_epoch : callable
        Called, from any thread, with the fold and its validation MAE in eV.

    Yields
    ------
    fold : int
    fitted : Fit
        As they are finished.
    """
    stopped = threading.Event()

    def train(fold: int) -> Fit:
        def told(_epoch: int, mae: float) -> None:
            if stopped.is_set():
                raise InterruptedError
            on_epoch(fold, mae)

        return fit(settings, *parts(fold), epochs=epochs, seed=seed, fold=fold, on_epoch=told)

    with ThreadPoolExecutor(max(1, min(cpu_count(), len(folds)))) as pool:
        futures = {pool.submit(train, fold): fold for fold in folds}
        try:
            for future in as_completed(futures):
                yield futures[future], future.result()
        finally:
            stopped.set()
            pool.shutdown(cancel_futures=True)
            # A compiled epoch refers to itself; left to Python's own schedule, which sees small
            # objects only, dozens of networks' weights pile up before they are freed.
            gc.collect()
