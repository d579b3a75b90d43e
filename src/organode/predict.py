"""Predictions for a file, for SMILES on the command line, or for what comes through a pipe."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol

import pandas as pd
import pyarrow as pa

from organode.errors import UsageError
from organode.files import replacing
from organode.library.chunk import Chunk, own_names
from organode.library.columns import Wanted
from organode.library.files import KINDS
from organode.library.formats import ReadOptions
from organode.library.stream import CHUNK, STDIN, Library, is_open_pipe
from organode.model import columns_of, predict
from organode.progress import bar
from organode.register import Loaded
from organode.tables import TableWriter


class Molecules(Protocol):
    """Molecules to predict, whatever names them."""

    @property
    def columns(self) -> pa.Schema:
        """Columns beside structures and ids."""

    def about(self) -> int:
        """Return about how many there are."""

    def pieces(self, *, columns: bool = False) -> Iterator[Chunk]:
        """Go through them, a chunk at a time."""


@dataclass(frozen=True)
class Typed:
    """SMILES that a person typed.

    Attributes
    ----------
    smiles : sequence of str
        As typed.
    """

    smiles: Sequence[str]

    @cached_property
    def columns(self) -> pa.Schema:
        """No columns beside structures and ids."""
        return pa.schema([])

    def about(self) -> int:
        """Return how many there are."""
        return len(self.smiles)

    def pieces(self, *, columns: bool = False) -> Iterator[Chunk]:  # noqa: ARG002 (there are none)
        """Go through them, a chunk at a time."""
        for first in range(0, len(self.smiles), CHUNK):
            smiles = self.smiles[first : first + CHUNK]
            rows = range(first, first + len(smiles))
            yield Chunk(first // CHUNK, rows, [*map(str, rows)], smiles, [""] * len(smiles))


def molecules_of(
    given: Sequence[str], wanted: Wanted, options: ReadOptions, spool: Path
) -> Molecules:
    """Return the molecules that a command line names: SMILES, one file, or `-` for standard input.

    Parameters
    ----------
    given : sequence of str
        SMILES, InChI, names; or one file; or ``-``: a SMILES list or a table.
    wanted : Wanted
        Columns of structures and names in a file.
    options : ReadOptions
        What cannot be told from the file.
    spool : Path
        Folder where standard input is kept while it is read.

    Raises
    ------
    UsageError
        If a file cannot be read, is not alone or has no row.
    """
    files = [text for text in given if _is_file(text)]
    if not files:
        return Typed(given)
    if len(given) > 1:
        raise UsageError(f"'{files[0]}' is a file: give one file, or SMILES, not both")
    if files == [STDIN] or not Path(files[0]).is_dir():
        library = Library(tuple(map(Path, files)), wanted, options)
        if files == [STDIN] or is_open_pipe(Path(files[0])) or Path(files[0]).exists():
            library = Library.find(files, wanted, spool, options)
        library.check()
        return library
    raise UsageError(f"{files[0]} is a folder: give one file, or SMILES")
