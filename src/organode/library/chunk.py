"""Some rows of a library, as its files give them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd
import pyarrow as pa

from organode.library.read import FeaturizedChunk, FingerprintedChunk, read, sketch


@dataclass(frozen=True)
class Chunk:
    """Some rows of a library.

    Attributes
    ----------
    number : int
        From 0.
    rows : sequence of int
        Their numbers in the library, ascending.
    ids, smiles : sequence of str
        As given; an id that is not given is the row's number.
    problems : sequence of str
        Why a row of the file cannot be read; empty where it can.
    columns : pyarrow.Table
        The file's other columns, a row for each of these; without any where they were not asked
        for.
    cap : str
        What ends repeat units, see `organode.chem.structure`.
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
        """How many rows."""
        return len(self.smiles)

    def given(self) -> Chunk:
        """Return the rows as given: these."""
        return self

    def read(self) -> FeaturizedChunk:
        """Parse the rows for the models."""
        return read(self.rows, self.ids, self.smiles, self.problems, self.cap)[0]

    def fingerprint(self) -> FingerprintedChunk:
        """Parse the rows for an estimate."""
        return sketch(self.rows, self.ids, self.smiles, self.problems, self.cap)

    def select(self, places: Sequence[int]) -> Iterator[tuple[int, str, str, str]]:
        """Yield row number, id, SMILES and problem of some of the rows."""
        for at in places:
            yield self.rows[at], self.ids[at], self.smiles[at], self.problems[at]


def gathered(chunks: Iterable[Chunk]) -> Chunk:
    """Return the rows of some chunks, one or more, as one."""
    parts = list(chunks)

    def joined(name: str) -> list[Any]:
        return [cell for part in parts for cell in getattr(part, name)]

    ids, smiles, problems = map(joined, ("ids", "smiles", "problems"))
    columns = pa.concat_tables([part.columns for part in parts])
    return Chunk(0, joined("rows"), ids, smiles, problems, columns, parts[0].cap)


def own_names(names: Sequence[str], taken: Collection[str]) -> list[str]:
    """Return names for a person's columns beside those that organode adds.

    A name that organode uses itself gets ``_given`` behind it: `IE` comes back as `IE_given`.
    """
    used = {name.casefold() for name in taken}
    theirs = {name.casefold() for name in names}
    free = []
    for name in names:
        title = name
        while title.casefold() in used or (title != name and title.casefold() in theirs):
            title += "_given"
        used.add(title.casefold())
        free.append(title)
    return free


def own_columns(columns: pa.Table, taken: Collection[str]) -> pd.DataFrame:
    """Return a person's columns under `own_names`; whole numbers stay whole, and texts texts."""
    table: pd.DataFrame = columns.to_pandas(types_mapper=pd.ArrowDtype)
    table.columns = pd.Index(own_names(columns.column_names, taken), dtype=object)
    return table
