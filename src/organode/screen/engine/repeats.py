"""Rows whose structure an earlier row has, with memory that does not grow with the library."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from organode.chem.reading.column import read_molecules
from organode.library.chunk import Chunk
from organode.library.engine import Workers
from organode.library.read import Piece, structure_key
from organode.library.stream import CHUNK
from organode.screen.engine.chunk import Tables
from organode.screen.engine.parts import Store
from organode.screen.engine.work import PassResult, work

AT_ONCE = 5_000_000  # keys held in memory, about 60 bytes each while they are sorted


@dataclass(frozen=True)
class Repeats:
    """Rows that repeat an earlier one.

    Attributes
    ----------
    rows : numpy.ndarray
        Shape (n,), rising.
    firsts : numpy.ndarray
        Shape (n,): the earlier row of each.
    """

    rows: np.ndarray
    firsts: np.ndarray

    def among(self, rows: np.ndarray) -> np.ndarray:
        """Return which of some rows are repeats."""
        return isin_rising(rows, self.rows)

    def first(self, repeats: np.ndarray) -> np.ndarray:
        """Return the earlier row of each of some repeats."""
        return np.asarray(self.firsts[np.searchsorted(self.rows, repeats)])


def isin_rising(values: np.ndarray, rising: np.ndarray) -> np.ndarray:
    """Return which values are in a rising array, however long that is."""
    if not len(rising):
        return np.zeros(len(values), bool)
    place = np.minimum(np.searchsorted(rising, values), len(rising) - 1)
    return np.asarray(rising[place] == values)


def repeats(done: PassResult) -> Repeats:
    """Find the rows that have the same `key` as an earlier one."""
    passes = 1 + done.rows // AT_ONCE
    found = [_among(_keys(done, one, passes)) for one in range(passes)]
    rows, firsts = (np.concatenate(values) for values in zip(*found, strict=True))
    order = np.argsort(rows)
    return Repeats(rows[order], firsts[order])


def confirmed(done: PassResult, store: Store, workers: Workers, cap: str) -> Repeats:
    """Find the rows that have the same structure as an earlier one, where keys only hint at it.

    Parameters
    ----------
    done : PassResult
        Rows with `key`, `id` and `smiles`; different structures may share a key.
    store : Store
        Keeps what is found out of those that do.
    workers : Workers
        Who works.
    cap : str
        What ends repeat units.
    """
    hinted = repeats(done)
    doubtful = np.union1d(hinted.rows, hinted.firsts)
    pieces = chosen(done, doubtful, CHUNK, cap)
    return repeats(work("compare", pieces, len(doubtful), identify_piece, store, workers))


def identify_piece(piece: Piece) -> Tables:
    """Return the rows of a piece with the key of their canonical SMILES."""
    given = piece.given()
    molecules, status, _ = read_molecules(given.smiles, given.problems, given.cap)
    keys = [0 if one is None else structure_key(one) for one in molecules]
    columns = {"row": list(piece.rows), "status": status, "key": np.array(keys, np.uint64)}
    return {"rows": pd.DataFrame(columns)}


def chosen(done: PassResult, rows: np.ndarray, size: int, cap: str) -> Iterator[Chunk]:
    """Gather rows (rising) of finished chunks into pieces of their own, of `size` rows each."""
    waiting = pd.DataFrame()
    number = 0
    for table in done.tables(["row", "id", "smiles"]):
        found = table[isin_rising(table["row"].to_numpy(), rows)]
        waiting = pd.concat([waiting, found]) if len(waiting) else found
        while len(waiting) >= size:
            yield _piece(number, waiting[:size], cap)
            number, waiting = number + 1, waiting[size:]
    if len(waiting):
        yield _piece(number, waiting, cap)


def _piece(number: int, table: pd.DataFrame, cap: str) -> Chunk:
    ids, smiles = (tuple(table[name].tolist()) for name in ("id", "smiles"))
    return Chunk(number, tuple(table["row"].tolist()), ids, smiles, ("",) * len(ids), cap=cap)


def _keys(done: PassResult, one: int, passes: int) -> Iterator[pd.DataFrame]:
    for rows in done.tables(["row", "status", "key"]):
        yield rows[(rows["status"] == "ok") & (rows["key"] % passes == one)]


def _among(tables: Iterator[pd.DataFrame]) -> tuple[np.ndarray, np.ndarray]:
    pairs = [(one["key"].to_numpy(), one["row"].to_numpy()) for one in tables]
    pairs.append((np.empty(0, np.uint64), np.empty(0, np.int64)))
    keys, rows = (np.concatenate(values) for values in zip(*pairs, strict=True))
    order = np.argsort(keys, kind="stable")  # rows are rising already
    keys, rows = keys[order], rows[order]
    starts = np.flatnonzero(np.r_[True, keys[1:] != keys[:-1]]) if len(keys) else np.empty(0, int)
    first = np.repeat(rows[starts], np.diff(np.r_[starts, len(keys)]))
    again = rows != first
    return rows[again], first[again]
