"""Some rows of a library, as its files give them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import pyarrow as pa

from organode.library.read import Read, Sketch, read, sketch


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
    """

    number: int
    rows: Sequence[int]
    ids: Sequence[str]
    smiles: Sequence[str]
    problems: Sequence[str]
    columns: pa.Table = field(default_factory=lambda: pa.table({}))

    @property
    def n(self) -> int:
        """How many rows."""
        return len(self.smiles)

    def given(self) -> Chunk:
        """Return the rows as given: these."""
        return self

    def read(self) -> Read:
        """Parse the rows for the models."""
        return read(self.rows, self.ids, self.smiles, self.problems)[0]

    def sketch(self) -> Sketch:
        """Parse the rows for an estimate."""
        return sketch(self.rows, self.ids, self.smiles, self.problems)

    def select(self, places: Sequence[int]) -> Iterator[tuple[int, str, str, str]]:
        """Yield row number, id, SMILES and problem of some of the rows."""
        for at in places:
            yield self.rows[at], self.ids[at], self.smiles[at], self.problems[at]
