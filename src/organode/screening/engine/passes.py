"""Run passes over a library: apply a function to every chunk of rows, and store the results."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeVar

import pandas as pd

from organode.library.engine import Workers, run_chunks
from organode.library.protocols import Estimable
from organode.screening.engine.parts import ROWS, ChunkStore
from organode.screening.engine.scoring import Tables
from organode.utils.progress import bar, say

# Rows of chunks that are read into one table; chunk by chunk, to join a long library takes twice as
# long.
READ_TOGETHER = 50_000
C = TypeVar("C", bound=Estimable)


@dataclass(frozen=True)
class PassResult:
    """Results of a finished pass, which applied a function to every chunk of rows of a library.

    Attributes
    ----------
    store : ChunkStore
        Folder with the tables that the function made of each chunk.
    chunks, rows : int
        Number of chunks, and total number of their rows.
    """

    store: ChunkStore
    chunks: int
    rows: int

    def tables(self, columns: list[str] | None = None, kind: str = ROWS) -> Iterator[pd.DataFrame]:
        """Yield the tables of all chunks in order, those of some chunks joined into one.

        Parameters
        ----------
        columns : list of str, optional
            Columns to read; None for all columns.
        kind : str
            Name of the table: ``rows`` or, if the models scored the chunks, ``candidates``.
        """
        together = max(READ_TOGETHER * self.chunks // max(self.rows, 1), 1)
        for start in range(0, self.chunks, together):
            numbers = range(start, min(start + together, self.chunks))
            yield self.store.read(numbers, kind, columns)


def run_pass(
    name: str,
    chunks: Iterator[C],
    rows: int,
    function: Callable[[C], Tables],
    store: ChunkStore,
    workers: Workers,
) -> PassResult:
    """Apply a function to each chunk of rows whose results are not stored yet.

    Parameters
    ----------
    name : str
        Name of the pass, for the progress bar.
    chunks : iterator of Estimable
        All chunks, numbered from 0.
    rows : int
        Approximate number of rows in all chunks together, for the progress bar.
    function : callable
        Makes tables, by name, of a chunk; the workers call this function.
    store : ChunkStore
        Folder in which the tables are kept; it also tells which chunks are finished.
    workers : Workers
        Where chunks are processed: in this process, in several processes, or on a Dask cluster.

    Returns
    -------
    PassResult
        The results of all chunks, whether finished now or by an earlier command.
    """
    finished = store.done()
    if finished:
        say(f"{name}: resuming after {len(finished)} finished chunks")
    n_chunks = n_rows = 0
    with bar(f"{name} ({workers.engine})", rows, "molecules") as progress:

        def unfinished() -> Iterator[C]:
            nonlocal n_chunks, n_rows
            for chunk in chunks:
                n_chunks, n_rows = n_chunks + 1, n_rows + chunk.n
                if chunk.number in finished:
                    progress.advance(chunk.n)
                else:
                    yield chunk

        def keep(chunk: C, tables: Tables) -> None:
            store.write(chunk.number, tables)
            progress.advance(chunk.n)

        run_chunks(workers, unfinished(), function, keep)
    return PassResult(store, n_chunks, n_rows)
