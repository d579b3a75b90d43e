"""Label rows in parallel processes; a molecule that crashes its process costs only itself."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing import active_children, get_context
from typing import Any

from organode.chem import MoleculeError, structure
from organode.errors import OrganodeError
from organode.label.method import Method
from organode.label.record import LabelError
from organode.utils.processes import end_with_parent
from organode.utils.resources import MEMORY, explained


def label_all(
    smiles: Sequence[object], todo: deque[int], method: Method, jobs: int
) -> Iterator[dict[str, Any]]:
    """Yield the finished rows in the order in which they finish.

    Parameters
    ----------
    smiles : sequence of object
        Cells of all rows.
    todo : deque of int
        Rows to label.
    method : Method
        How to label.
    jobs : int
        Number of processes.

    Yields
    ------
    dict
        `row`, `smiles`, `status`, `note` and the other columns of the method.

    Raises
    ------
    OrganodeError
        If the processes cannot start, or the machine lacks something that all rows need.
    """
    suspects: deque[int] = deque()
    mine, others = (os.getpid(),), set(active_children())
    while todo or suspects:
        # After a crash it is unknown which molecule caused it: each molecule that was running then
        # is repeated alone, so that only the culprit gets the blame.
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
                    for future in wait(running, return_when=FIRST_COMPLETED).done:
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
    """Check that processes can start, so that no molecule is blamed if they cannot."""
    try:
        pool.submit(os.getpid).result()
    except BrokenProcessPool as error:
        raise OrganodeError(
            "the worker processes cannot start (their own message is above): is there enough "
            "memory, and does a script that calls this do so under `if __name__ == '__main__':`?"
        ) from error


@contextmanager
def _single_threaded() -> Iterator[None]:
    """Let processes that are started in this block use a single thread each.

    The variable has to be set before a process starts, since its linear algebra counts the cores
    when it is loaded. With two threads on two cores a label takes six times as long.
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
    """Label the molecule of a row; a failure becomes the row's status.

    Raises
    ------
    ImportError
        If a package is missing.
    OrganodeError
        If the machine lacks something that all rows need, such as disk space.
    """
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
    """Return the columns of a row that precede its label."""
    smiles = cell if isinstance(cell, str) else ""
    return {"row": row, "smiles": smiles, "status": status, "note": note}
