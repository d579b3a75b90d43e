"""Rows of a library as its files give them, and the names of the files' other columns."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd
import pyarrow as pa

from organode.library.read import (
    CoreSearch,
    FeaturizedChunk,
    FingerprintedChunk,
    featurize,
    fingerprint,
)


@dataclass(frozen=True)
class Chunk:
    """Some rows of a library as its files give them, not parsed yet.

    Attributes
    ----------
    number : int
        Position among the chunks, from 0.
    rows : sequence of int
        Row numbers in the library, from 0, sorted ascending.
    ids, smiles : sequence of str
        Ids and SMILES as given in the file; if the file has no id for a row, the row number.
    problems : sequence of str
        For each row, the reason why the row cannot be read; an empty text if it can be read.
    columns : pyarrow.Table
        The file's other columns, with the same rows; a table without columns if the other columns
        were not asked for.
    cap : str
        End group for polymers' repeat units: ``H``, ``methyl``, or empty for none.
    """

    number: int
    rows: Sequence[int]
    ids: Sequence[str]
    smiles: Sequence[str]
    problems: Sequence[str]
    columns: pa.Table = field(default_factory=lambda: pa.table({}))
    cap: str = ""

    @property
    def n(self) -> int:
        """Number of rows in the chunk."""
        return len(self.smiles)

    def as_given(self) -> Chunk:
        """Return the chunk itself, since its rows are as the files give them."""
        return self

    def featurized(self) -> FeaturizedChunk:
        """Parse the rows for the models, whose input features are computed when needed."""
        return featurize(self.rows, self.ids, self.smiles, self.problems, self.cap)[0]

    def fingerprinted(self, have_core: CoreSearch) -> FingerprintedChunk:
        """Parse the rows into the count fingerprints that the surrogate, a fast model, reads.

        `have_core` finds out which molecules have a group that is known to be stable as an ion.
        """
        return fingerprint(self.rows, self.ids, self.smiles, self.problems, self.cap, have_core)

    def select(self, places: Sequence[int]) -> Iterator[tuple[int, str, str, str]]:
        """Yield row number, id, SMILES and problem of the chunk's rows at positions `places`."""
        for at in places:
            yield self.rows[at], self.ids[at], self.smiles[at], self.problems[at]


def join_chunks(chunks: Iterable[Chunk]) -> Chunk:
    """Join one or more chunks into a single chunk with number 0."""
    parts = list(chunks)

    def cells(name: str) -> list[Any]:
        return [cell for part in parts for cell in getattr(part, name)]

    rows, ids, smiles, problems = map(cells, ("rows", "ids", "smiles", "problems"))
    columns = pa.concat_tables([part.columns for part in parts])
    return Chunk(0, rows, ids, smiles, problems, columns, parts[0].cap)


def own_names(names: Sequence[str], taken: Collection[str]) -> list[str]:
    """Return the column names of the user's files, changed if organode adds a column of that name.

    `taken` are the names that organode adds. A name in `taken`, whether in upper or lower case,
    gets the suffix ``_given``: `IE` becomes `IE_given`.
    """
    used = {name.casefold() for name in taken}
    own = {name.casefold() for name in names}
    unique = []
    for name in names:
        title = name
        while title.casefold() in used or (title != name and title.casefold() in own):
            title += "_given"
        used.add(title.casefold())
        unique.append(title)
    return unique


def own_columns(columns: pa.Table, taken: Collection[str]) -> pd.DataFrame:
    """Return columns of the user's files as a data frame of Arrow types, renamed by `own_names`."""
    table: pd.DataFrame = columns.to_pandas(types_mapper=pd.ArrowDtype)
    table.columns = pd.Index(own_names(columns.column_names, taken), dtype=object)
    return table
