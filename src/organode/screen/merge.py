"""From finished chunks to one result, with memory that does not grow with the library."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from organode.files import replacing
from organode.progress import bar
from organode.screen.chunk import MARGINS, POTENTIALS
from organode.screen.decide import ELECTRODES
from organode.screen.estimate import ESTIMATES
from organode.screen.funnel import Funnelled
from organode.screen.rank import best, score
from organode.screen.repeats import Repeats, isin_rising
from organode.screen.work import Done

BIN = 0.05  # V
EDGES = np.arange(-6.0, 14.0 + BIN, BIN)
COARSE = np.arange(-6.0, 14.0 + 0.1, 0.1)
REPEAT = "repeat of row {}"
INTERNAL = ("key", *MARGINS)


def _no_counts() -> dict[str, np.ndarray]:
    return {one: np.zeros(len(EDGES) - 1, np.int64) for one in ELECTRODES}


@dataclass
class Merged:
    """What is known of a whole library.

    Attributes
    ----------
    rows, judged : int
        Of the library; those that the models judged.
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
    estimate : Funnelled or None
        How a library was estimated that was too long to be judged whole.
    """

    rows: int = 0
    judged: int = 0
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
    estimate: Funnelled | None = None


def merge(
    rows: Iterable[pd.DataFrame],
    total: int,
    candidates: Iterable[pd.DataFrame],
    repeats: Repeats,
    keep: int,
    path: Path,
) -> Merged:
    """Join finished chunks: write every row to one Parquet file and keep the best candidates.

    Parameters
    ----------
    rows : iterable of pandas.DataFrame
        Every row of the library, in order.
    total : int
        How many there are.
    candidates : iterable of pandas.DataFrame
        As `screen_piece` makes them, in any order.
    repeats : Repeats
        Rows that count no more.
    keep : int
        How many candidates to keep of each electrode.
    path : Path
        The Parquet file of all rows.
    """
    merged = Merged()
    for table in candidates:
        _keep(merged, table, repeats, keep)
    with (
        replacing(path) as temporary,
        _Writer(temporary) as writer,
        bar("join", total, "rows") as progress,
    ):
        for table in rows:
            again = repeats.among(table["row"].to_numpy())
            if again.any():
                firsts = repeats.first(table["row"].to_numpy()[again])
                table.loc[again, "status"] = [REPEAT.format(row) for row in firsts]
                table.loc[again, list(ELECTRODES)] = False
            _count(merged, table, again)
            writer.write(table.drop(columns=list(INTERNAL)))
            progress.advance(len(table))
    return merged


def judged_in_part(estimated: Done, judged: Sequence[Done]) -> Iterator[pd.DataFrame]:
    """Yield the estimated rows of a library, those in their place that models have judged."""
    tables = [table for done in judged for table in done.tables()]
    better = pd.concat(tables, ignore_index=True).sort_values("row", ignore_index=True)
    for rows in estimated.tables():
        ends = rows["row"].iloc[0], rows["row"].iloc[-1] + 1
        known = better[slice(*np.searchsorted(better["row"], ends))]
        rest = rows[~isin_rising(rows["row"].to_numpy(), known["row"].to_numpy())]
        both = pd.concat([rest.drop(columns=list(ESTIMATES)), known])
        yield both.sort_values("row", ignore_index=True)


def _count(merged: Merged, rows: pd.DataFrame, again: np.ndarray) -> None:
    merged.rows += len(rows)
    merged.judged += int(rows["judged"].sum())
    merged.status.update(_counted(rows.loc[~again, "status"]))
    if again.any():
        merged.status["repeat of an earlier row"] += int(again.sum())
    good = rows[rows["status"] == "ok"]
    for electrode, potential in POTENTIALS.items():
        merged.remarks[electrode].update(_counted(good[f"{electrode}_remark"]))
        merged.histogram[electrode] += np.histogram(good[potential], EDGES)[0]
        chosen = good.loc[good[electrode], potential]
        merged.chosen[electrode] += np.histogram(chosen, EDGES)[0]
        by = {margin: good[f"by_{margin}_{electrode}"] for margin in ("interval", "thesis")}
        by["both"] = by["interval"] & by["thesis"]
        for margin, selected in by.items():
            merged.by_margin[margin][electrode] += int(selected.sum())
    merged.plane += np.histogram2d(good["E_ox"], good["E_red"], [COARSE, COARSE])[0].astype(int)


def _counted(texts: pd.Series) -> dict[str, int]:
    return {str(text): int(count) for text, count in texts.value_counts().items()}


def _keep(merged: Merged, found: pd.DataFrame, repeats: Repeats, keep: int) -> None:
    found = found[~repeats.among(found["row"].to_numpy())]
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
