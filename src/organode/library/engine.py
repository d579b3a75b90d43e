"""Apply a function to the chunks of a library: in this process, in several, or on a Dask cluster.

An engine is the way in which chunks are distributed: ``serial``, ``processes`` or ``dask``. Chunks
are independent, and each chunk is processed on a single core, so that the result is the same to
the byte for every engine and every order of the chunks.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from itertools import islice
from tempfile import TemporaryDirectory
from typing import Any, Literal, TypeVar

from threadpoolctl import threadpool_limits

from organode.errors import OrganodeError, UsageError, missing_extra
from organode.library.protocols import Estimable
from organode.utils.processes import end_with_parent

Engine = Literal["auto", "serial", "processes", "dask"]
C = TypeVar("C", bound=Estimable)
R = TypeVar("R")
# For libraries of so many rows or more, starting processes saves time, as measured by
# `benchmarks/screening.py`.
PROCESSES_FROM = 8_000
AHEAD = 2  # chunks that wait for each worker
RETRIES = 5  # of a chunk whose Dask worker died


@dataclass(frozen=True)
class Run:
    """Where a command computes, and with how many workers; neither changes the results.

    Attributes
    ----------
    engine : {'auto', 'serial', 'processes', 'dask'}
        Whether chunks are processed in this process (``serial``), in several processes or on a Dask
        cluster; ``auto`` chooses ``serial`` or ``processes`` by the number of rows and of jobs.
    jobs : int
        Number of processes, or of workers of a Dask cluster on this machine.
    scheduler : str or None
        Address of a running Dask scheduler, such as ``tcp://host:8786``; None if none is used.
    """

    engine: Engine
    jobs: int
    scheduler: str | None

    def engine_for(self, rows: int) -> Engine:
        """Return the engine for a library of `rows` rows; a scheduler's address implies ``dask``.

        Raises
        ------
        UsageError
            If there is a scheduler, and the engine is neither ``auto`` nor ``dask``.
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
    """Running workers, which any number of calls of `run_chunks` can use.

    Attributes
    ----------
    engine : {'serial', 'processes', 'dask'}
        Whether chunks are processed in this process (``serial``), in several processes or on a Dask
        cluster.
    jobs : int
        Number of processes; used only if the engine is ``processes``.
    client : distributed.Client or None
        Client of the Dask cluster; None for the other engines.
    """

    engine: Engine
    jobs: int
    client: Any = None


@contextmanager
def started_workers(run: Run, rows: int) -> Iterator[Workers]:
    """Start the workers for a library of `rows` rows, and stop them when the block ends.

    Raises
    ------
    UsageError
        If a Dask scheduler is given with another engine, or Dask is needed but not installed.
    OrganodeError
        If the Dask scheduler cannot be reached.
    """
    engine = run.engine_for(rows)
    if engine != "dask":
        yield Workers(engine, run.jobs)
        return
    with _cluster(run) as client:
        yield Workers(engine, run.jobs, client)


def run_chunks(
    workers: Workers,
    chunks: Iterator[C],
    function: Callable[[C], R],
    on_done: Callable[[C, R], None],
) -> None:
    """Apply a function to every chunk of a library.

    Parameters
    ----------
    workers : Workers
        Workers that `started_workers` returned.
    chunks : iterator of Estimable
        Chunks to process. The iterator advances only as fast as chunks are processed, so that few
        chunks are in memory.
    function : callable
        Called by a worker with a chunk, on a single core.
    on_done : callable
        Called in this process with each chunk and its result, in any order.

    Raises
    ------
    OrganodeError
        If the Dask cluster has no workers, or its workers died repeatedly on the same chunk.
    """
    if workers.engine == "serial":
        for chunk in chunks:
            on_done(*_apply(chunk, function))
    elif workers.engine == "processes":
        from joblib import Parallel, delayed, parallel_config

        # The models' arrays are mapped into memory from a file, and joblib sends only its name.
        # Other large arrays joblib writes into a private temporary folder.
        with parallel_config("loky", initializer=end_with_parent, initargs=(os.getpid(),)):
            parallel = Parallel(
                workers.jobs, return_as="generator_unordered", pre_dispatch=AHEAD * workers.jobs
            )
            results = parallel(delayed(_apply)(chunk, function) for chunk in chunks)
            with closing(results), _ended_quietly():
                for chunk, result in results:
                    on_done(chunk, result)
    else:
        _run_on_cluster(workers.client, chunks, function, on_done)


@contextmanager
def _ended_quietly() -> Iterator[None]:
    """Hide what joblib's thread says if the block ends while the thread hands out chunks.

    The end takes back chunks that wait, and the thread may look for one of them.
    """
    from joblib.externals.loky.process_executor import _ExecutorManagerThread

    shown = threading.excepthook

    def unless_ended(error: threading.ExceptHookArgs) -> None:
        is_looking = isinstance(error.thread, _ExecutorManagerThread)
        if not (is_looking and error.exc_type is KeyError):
            shown(error)

    try:
        yield
    except BaseException:
        threading.excepthook = unless_ended
        raise


def _apply(chunk: C, function: Callable[[C], R]) -> tuple[C, R]:
    with threadpool_limits(1):  # else the last digit of sums would depend on the number of cores
        return chunk, function(chunk)


@contextmanager
def _cluster(run: Run) -> Iterator[Any]:
    try:
        from distributed import Client, LocalCluster, Security
    except ImportError:
        raise missing_extra("dask", "dask") from None

    if run.scheduler is None:
        with (
            # Private: workers write pickles there and load them again.
            TemporaryDirectory(prefix="organode-") as scratch,
            # Encrypted, with temporary certificates: a scheduler runs any code that is sent to its
            # port, by anybody on this machine.
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


def _run_on_cluster(
    client: Any, chunks: Iterator[C], function: Callable[[C], R], on_done: Callable[[C, R], None]
) -> None:
    from distributed import as_completed
    from distributed.scheduler import KilledWorker

    try:
        shared = client.scatter(function, hash=False, broadcast=True)
    except TimeoutError as error:
        raise OrganodeError(
            f"the Dask cluster at {client.scheduler.address} has no workers: start some"
        ) from error

    def submit(chunk: C) -> Any:
        return client.submit(_apply, chunk, shared, pure=False, retries=RETRIES)

    n_threads = max(sum(client.nthreads().values()), 1)
    futures = as_completed([submit(chunk) for chunk in islice(chunks, AHEAD * n_threads)])
    try:
        for future in futures:
            on_done(*future.result())
            future.release()
            for chunk in islice(chunks, 1):
                futures.add(submit(chunk))
    except KilledWorker as error:
        raise OrganodeError(
            f"workers of the Dask cluster died repeatedly ({error}): give them more memory; the "
            "same command resumes"
        ) from error
