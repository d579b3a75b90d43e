"""Find the rows of a library that repeat the structure of an earlier row, in bounded memory."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from organode.chem.reading.column import read_molecules
from organode.chem.structure_key import structure_key
from organode.library.chunk import Chunk
from organode.library.engine import Workers
from organode.library.protocols import AnyChunk
from organode.library.stream import CHUNK
from organode.screening.engine.parts import ChunkStore
from organode.screening.engine.passes import PassResult, run_pass
from organode.screening.engine.scoring import Tables

KEYS_IN_MEMORY = 5_000_000  # about 60 bytes each while they are sorted


@dataclass(frozen=True)
class Repeats:
    """Rows of a library that repeat the structure of an earlier row.

    Attributes
    ----------
    rows : numpy.ndarray
        Shape (n,): numbers of the repeating rows, sorted ascending.
    firsts : numpy.ndarray
        Shape (n,): for each repeating row, the number of the first row with the same structure.
    """

    rows: np.ndarray
    firsts: np.ndarray

    def contains(self, rows: np.ndarray) -> np.ndarray:
        """Return a mask: whether each row of the numbers `rows` repeats an earlier row."""
        return isin_sorted(rows, self.rows)

    def first(self, repeats: np.ndarray) -> np.ndarray:
        """Return the number of the first row with the structure of each row in `repeats`.

        `repeats` are numbers of rows that repeat an earlier row.
        """
        return np.asarray(self.firsts[np.searchsorted(self.rows, repeats)])


def isin_sorted(values: np.ndarray, ascending: np.ndarray) -> np.ndarray:
    """Return a mask: whether each of `values` occurs in `ascending`.

    `ascending` has to be sorted ascending; it may be long.
    """
    if not len(ascending):
        return np.zeros(len(values), bool)
    place = np.minimum(np.searchsorted(ascending, values), len(ascending) - 1)
    return np.asarray(ascending[place] == values)


def repeats_by_key(result: PassResult) -> Repeats:
    """Find the valid rows whose `key`, a hash of the structure, equals that of an earlier row.

    `result` holds the rows with the columns `row`, `status` and `key`; only rows with the status
    ``ok`` are compared.
    """
    n_parts = 1 + result.rows // KEYS_IN_MEMORY  # rows of equal keys fall into the same part
    pairs = [_repeats_among(_keys(result, part, n_parts)) for part in range(n_parts)]
    rows, firsts = (np.concatenate(arrays) for arrays in zip(*pairs, strict=True))
    order = np.argsort(rows)
    return Repeats(rows[order], firsts[order])


def confirmed_repeats(result: PassResult, store: ChunkStore, workers: Workers, cap: str) -> Repeats:
    """Find the rows that repeat the structure of an earlier row if hashes alone may be wrong.

    Rows that share a hash are parsed again, and compared by their canonical SMILES without stereo.

    Parameters
    ----------
    result : PassResult
        Rows with `id`, `smiles` and `key`, a hash that different structures may share.
    store : ChunkStore
        Folder in which the hashes of the canonical SMILES are kept.
    workers : Workers
        Where rows are processed: in this process, in several processes, or on a Dask cluster.
    cap : str
        End group of a polymer's repeat unit: ``H``, ``methyl``, or empty for none.
    """
    possible = repeats_by_key(result)
    rows = np.union1d(possible.rows, possible.firsts)
    chunks = gather_rows(result, rows, CHUNK, cap)
    return repeats_by_key(run_pass("compare", chunks, len(rows), identify_chunk, store, workers))


def identify_chunk(chunk: AnyChunk) -> Tables:
    """Return a table that identifies the structure of each row of a chunk, as ``{"rows": table}``.

    The columns are `row` (number), `status` and `key`, a 64-bit hash of the canonical SMILES
    without stereo; `key` is 0 for a row that cannot be read.
    """
    given = chunk.as_given()
    molecules, status, _ = read_molecules(given.smiles, given.problems, given.cap)
    keys = [0 if molecule is None else structure_key(molecule) for molecule in molecules]
    columns = {"row": list(chunk.rows), "status": status, "key": np.array(keys, np.uint64)}
    return {"rows": pd.DataFrame(columns)}


def gather_rows(result: PassResult, rows: np.ndarray, size: int, cap: str) -> Iterator[Chunk]:
    """Yield new chunks with selected rows of a library that a pass has processed.

    Parameters
    ----------
    result : PassResult
        All rows of the library.
    rows : numpy.ndarray
        Numbers of the selected rows, sorted ascending.
    size : int
        Number of rows in a chunk; the last chunk may be smaller.
    cap : str
        End group of a polymer's repeat unit: ``H``, ``methyl``, or empty for none.
    """
    waiting = pd.DataFrame()
    number = 0
    for table in result.tables(["row", "id", "smiles"]):
        wanted = table[isin_sorted(table["row"].to_numpy(), rows)]
        waiting = pd.concat([waiting, wanted]) if len(waiting) else wanted
        while len(waiting) >= size:
            yield _chunk(number, waiting[:size], cap)
            number, waiting = number + 1, waiting[size:]
    if len(waiting):
        yield _chunk(number, waiting, cap)


def _chunk(number: int, table: pd.DataFrame, cap: str) -> Chunk:
    ids, smiles = (tuple(table[name].tolist()) for name in ("id", "smiles"))
    return Chunk(number, tuple(table["row"].tolist()), ids, smiles, ("",) * len(ids), cap=cap)


def _keys(result: PassResult, part: int, n_parts: int) -> Iterator[pd.DataFrame]:
    """Yield number, status and key of the valid rows whose key modulo `n_parts` equals `part`.

    The key of a row is a hash of its structure.
    """
    for rows in result.tables(["row", "status", "key"]):
        yield rows[(rows["status"] == "ok") & (rows["key"] % n_parts == part)]


def _repeats_among(tables: Iterator[pd.DataFrame]) -> tuple[np.ndarray, np.ndarray]:
    """Return the rows with the key of an earlier row, and for each row the first row with its key.

    `tables` have the columns `row` (number) and `key` (a hash of the structure).
    """
    pairs = [(table["key"].to_numpy(), table["row"].to_numpy()) for table in tables]
    pairs.append((np.empty(0, np.uint64), np.empty(0, np.int64)))
    keys, rows = (np.concatenate(values) for values in zip(*pairs, strict=True))
    order = np.argsort(keys, kind="stable")  # stable: rows of equal keys stay ascending
    keys, rows = keys[order], rows[order]
    starts = np.flatnonzero(np.r_[True, keys[1:] != keys[:-1]]) if len(keys) else np.empty(0, int)
    first = np.repeat(rows[starts], np.diff(np.r_[starts, len(keys)]))
    repeated = rows != first
    return rows[repeated], first[repeated]
