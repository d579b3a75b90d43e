"""One pass over pieces of a library, each done once and kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeVar

import pandas as pd

from organode.library.engine import Workers, run_pieces
from organode.library.read import Piece
from organode.screen.engine.chunk import Tables
from organode.screen.engine.parts import ROWS, Store
from organode.utils.progress import bar, say

AT_ONCE = 25  # chunks; read one by one, a long library takes twice as long to join
P = TypeVar("P", bound=Piece)


@dataclass(frozen=True)
class PassResult:
    """A finished pass.

    Attributes
    ----------
    store : Store
        Where its chunks lie.
    chunks, rows : int
        How many there are, and how many rows they have in all.
    """

    store: Store
    chunks: int
    rows: int

    def tables(self, columns: list[str] | None = None, kind: str = ROWS) -> Iterator[pd.DataFrame]:
        """Yield the chunks' rows, in order, `AT_ONCE` chunks in one table."""
        for start in range(0, self.chunks, AT_ONCE):
            numbers = range(start, min(start + AT_ONCE, self.chunks))
            yield self.store.read(numbers, kind, columns)


def work(
    what: str,
    pieces: Iterator[P],
    rows: int,
    function: Callable[[P], Tables],
    store: Store,
    workers: Workers,
) -> PassResult:
    """Work on the pieces that are not finished yet.

    Parameters
    ----------
    what : str
        Is done, for the progress bar.
    pieces : iterator of Piece
        Numbered from 0.
    rows : int
        About how many there are.
    function : callable
        The work.
    store : Store
        Keeps what it returns, and tells which pieces are finished.
    workers : Workers
        Who works.
    """
    finished = store.done()
    if finished:
        say(f"{what}: going on after {len(finished)} finished chunks")
    count = total = 0
    with bar(f"{what} ({workers.engine})", rows, "molecules") as progress:

        def new() -> Iterator[P]:
            nonlocal count, total
            for piece in pieces:
                count, total = count + 1, total + piece.n
                if piece.number in finished:
                    progress.advance(piece.n)
                else:
                    yield piece

        def keep(piece: P, tables: Tables) -> None:
            store.write(piece.number, tables)
            progress.advance(piece.n)

        run_pieces(workers, new(), function, keep)
    return PassResult(store, count, total)
