"""Label rows in parallel; a molecule that crashes its process affects no other row."""

from __future__ import annotations

import os
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing import active_children, get_context
from typing import Any

from organode.chem import MoleculeError, structure
from organode.errors import OrganodeError
from organode.label.method import SECONDS, Method
from organode.label.record import LabelError
from organode.utils.processes import end_with_parent
from organode.utils.resources import MEMORY, explained

POLL = 0.5  # seconds between two questions whether to stop


class LabellingStopped(Exception):  # noqa: N818 (no error: the caller asked for it)
    """Raised by `label_all` when it was asked to stop."""


def label_all(
    smiles: Sequence[object],
    todo: deque[int],
    method: Method,
    jobs: int,
    stop: Callable[[], bool] = lambda: False,
) -> Iterator[dict[str, Any]]:
    """Label rows in parallel processes, and yield each row when it is finished.

    Parameters
    ----------
    smiles : sequence of object
        The structure in each row of the table, as read from its cell.
    todo : deque of int
        Indices in `smiles` of the rows to label; the deque is emptied.
    method : Method
        Level of theory, solvent and the other settings of the labels.
    jobs : int
        Number of processes.
    stop : callable
        Asked every `POLL` seconds; when it returns true, the processes are ended, and unfinished
        rows are not yielded.

    Yields
    ------
    dict
        A row's values by column, as from `label_row`.

    Raises
    ------
    OrganodeError
        If the processes cannot start, or the machine lacks something that all rows need, such as
        disk space.
    LabellingStopped
        If `stop` returned true.
    """
    suspects: deque[int] = deque()
    mine, others = (os.getpid(),), set(active_children())
    while todo or suspects:
        # After a crash it is unknown which molecule caused it: each molecule that was running then
        # is repeated alone, so that only the one that crashes again is reported as failed.
        alone = bool(suspects)
        queue = suspects if alone else todo
        width = 1 if alone else jobs
        running: dict[Future[dict[str, Any]], int] = {}
        with (
            _single_threaded(),
            ProcessPoolExecutor(width, get_context("spawn"), end_with_parent, mine) as pool,
        ):
            _check_start(pool)
            try:
                while queue or running:
                    while queue and len(running) < (1 if alone else 3 * width):
                        row = queue[0]
                        running[pool.submit(label_row, row, smiles[row], method)] = row
                        queue.popleft()  # only after submit, which raises if the pool is broken
                    if stop():
                        raise LabellingStopped
                    for future in wait(running, POLL, FIRST_COMPLETED).done:
                        record = future.result()
                        del running[future]
                        yield record
            except BrokenProcessPool:
                lost = sorted(running.values())
                if alone:
                    for row in lost:
                        yield row_record(row, smiles[row], "the computation crashed")
                else:
                    suspects.extend(lost)
            except BaseException:  # also Ctrl-C: do not wait for a molecule that may take hours
                for worker in set(active_children()) - others:
                    worker.kill()
                pool.shutdown(wait=False, cancel_futures=True)
                raise


def _check_start(pool: ProcessPoolExecutor) -> None:
    """Check that the processes of a pool can start.

    Without this check, every molecule would be reported as failed if no process can start.

    Raises
    ------
    OrganodeError
        If the processes cannot start.
    """
    try:
        pool.submit(os.getpid).result()
    except BrokenProcessPool as error:
        raise OrganodeError(
            "the worker processes cannot start (their own message is above): is there enough "
            "memory, and does a script that calls this do so under `if __name__ == '__main__':`?"
        ) from error


@contextmanager
def _single_threaded() -> Iterator[None]:
    """Make processes that are started in the ``with`` block use a single thread each.

    The environment variable `OMP_NUM_THREADS` has to be set before a process starts, because the
    linear algebra library reads the variable when the library is loaded. With two threads on two
    cores, labelling takes six times as long as with a single thread.
    """
    before = os.environ.get("OMP_NUM_THREADS")
    os.environ["OMP_NUM_THREADS"] = "1"
    try:
        yield
    finally:
        if before is None:
            del os.environ["OMP_NUM_THREADS"]
        else:
            os.environ["OMP_NUM_THREADS"] = before


def label_row(row: int, cell: object, method: Method) -> dict[str, Any]:
    """Label the molecule of a row; if that fails, the result says why in `status`.

    Parameters
    ----------
    row : int
        Number of the row in the input table, from 0.
    cell : object
        The structure in that row.
    method : Method
        Level of theory, solvent and the other settings of the labels.

    Returns
    -------
    dict
        `row`, `smiles`, `status` (``ok`` or the reason why there is no label), `note` (how the
        structure was changed when the cell was read) and, if the molecule was labelled, the values
        that `Method.label` returns.

    Raises
    ------
    ImportError
        If a package is missing.
    OrganodeError
        If the machine lacks something that all rows need, such as disk space.
    """
    began = time.process_time()
    record = _labelled(row, cell, method)
    if method.timed:
        record[SECONDS] = round(time.process_time() - began, 3)
    return record


def _labelled(row: int, cell: object, method: Method) -> dict[str, Any]:
    """Return what `label_row` does, without the time."""
    try:
        molecule, note = structure(cell, flat=False, cap=method.cap)
        return row_record(row, cell, "ok", note) | method.label(molecule)
    except ImportError:  # every other molecule would fail as well
        raise
    except Exception as error:  # a single strange molecule must not end a run of days
        lacking = explained(error)
        if lacking and str(lacking) != MEMORY:  # such as disk: every other molecule would fail
            raise lacking from error
        if lacking:
            return row_record(row, cell, "too little memory for this molecule")
        if isinstance(error, MoleculeError | LabelError):
            return row_record(row, cell, str(error))
        text = " ".join(str(error).split())[:200]
        return row_record(row, cell, f"unexpected error: {type(error).__name__}: {text}")


def row_record(row: int, cell: object, status: str, note: str = "") -> dict[str, Any]:
    """Return `row`, `smiles`, `status` and `note` of a row: the columns before the label.

    The value of `smiles` is `cell`, the structure in the row, or an empty text if the cell is not a
    text.
    """
    smiles = cell if isinstance(cell, str) else ""
    return {"row": row, "smiles": smiles, "status": status, "note": note}
