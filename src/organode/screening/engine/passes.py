"""One pass over the chunks of a library; finished chunks are kept on disk."""

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

# Chunks that are read together; one by one, joining a long library takes twice as long.
READ_TOGETHER = 25
C = TypeVar("C", bound=AnyChunk)


@dataclass(frozen=True)
class PassResult:
    """A finished pass over a library.

    Attributes
    ----------
    store : ChunkStore
        Holds its chunks.
    chunks, rows : int
        How many chunks there are, and how many rows in all.
    """

    store: ChunkStore
    chunks: int
    rows: int

    def tables(self, columns: list[str] | None = None, kind: str = ROWS) -> Iterator[pd.DataFrame]:
        """Yield the rows of all chunks in order, `READ_TOGETHER` chunks in one table."""
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
        Of the pass, for the progress bar.
    chunks : iterator of AnyChunk
        Numbered from 0.
    rows : int
        About how many rows they have.
    function : callable
        Run by the workers.
    store : ChunkStore
        Keeps its results, and tells which chunks are finished.
    workers : Workers
        Processes or cluster.
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
