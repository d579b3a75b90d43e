"""Predictions for a file, for SMILES on the command line, or for standard input."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import pandas as pd
import pyarrow as pa

from organode.errors import UsageError
from organode.library.chunk import Chunk, own_columns
from organode.library.columns import Wanted
from organode.library.files import KINDS
from organode.library.formats import ReadOptions
from organode.library.formats.delimited import is_structure
from organode.library.stream import CHUNK, STDIN, Library, is_open_pipe
from organode.models.model import Model
from organode.models.predictor import predict
from organode.settings import Screen
from organode.utils.files import replacing
from organode.utils.growing import growing
from organode.utils.progress import bar


class MoleculeSource(Protocol):
    """A source of molecules to predict."""

    @property
    def columns(self) -> pa.Schema:
        """Columns beside structures and ids."""

    def approximate_rows(self) -> int:
        """Return the approximate number of molecules."""

    def chunks(self, *, columns: bool = False) -> Iterator[Chunk]:
        """Yield them chunk by chunk."""


@dataclass(frozen=True)
class CommandLine:
    """SMILES from the command line.

    Attributes
    ----------
    smiles : sequence of str
        As given.
    cap : str
        What caps repeat units.
    """

    smiles: Sequence[str]
    cap: str

    @property
    def columns(self) -> pa.Schema:
        """No columns beside structures and ids."""
        return pa.schema([])

    def approximate_rows(self) -> int:
        """Return the number of molecules."""
        return len(self.smiles)

    def chunks(self, *, columns: bool = False) -> Iterator[Chunk]:  # noqa: ARG002 (there are none)
        """Yield them chunk by chunk."""
        for first in range(0, len(self.smiles), CHUNK):
            smiles = self.smiles[first : first + CHUNK]
            rows = range(first, first + len(smiles))
            yield Chunk(
                first // CHUNK, rows, [*map(str, rows)], smiles, [""] * len(smiles), cap=self.cap
            )


def molecules_of(
    given: Sequence[str], wanted: Wanted, options: ReadOptions, spool: Path
) -> MoleculeSource:
    """Return the molecules of a command line: SMILES, a file, or `-` for standard input.

    Parameters
    ----------
    given : sequence of str
        SMILES, InChI, names; or a file; or ``-``: a SMILES list or a table.
    wanted : Wanted
        Columns of structures and names in a file.
    options : ReadOptions
        How to read the file.
    spool : Path
        Folder where standard input is stored while it is read.

    Raises
    ------
    UsageError
        If there are several files, or a file and SMILES, or the file is unreadable or empty.
    """
    files = [text for text in given if _is_file(text)]
    if not files:
        return CommandLine(given, options.cap)
    if len(given) > 1:
        raise UsageError(f"'{files[0]}' is a file: give one file, or SMILES, not both")
    library = Library.find(files, wanted, spool, options)
    library.require_rows()
    return library


def _is_file(text: str) -> bool:
    """Return whether an argument of any length is a file, not a molecule."""
    if text == STDIN or text.lower().removesuffix(".gz").endswith(KINDS):
        return True
    try:
        path = Path(text)
        return path.is_file() or is_open_pipe(path) or (path.is_dir() and not is_structure(text))
    except (OSError, ValueError):  # a name that no file can have
        return False


def predict_molecules(
    molecules: MoleculeSource,
    load: Callable[[], Model],
    level: float,
    cell: Screen,
    out: Path | None,
) -> pd.DataFrame:
    """Predict all molecules, and write the table if `out` is given.

    Parameters
    ----------
    molecules : MoleculeSource
        Read and predicted in chunks.
    load : callable
        Loads the model, once the molecules have turned out readable.
    level : float
        Of the intervals.
    cell : Screen
        With the reference electrode and the solvent of the potentials.
    out : Path, optional
        ``.csv`` or ``.parquet``; memory then does not grow with the number of molecules.

    Returns
    -------
    pandas.DataFrame
        A row for each molecule, in order: `row`, `id`, `smiles`, the other columns of the file,
        `status`, `note` and the predictions: energies in eV, potentials in V, probabilities that
        the ions are stable. With `out`, only `status`.
    """
    model = load()
    if out is None:
        return pd.concat(list(_predicted(molecules, model, level, cell)), ignore_index=True)
    # Opened first, so that a file that cannot be written is noticed before the work.
    status = []
    with replacing(out) as temporary, growing(temporary, out.suffix.lower()) as file:
        for part in _predicted(molecules, model, level, cell):
            file.append(part)
            status.append(part[["status"]])
    return pd.concat(status, ignore_index=True)


def _predicted(
    molecules: MoleculeSource, model: Model, level: float, cell: Screen
) -> Iterator[pd.DataFrame]:
    """Yield the rows of each chunk with their predictions."""
    with bar("predict", molecules.approximate_rows(), "molecules") as progress:
        for chunk in molecules.chunks(columns=True):
            predictions = predict(
                model.energies,
                chunk.smiles,
                stability=model.stability,
                problems=chunk.problems,
                cap=chunk.cap,
                level=level,
                reference=cell.reference,
                solvent=cell.solvent,
            )
            before = pd.DataFrame({"row": chunk.rows, "id": pd.array(list(chunk.ids), "str")})
            before["smiles"] = predictions.pop("smiles")
            own = own_columns(chunk.columns, [*before.columns, *predictions.columns])
            yield pd.concat([before, own, predictions], axis=1)
            progress.advance(chunk.n)
