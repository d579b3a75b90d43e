"""From finished chunks to one result, with memory that does not grow with the library."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from organode.files import replacing
from organode.progress import bar
from organode.screen.chunk import POTENTIALS
from organode.screen.decide import ELECTRODES
from organode.screen.parts import Parts
from organode.screen.rank import best, score

AT_ONCE = 5_000_000  # keys held in memory, about 60 bytes each while they are sorted
BIN = 0.05  # V
EDGES = np.arange(-6.0, 14.0 + BIN, BIN)
COARSE = np.arange(-6.0, 14.0 + 0.1, 0.1)
REPEAT = "repeat of row {}"
INTERNAL = ("key", *(f"by_{margin}_{one}" for margin in ("interval", "thesis")
                     for one in ELECTRODES))  # fmt: skip


def _no_counts() -> dict[str, np.ndarray]:
    return {one: np.zeros(len(EDGES) - 1, np.int64) for one in ELECTRODES}


@dataclass
class Merged:
    """What is known of a whole library.

    Attributes
    ----------
    rows : int
        Of the library.
    status : Counter
        Rows of each status; all repeats count as one.
    remarks : dict of Counter
        Of each electrode, how many molecules are refused for which reason; candidates under an
        empty one.
    by_margin : dict of Counter
        Of each margin, how many molecules it alone would select for each electrode, and how many
        either does (``both …``).
    histogram, chosen : dict of numpy.ndarray
        Of each electrode, molecules and candidates in bins (`EDGES`) of its potential.
    plane : numpy.ndarray
        Molecules in bins (`COARSE`) of E_ox (first axis) and E_red.
    candidates : dict of pandas.DataFrame
        Of each electrode, the best by score.
    """

    rows: int = 0
    status: Counter[str] = field(default_factory=Counter)
    remarks: dict[str, Counter[str]] = field(
        default_factory=lambda: {one: Counter() for one in ELECTRODES}
    )
    by_margin: dict[str, Counter[str]] = field(
        default_factory=lambda: {one: Counter() for one in ("interval", "thesis", "both")}
    )
    histogram: dict[str, np.ndarray] = field(default_factory=_no_counts)
    chosen: dict[str, np.ndarray] = field(default_factory=_no_counts)
    plane: np.ndarray = field(
        default_factory=lambda: np.zeros((len(COARSE) - 1, len(COARSE) - 1), np.int64)
    )
    candidates: dict[str, pd.DataFrame] = field(default_factory=dict)


def merge(parts: Parts, chunks: int, total: int, keep: int, path: Path) -> Merged:
    """Join finished chunks: write every row to one Parquet file and keep the best candidates.

    Parameters
    ----------
    parts : Parts
        Holds chunks 0 to `chunks` − 1.
    chunks : int
        Their number.
    total : int
        How many rows they have.
    keep : int
        How many candidates to keep of each electrode.
    path : Path
        The Parquet file of all rows.
    """
    repeats, firsts = _repeats(parts, chunks, total)
    merged = Merged()
    with (
        replacing(path) as temporary,
        _Writer(temporary) as writer,
        bar("join", chunks, "chunks") as progress,
    ):
        for number in range(chunks):
            rows = parts.rows(number)
            # Both are rising: what concerns this chunk is one stretch of the repeats.
            ends = np.searchsorted(repeats, [rows["row"].iloc[0], rows["row"].iloc[-1] + 1])
            here = slice(*ends)
            again = np.isin(rows["row"], repeats[here])
            rows.loc[again, "status"] = [REPEAT.format(row) for row in firsts[here]]
            rows.loc[again, list(ELECTRODES)] = False
            _count(merged, rows, again)
            _keep(merged, parts.candidates(number), repeats[here], keep)
            writer.write(rows.drop(columns=list(INTERNAL)))
            progress.advance()
    return merged


def _repeats(parts: Parts, chunks: int, total: int) -> tuple[np.ndarray, np.ndarray]:
    """Return rows whose structure an earlier row has, rising, and that earlier row of each."""
    passes = 1 + total // AT_ONCE
    found = [_repeats_among(_keys(parts, chunks, one, passes)) for one in range(passes)]
    again = np.concatenate([rows for rows, _ in found])
    first = np.concatenate([rows for _, rows in found])
    order = np.argsort(again)
    return again[order], first[order]


def _keys(parts: Parts, chunks: int, one: int, passes: int) -> Iterator[pd.DataFrame]:
    for number in range(chunks):
        rows = parts.rows(number, ["row", "status", "key"])
        yield rows[(rows["status"] == "ok") & (rows["key"] % passes == one)]


def _repeats_among(tables: Iterator[pd.DataFrame]) -> tuple[np.ndarray, np.ndarray]:
    pairs = [(one["key"].to_numpy(), one["row"].to_numpy()) for one in tables]
    keys, rows = (np.concatenate(values) for values in zip(*pairs, strict=True))
    order = np.argsort(keys, kind="stable")  # rows are rising already
    keys, rows = keys[order], rows[order]
    starts = np.flatnonzero(np.r_[True, keys[1:] != keys[:-1]]) if len(keys) else np.empty(0, int)
    first = np.repeat(rows[starts], np.diff(np.r_[starts, len(keys)]))
    again = rows != first
    return rows[again], first[again]


def _count(merged: Merged, rows: pd.DataFrame, again: np.ndarray) -> None:
    merged.rows += len(rows)
    merged.status.update(rows.loc[~again, "status"])
    if again.any():
        merged.status["repeat of an earlier row"] += int(again.sum())
    good = rows[rows["status"] == "ok"]
    for electrode, potential in POTENTIALS.items():
        merged.remarks[electrode].update(good[f"{electrode}_remark"])
        merged.histogram[electrode] += np.histogram(good[potential], EDGES)[0]
        chosen = good.loc[good[electrode], potential]
        merged.chosen[electrode] += np.histogram(chosen, EDGES)[0]
        by = {margin: good[f"by_{margin}_{electrode}"] for margin in ("interval", "thesis")}
        by["both"] = by["interval"] & by["thesis"]
        for margin, selected in by.items():
            merged.by_margin[margin][electrode] += int(selected.sum())
    merged.plane += np.histogram2d(good["E_ox"], good["E_red"], [COARSE, COARSE])[0].astype(int)


def _keep(merged: Merged, found: pd.DataFrame, repeats: np.ndarray, keep: int) -> None:
    found = found[~np.isin(found["row"], repeats)]
    for electrode in ELECTRODES:
        new = found[found["electrode"] == electrode]
        new = new.assign(score=score(new, electrode).astype(float))
        tables = [merged.candidates.get(electrode, new[:0]), new]
        some = [table for table in tables if len(table)] or tables[:1]
        merged.candidates[electrode] = best(pd.concat(some), keep)


class _Writer:
    """A Parquet file that grows table by table."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: pq.ParquetWriter | None = None

    def __enter__(self) -> _Writer:
        return self

    def __exit__(self, *_: object) -> None:
        if self._file is not None:
            self._file.close()

    def write(self, rows: pd.DataFrame) -> None:
        table = pa.Table.from_pandas(rows, preserve_index=False)
        if self._file is None:
            self._file = pq.ParquetWriter(self._path, table.schema, compression="zstd")
        self._file.write_table(table.cast(self._file.schema))


def refused(merged: Merged, electrode: str) -> Sequence[tuple[str, int]]:
    """Return why molecules are no candidates, the most frequent reason first."""
    return [(why, count) for why, count in merged.remarks[electrode].most_common() if why]
