"""Apply a function to every chunk of a library, a pass; finished chunks are kept on disk."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeVar

import pandas as pd

from organode.library.engine import Workers, run_chunks
from organode.library.protocols import AnyChunk
from organode.screening.engine.parts import ROWS, ChunkStore
from organode.screening.engine.scoring import Tables
from organode.utils.progress import bar, say

# Chunks that are read into one table; one by one, joining a long library takes twice as long.
READ_TOGETHER = 25
C = TypeVar("C", bound=AnyChunk)


@dataclass(frozen=True)
class PassResult:
    """A finished pass over a library.

    Attributes
    ----------
    store : ChunkStore
        Holds the finished chunks.
    chunks, rows : int
        Number of chunks, and number of rows in all of them.
    """

    store: ChunkStore
    chunks: int
    rows: int

    def tables(self, columns: list[str] | None = None, kind: str = ROWS) -> Iterator[pd.DataFrame]:
        """Yield one table of all chunks in order, `READ_TOGETHER` chunks at a time.

        `columns` and `kind` are as for `ChunkStore.read`: all columns if None; the table's name.
        """
        for start in range(0, self.chunks, READ_TOGETHER):
            numbers = range(start, min(start + READ_TOGETHER, self.chunks))
            yield self.store.read(numbers, kind, columns)


def run_pass(
    name: str,
    chunks: Iterator[C],
    rows: int,
    function: Callable[[C], Tables],
    store: ChunkStore,
    workers: Workers,
) -> PassResult:
    """Apply a function to each chunk that the store does not hold yet.

    Parameters
    ----------
    name : str
        Name of the pass, for the progress bar.
    chunks : iterator of AnyChunk
        The chunks, numbered from 0.
    rows : int
        About how many rows the chunks have in all.
    function : callable
        Makes the tables of a chunk; run by the workers.
    store : ChunkStore
        Keeps the tables, and tells which chunks are finished.
    workers : Workers
        Where chunks are processed: here, in several processes, or on a Dask cluster.

    Returns
    -------
    PassResult
        All chunks, whether finished now or by an earlier command.
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
