"""Where pieces of a library are worked on: here, in processes, or on a Dask cluster.

Pieces are independent and each is worked on by one core, so that the result is the same bytes
whoever does it and in whatever order.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from tempfile import TemporaryDirectory
from typing import Any, Literal, TypeVar

from threadpoolctl import threadpool_limits

from organode.errors import OrganodeError, UsageError, missing_extra
from organode.library.read import Piece
from organode.utils.processes import end_with_parent

Engine = Literal["auto", "serial", "processes", "dask"]
P = TypeVar("P", bound=Piece)
R = TypeVar("R")
# Rows from which starting processes pays: `benchmarks/screening.py` measures it.
PROCESSES_FROM = 8_000
AHEAD = 2  # pieces a worker that wait for it
RETRIES = 5  # of a piece whose Dask worker died


@dataclass(frozen=True)
class Run:
    """How work is done; none of it changes the result.

    Attributes
    ----------
    engine : {'auto', 'serial', 'processes', 'dask'}
        Who works.
    jobs : int
        Processes, or workers of a Dask cluster on this machine.
    scheduler : str or None
        Address of a Dask cluster.
    """

    engine: Engine
    jobs: int
    scheduler: str | None

    def chosen(self, rows: int) -> Engine:
        """Return the engine for so many rows; a scheduler's address asks for Dask.

        Raises
        ------
        UsageError
            If a scheduler is named for another engine.
        """
        if self.scheduler is not None:
            if self.engine not in ("auto", "dask"):
                raise UsageError(f"--scheduler {self.scheduler} is for --engine dask")
            return "dask"
        if self.engine != "auto":
            return self.engine
        return "processes" if self.jobs > 1 and rows >= PROCESSES_FROM else "serial"


@dataclass(frozen=True)
class Workers:
    """Who works, at hand for as many passes as there are.

    Attributes
    ----------
    engine : {'serial', 'processes', 'dask'}
    jobs : int
        Processes.
    client : distributed.Client or None
        Of the Dask cluster.
    """

    engine: Engine
    jobs: int
    client: Any = None


@contextmanager
def at_work(run: Run, rows: int) -> Iterator[Workers]:
    """Yield the workers for a library of so many rows.

    Raises
    ------
    UsageError
        If a scheduler is named for another engine, or Dask is not installed.
    OrganodeError
        If the cluster cannot be reached.
    """
    engine = run.chosen(rows)
    if engine != "dask":
        yield Workers(engine, run.jobs)
        return
    with _cluster(run) as client:
        yield Workers(engine, run.jobs, client)


def run_pieces(
    workers: Workers,
    pieces: Iterator[P],
    work: Callable[[P], R],
    on_done: Callable[[P, R], None],
) -> None:
    """Work on every piece.

    Parameters
    ----------
    workers : Workers
        Who works.
    pieces : iterator of Piece
        Gone through no faster than they are worked on.
    work : callable
        Done elsewhere, with one core.
    on_done : callable
        Called here with each piece and its result, in any order.

    Raises
    ------
    OrganodeError
        If a piece failed again and again on a Dask cluster.
    """
    if workers.engine == "serial":
        for piece in pieces:
            on_done(*_done(piece, work))
    elif workers.engine == "processes":
        from joblib import Parallel, delayed, parallel_config

        # Arrays in `work` that are mapped from a file, the models', are sent as its name. joblib
        # keeps other large ones in a folder of its own, which it makes private.
        with parallel_config("loky", initializer=end_with_parent, initargs=(os.getpid(),)):
            parallel = Parallel(
                workers.jobs, return_as="generator_unordered", pre_dispatch=AHEAD * workers.jobs
            )
            for piece, result in parallel(delayed(_done)(piece, work) for piece in pieces):
                on_done(piece, result)
    else:
        _on_cluster(workers.client, pieces, work, on_done)


def _done(piece: P, work: Callable[[P], R]) -> tuple[P, R]:
    with threadpool_limits(1):  # or sums would depend on the number of cores in their last digit
        return piece, work(piece)


@contextmanager
def _cluster(run: Run) -> Iterator[Any]:
    try:
        from distributed import Client, LocalCluster, Security
    except ImportError:
        raise missing_extra("dask", "dask") from None

    if run.scheduler is None:
        with (
            # Private: workers keep pickles there, and read them again.
            TemporaryDirectory(prefix="organode-") as scratch,
            # Encrypted, with certificates of this moment: a scheduler runs whatever anybody on this
            # machine sends to its port.
            LocalCluster(
                n_workers=run.jobs,
                threads_per_worker=1,
                host="127.0.0.1",
                dashboard_address=None,
                protocol="tls://",
                security=Security.temporary(),
                local_directory=scratch,
            ) as cluster,
            Client(cluster) as client,
        ):
            yield client
        return
    try:
        client = Client(run.scheduler, timeout=10)
    except (OSError, TimeoutError, ValueError) as error:
        raise OrganodeError(
            f"no Dask scheduler answers at {run.scheduler} ({error}): start one, or leave "
            "--scheduler out for a cluster on this machine"
        ) from error
    with client:
        yield client


def _on_cluster(
    client: Any, pieces: Iterator[P], work: Callable[[P], R], on_done: Callable[[P, R], None]
) -> None:
    from distributed import as_completed
    from distributed.scheduler import KilledWorker

    try:
        shared = client.scatter(work, hash=False, broadcast=True)
    except TimeoutError as error:
        raise OrganodeError(
            f"the Dask cluster at {client.scheduler.address} has no workers: start some"
        ) from error

    def submit(piece: P) -> Any:
        return client.submit(_done, piece, shared, pure=False, retries=RETRIES)

    width = max(sum(client.nthreads().values()), 1)
    waiting = as_completed([submit(piece) for piece in islice(pieces, AHEAD * width)])
    try:
        for future in waiting:
            on_done(*future.result())
            future.release()
            for piece in islice(pieces, 1):
                waiting.add(submit(piece))
    except KilledWorker as error:
        raise OrganodeError(
            f"workers of the Dask cluster died again and again ({error}): give them more memory; "
            "the same command goes on"
        ) from error
