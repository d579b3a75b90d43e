"""Engines that apply a function to the chunks of a library."""

import threading

import pytest
from joblib.externals.loky.process_executor import _ExecutorManagerThread
from threadpoolctl import threadpool_info, threadpool_limits

from chunks import NumberedChunk, fail_at_2, square
from organode.errors import UsageError
from organode.library.engine import (
    PROCESSES_FROM,
    Run,
    Workers,
    run_chunks,
    started_workers,
)


def chunks(n):
    return (NumberedChunk(number) for number in range(n))


def results(workers, n, function):
    done = {}
    run_chunks(workers, chunks(n), function, lambda chunk, result: done.update({chunk: result}))
    return done


@pytest.mark.parametrize("workers", [Workers("serial", 1), Workers("processes", 2)])
def test_every_chunk_comes_back_with_its_result(workers):
    assert results(workers, 7, square) == {NumberedChunk(number): number**2 for number in range(7)}


def test_chunks_are_read_only_as_fast_as_they_are_processed():
    events = []

    def source():
        for chunk in chunks(3):
            events.append(("read", chunk.number))
            yield chunk

    def on_done(chunk, _):
        events.append(("done", chunk.number))

    run_chunks(Workers("serial", 1), source(), square, on_done)
    assert events == [(what, number) for number in range(3) for what in ("read", "done")]


@pytest.mark.parametrize("workers", [Workers("serial", 1), Workers("processes", 2)])
def test_error_of_a_chunk_ends_the_work(workers):
    with pytest.raises(ValueError, match="chunk 2 fails"):
        results(workers, 5, fail_at_2)


def test_end_of_the_work_hides_only_what_the_thread_that_hands_out_chunks_says(monkeypatch):
    shown = []
    monkeypatch.setattr(threading, "excepthook", shown.append)
    hands_out = _ExecutorManagerThread.__new__(_ExecutorManagerThread)
    threading.Thread.__init__(hands_out)
    other = threading.Thread()
    with pytest.raises(ValueError, match="chunk 2 fails"):
        results(Workers("processes", 2), 5, fail_at_2)
    for kind in (KeyError, OSError):
        for thread in (hands_out, other):
            threading.excepthook(threading.ExceptHookArgs((kind, kind(1), None, thread)))
    assert [(error.exc_type, error.thread) for error in shown] == [
        (KeyError, other), (OSError, hands_out), (OSError, other)
    ]  # fmt: skip


def threads(_):
    return [library["num_threads"] for library in threadpool_info()]


def test_a_chunk_is_processed_on_a_single_core():
    with threadpool_limits(2):
        assert 2 in threads(0)
        (counts,) = results(Workers("serial", 1), 1, threads).values()
    assert set(counts) <= {1}


@pytest.mark.parametrize(
    ("run", "rows", "engine"),
    [
        (Run("auto", 2, None), PROCESSES_FROM - 1, "serial"),
        (Run("auto", 2, None), PROCESSES_FROM, "processes"),
        (Run("auto", 1, None), PROCESSES_FROM, "serial"),
        (Run("serial", 2, None), PROCESSES_FROM, "serial"),
        (Run("processes", 2, None), 1, "processes"),
        (Run("auto", 2, "tcp://10.0.0.5:8786"), 1, "dask"),
        (Run("dask", 2, "tcp://10.0.0.5:8786"), 1, "dask"),
    ],
)
def test_engine_follows_from_rows_jobs_and_scheduler(run, rows, engine):
    assert run.engine_for(rows) == engine


def test_scheduler_of_another_engine_is_rejected():
    with pytest.raises(UsageError, match="is for --engine dask"):
        Run("serial", 2, "tcp://10.0.0.5:8786").engine_for(1)


def test_workers_of_this_machine_need_no_cluster():
    with started_workers(Run("auto", 3, None), PROCESSES_FROM) as workers:
        assert workers == Workers("processes", 3)
