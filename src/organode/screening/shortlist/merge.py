"""Merge the chunks of a screening in bounded memory: file of all rows, counts, best candidates.

A chunk is the result for some rows of the library that were processed together.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa

from organode.library.chunk import own_columns, own_names
from organode.library.protocols import AnyLibrary
from organode.screening.columns import CANDIDATE_FLAG, INTERNAL, TAKEN
from organode.screening.criteria.criteria import Criteria
from organode.screening.engine.repeats import Repeats, isin_sorted
from organode.screening.engine.score_library import ScoredLibrary
from organode.screening.shortlist.counts import LibraryCounts
from organode.screening.shortlist.rank import score, top
from organode.screening.shortlist.tautomers import without_tautomers
from organode.utils.files import replacing
from organode.utils.growing import growing
from organode.utils.progress import bar

REPEAT = "repeat of row {}"


@dataclass(frozen=True)
class MergedLibrary:
    """Counts and best candidates of a library, from all chunks into which it was divided.

    Attributes
    ----------
    counts : LibraryCounts
        Counts over all rows of the library.
    candidates : dict of pandas.DataFrame
        Tables of the best candidates, by stability tier and score, with the columns of the
        library's files. Keys are the roles with a list of candidates: ``p`` (molecules that give
        off electrons), ``n`` (molecules that take up electrons), or only ``p`` in a symmetric cell.
    own_columns : list of str
        Names of the columns in the tables of `candidates` that come from the library's files.
    """

    counts: LibraryCounts
    candidates: dict[str, pd.DataFrame]
    own_columns: list[str]


def merge(
    scored: ScoredLibrary, library: AnyLibrary, criteria: Criteria, path: Path
) -> MergedLibrary:
    """Write all rows to one Parquet file, count the rows, and keep the best candidates.

    A row that repeats the structure of an earlier row is no candidate. Of several tautomers of a
    substance only one is kept. The columns of the library's files other than structure and id are
    read here, since the processes that score molecules do not read them.

    Parameters
    ----------
    scored : ScoredLibrary
        All rows of the library with their results, and the candidates among the rows.
    library : AnyLibrary
        The library; the other columns of its files are added to the Parquet file and to the
        candidates.
    criteria : Criteria
        Tells the roles with a list of candidates, and how many candidates are kept for each role
        before tautomers are removed (`settings.keep`).
    path : Path
        The Parquet file to write.
    """
    keep, roles = criteria.settings.keep, criteria.listed_roles
    candidates = _best_candidates(scored.candidates(), scored.repeats, roles, keep)
    counts = LibraryCounts()
    with (
        replacing(path) as temporary,
        growing(temporary, ".parquet") as file,
        bar("join", scored.n_rows, "rows") as progress,
    ):
        own = _OwnColumns(library, candidates.values())
        for table in scored.rows():
            repeated = scored.repeats.contains(table["row"].to_numpy())
            if repeated.any():
                firsts = scored.repeats.first(table["row"].to_numpy()[repeated])
                table.loc[repeated, "status"] = [REPEAT.format(row) for row in firsts]
                table.loc[repeated, list(CANDIDATE_FLAG.values())] = False
            counts.add(table, repeated)
            file.append(own.insert(table.drop(columns=list(INTERNAL))))
            progress.advance(len(table))
    with_own = {
        role: own.of_candidates(without_tautomers(table)) for role, table in candidates.items()
    }
    return MergedLibrary(counts, with_own, own.names)


class _OwnColumns:
    """Reader of the columns that only a library's files have, which it adds to tables of results.

    The library's rows have to be passed to `insert` in the order of the files.
    """

    def __init__(self, library: AnyLibrary, candidates: Iterable[pd.DataFrame]) -> None:
        self._schema = library.columns
        self._tables = library.own_columns() if len(self._schema) else iter(())
        self._waiting = self._schema.empty_table()
        self._candidate_rows = np.unique(np.concatenate([table["row"] for table in candidates]))
        self._kept: list[pd.DataFrame] = []
        self.names = own_names(self._schema.names, TAKEN)

    def insert(self, rows: pd.DataFrame) -> pd.DataFrame:
        """Return the next rows of the library, the columns of its files inserted after `smiles`."""
        if not self.names:
            return rows
        while len(self._waiting) < len(rows) and (table := next(self._tables, None)) is not None:
            self._waiting = pa.concat_tables([self._waiting, table])
        own = own_columns(self._waiting[: len(rows)], TAKEN).set_axis(rows.index)
        self._waiting = self._waiting[len(rows) :]
        listed = isin_sorted(rows["row"].to_numpy(), self._candidate_rows)
        self._kept.append(own[listed].assign(row=rows.loc[listed, "row"]))
        place = list(rows.columns).index("smiles") + 1
        return pd.concat([rows.iloc[:, :place], own, rows.iloc[:, place:]], axis=1)

    def of_candidates(self, table: pd.DataFrame) -> pd.DataFrame:
        """Return a table of candidates with the columns of the library's files added.

        Call this after `insert` was called with all rows of the library.
        """
        if not self.names:
            return table
        return table.merge(pd.concat(self._kept), on="row", how="left")


def _best_candidates(
    tables: Iterable[pd.DataFrame], repeats: Repeats, roles: Sequence[str], keep: int
) -> dict[str, pd.DataFrame]:
    """Return the best `keep` candidates of each role, by stability tier and score.

    Parameters
    ----------
    tables : iterable of pandas.DataFrame
        All candidates of the library, in any order.
    repeats : Repeats
        Rows that repeat the structure of an earlier row; these rows are left out.
    roles : sequence of str
        Roles with a list of candidates, of ``p`` and ``n``.
    keep : int
        Largest number of candidates in each role.
    """
    best: dict[str, pd.DataFrame] = {}
    for table in tables:
        first = table[~repeats.contains(table["row"].to_numpy())]
        for role in roles:
            new = first[first["role"].str.contains(role)]
            new = new.assign(score=score(new).astype(float))
            parts = [best.get(role, new[:0]), new]
            filled = [part for part in parts if len(part)] or parts[:1]
            best[role] = top(pd.concat(filled), keep)
    return best
