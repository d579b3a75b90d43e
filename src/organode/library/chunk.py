"""Rows of a library as its files give them, and the names of the files' own columns."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd
import pyarrow as pa

from organode.library.read import FeaturizedChunk, FingerprintedChunk, featurize, fingerprint


@dataclass(frozen=True)
class Chunk:
    """Some rows of a library.

    Attributes
    ----------
    number : int
        Place among the chunks, from 0.
    rows : sequence of int
        Their numbers in the library, ascending.
    ids, smiles : sequence of str
        As given; a missing id is the row's number.
    problems : sequence of str
        Reasons why a row of the file cannot be read; empty where it can.
    columns : pyarrow.Table
        The file's other columns, with as many rows; no columns unless asked for.
    cap : str
        End group of repeat units, see `organode.chem.structure`.
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
        """Number of rows."""
        return len(self.smiles)

    def as_given(self) -> Chunk:
        """Return the rows as given: the chunk itself."""
        return self

    def featurized(self) -> FeaturizedChunk:
        """Parse the rows for the models."""
        return featurize(self.rows, self.ids, self.smiles, self.problems, self.cap)[0]

    def fingerprinted(self) -> FingerprintedChunk:
        """Parse the rows for the surrogate."""
        return fingerprint(self.rows, self.ids, self.smiles, self.problems, self.cap)

    def select(self, places: Sequence[int]) -> Iterator[tuple[int, str, str, str]]:
        """Yield row number, id, SMILES and problem of some of the rows."""
        for at in places:
            yield self.rows[at], self.ids[at], self.smiles[at], self.problems[at]


def join_chunks(chunks: Iterable[Chunk]) -> Chunk:
    """Join some chunks, at least one, into a single chunk."""
    parts = list(chunks)

    def cells(name: str) -> list[Any]:
        return [cell for part in parts for cell in getattr(part, name)]

    rows, ids, smiles, problems = map(cells, ("rows", "ids", "smiles", "problems"))
    columns = pa.concat_tables([part.columns for part in parts])
    return Chunk(0, rows, ids, smiles, problems, columns, parts[0].cap)


def own_names(names: Sequence[str], taken: Collection[str]) -> list[str]:
    """Return names for the files' own columns that differ from those that organode adds.

    A name that is taken gets the suffix ``_given``: `IE` becomes `IE_given`.
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
    """Return the files' own columns under `own_names`; integers stay integers, texts texts."""
    table: pd.DataFrame = columns.to_pandas(types_mapper=pd.ArrowDtype)
    table.columns = pd.Index(own_names(columns.column_names, taken), dtype=object)
    return table
