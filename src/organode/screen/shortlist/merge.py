"""From finished chunks to one result, with memory that does not grow with the library."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa

from organode.electrochemistry.cells import ROLES
from organode.library.chunk import own_columns, own_names
from organode.library.read import Source
from organode.screen.criteria.decide import POTENTIALS
from organode.screen.engine.chunk import FLAGS, MARGINS, REMARKS, TYPES, VALUES
from organode.screen.engine.funnel import Funnelled
from organode.screen.engine.repeats import Repeats, isin_rising
from organode.screen.engine.surrogate import ESTIMATES
from organode.screen.engine.work import PassResult
from organode.screen.shortlist.outputs import ORDER
from organode.screen.shortlist.rank import best, score
from organode.screen.shortlist.tautomers import without_tautomers
from organode.utils.files import replacing
from organode.utils.growing import growing
from organode.utils.progress import bar

BIN = 0.05  # V
EDGES = np.arange(-6.0, 14.0 + BIN, BIN)
COARSE = np.arange(-6.0, 14.0 + 0.1, 0.1)
REPEAT = "repeat of row {}"
INTERNAL = ("key", *MARGINS)
EXAMPLES = 4  # molecules refused for one reason that a report shows
# Names that a library's own columns cannot have beside those of all files of a screening.
TAKEN = (*ORDER, *FLAGS, *VALUES, *REMARKS, *TYPES.values(), "status", "scored", *INTERNAL)


def _no_counts() -> dict[str, np.ndarray]:
    return {one: np.zeros(len(EDGES) - 1, np.int64) for one in ROLES}


@dataclass
class Merged:
    """What is known of a whole library.

    Attributes
    ----------
    rows, scored : int
        Of the library; those that the models scored.
    status : Counter
        Rows of each status; all repeats count as one.
    remarks : dict of Counter
        Of each role, how many molecules are refused for which reason; candidates under an
        empty one.
    examples : dict of dict
        Of each role and reason, the first `EXAMPLES` molecules: id, SMILES and potential in V.
    by_margin : dict of Counter
        Of each margin, how many molecules it alone would select in each role, and how many
        either does (``both …``).
    histogram, chosen : dict of numpy.ndarray
        Of each role, molecules and candidates in bins (`EDGES`) of its potential.
    plane : numpy.ndarray
        Molecules in bins (`COARSE`) of E_ox (first axis) and E_red.
    candidates : dict of pandas.DataFrame
        Of each listed role, the best by score, with the library's own columns.
    own : list of str
        Names of the latter.
    estimate : Funnelled or None
        How a library was estimated that was too long to be scored in full.
    """

    rows: int = 0
    scored: int = 0
    status: Counter[str] = field(default_factory=Counter)
    remarks: dict[str, Counter[str]] = field(
        default_factory=lambda: {one: Counter() for one in ROLES}
    )
    examples: dict[str, dict[str, list[tuple[str, str, float]]]] = field(
        default_factory=lambda: {one: {} for one in ROLES}
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
    own: list[str] = field(default_factory=list)
    estimate: Funnelled | None = None


def merge(
    rows: Iterable[pd.DataFrame],
    total: int,
    candidates: Iterable[pd.DataFrame],
    repeats: Repeats,
    source: Source,
    listed: Sequence[str],
    keep: int,
    path: Path,
) -> Merged:
    """Join finished chunks: write every row to one Parquet file and keep the best candidates.

    The library's own columns are read once more here: no worker needs them.

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
    source : Source
        The library; its own columns come back in the file and beside the candidates.
    listed : sequence of str
        Roles that candidates are listed in.
    keep : int
        How many candidates to keep in each role.
    path : Path
        The Parquet file of all rows.
    """
    merged = Merged()
    for table in candidates:
        _keep(merged, table, repeats, listed, keep)
    with (
        replacing(path) as temporary,
        growing(temporary, ".parquet") as file,
        bar("join", total, "rows") as progress,
    ):
        beside = _Beside(source, merged.candidates.values())
        for table in rows:
            again = repeats.among(table["row"].to_numpy())
            if again.any():
                firsts = repeats.first(table["row"].to_numpy()[again])
                table.loc[again, "status"] = [REPEAT.format(row) for row in firsts]
                table.loc[again, list(TYPES.values())] = False
            _count(merged, table, again)
            file.append(beside.joined(table.drop(columns=list(INTERNAL))))
            progress.advance(len(table))
    merged.own = beside.names
    merged.candidates = {
        role: beside.of_candidates(without_tautomers(table))
        for role, table in merged.candidates.items()
    }
    return merged


class _Beside:
    """A library's own columns, put beside its rows as these come by in their order."""

    def __init__(self, source: Source, candidates: Iterable[pd.DataFrame]) -> None:
        self._schema = source.columns
        self._tables = source.own_columns() if len(self._schema) else iter(())
        self._waiting = self._schema.empty_table()
        self._wanted = np.unique(np.concatenate([table["row"] for table in candidates]))
        self._kept: list[pd.DataFrame] = []
        self.names = own_names(self._schema.names, TAKEN)

    def joined(self, rows: pd.DataFrame) -> pd.DataFrame:
        """Return some rows with their own columns."""
        if not self.names:
            return rows
        while len(self._waiting) < len(rows) and (table := next(self._tables, None)) is not None:
            self._waiting = pa.concat_tables([self._waiting, table])
        own = own_columns(self._waiting[: len(rows)], TAKEN).set_axis(rows.index)
        self._waiting = self._waiting[len(rows) :]
        listed = isin_rising(rows["row"].to_numpy(), self._wanted)
        self._kept.append(own[listed].assign(row=rows.loc[listed, "row"]))
        place = list(rows.columns).index("smiles") + 1
        return pd.concat([rows.iloc[:, :place], own, rows.iloc[:, place:]], axis=1)

    def of_candidates(self, table: pd.DataFrame) -> pd.DataFrame:
        """Return candidates, all of whose rows have come by, with their own columns."""
        if not self.names:
            return table
        return table.merge(pd.concat(self._kept), on="row", how="left")


def scored_in_part(estimated: PassResult, scored: Sequence[PassResult]) -> Iterator[pd.DataFrame]:
    """Yield the estimated rows of a library, those in their place that models have scored."""
    tables = [table for done in scored for table in done.tables()]
    better = pd.concat(tables, ignore_index=True).sort_values("row", ignore_index=True)
    for rows in estimated.tables():
        ends = rows["row"].iloc[0], rows["row"].iloc[-1] + 1
        known = better[slice(*np.searchsorted(better["row"], ends))]
        rest = rows[~isin_rising(rows["row"].to_numpy(), known["row"].to_numpy())]
        both = pd.concat([rest.drop(columns=list(ESTIMATES)), known])
        yield both.sort_values("row", ignore_index=True)


def _count(merged: Merged, rows: pd.DataFrame, again: np.ndarray) -> None:
    merged.rows += len(rows)
    merged.scored += int(rows["scored"].sum())
    merged.status.update(_counted(rows.loc[~again, "status"]))
    if again.any():
        merged.status["repeat of an earlier row"] += int(again.sum())
    good = rows[rows["status"] == "ok"]
    for role, potential in POTENTIALS.items():
        remarks = good[f"{role}_remark"]
        counts = _counted(remarks)
        merged.remarks[role].update(counts)
        for why in filter(None, counts):
            shown = merged.examples[role].setdefault(why, [])
            if len(shown) < EXAMPLES:
                some = good[remarks == why].head(EXAMPLES - len(shown))
                shown += some[["id", "smiles", potential]].itertuples(index=False, name=None)
        merged.histogram[role] += np.histogram(good[potential], EDGES)[0]
        chosen = good.loc[good[TYPES[role]], potential]
        merged.chosen[role] += np.histogram(chosen, EDGES)[0]
        by = {margin: good[f"by_{margin}_{role}"] for margin in ("interval", "thesis")}
        by["both"] = by["interval"] & by["thesis"]
        for margin, selected in by.items():
            merged.by_margin[margin][role] += int(selected.sum())
    merged.plane += np.histogram2d(good["E_ox"], good["E_red"], [COARSE, COARSE])[0].astype(int)


def _counted(texts: pd.Series) -> dict[str, int]:
    return {str(text): int(count) for text, count in texts.value_counts().items()}


def _keep(
    merged: Merged, found: pd.DataFrame, repeats: Repeats, listed: Sequence[str], keep: int
) -> None:
    found = found[~repeats.among(found["row"].to_numpy())]
    for role in listed:
        new = found[found["role"].str.contains(role)]
        new = new.assign(score=score(new).astype(float))
        tables = [merged.candidates.get(role, new[:0]), new]
        some = [table for table in tables if len(table)] or tables[:1]
        merged.candidates[role] = best(pd.concat(some), keep)


def refused(merged: Merged, role: str) -> dict[str, int]:
    """Return why molecules are no candidates, the most frequent reason first."""
    return {why: count for why, count in merged.remarks[role].most_common() if why}
