"""Make predictions for the molecules in a file, in standard input or on the command line."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
import pandas as pd
import pyarrow as pa

from organode.compare.explanation import explain
from organode.electrochemistry.scale.potential import POTENTIALS
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

EXPLANATION = "_explanation"  # end of the names of columns


class MoleculeSource(Protocol):
    """A source of molecules to predict: SMILES on the command line (`CommandLine`) or files."""

    @property
    def columns(self) -> pa.Schema:
        """Names and types of the source's columns that hold neither structures nor ids."""

    def approximate_rows(self) -> int:
        """Return the approximate number of molecules, for the progress bar."""

    def chunks(self, *, columns: bool = False) -> Iterator[Chunk]:
        """Yield the molecules in chunks, with the source's other columns if `columns` is true."""


@dataclass(frozen=True)
class CommandLine:
    """SMILES from the command line.

    Attributes
    ----------
    smiles : sequence of str
        Structures as typed by the user: SMILES, InChI or names.
    cap : str
        End group that replaces the ``*`` of a polymer's repeat unit: ``H``, ``methyl``, or empty
        for none.
    """

    smiles: Sequence[str]
    cap: str

    @property
    def columns(self) -> pa.Schema:
        """An empty schema: there are no columns besides structures and ids."""
        return pa.schema([])

    def approximate_rows(self) -> int:
        """Return the number of molecules, which is exact here."""
        return len(self.smiles)

    def chunks(self, *, columns: bool = False) -> Iterator[Chunk]:  # noqa: ARG002 (there are none)
        """Yield chunks of at most `CHUNK` molecules; the id of a molecule is its row number."""
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
        SMILES, InChI or names; or one file; or ``-`` for standard input, which holds a SMILES list
        or a table.
    wanted : Wanted
        Names of the file's columns that hold structures and molecules' names.
    options : ReadOptions
        How to read the file (separator, sheet, encoding), and the end group for the repeat units
        of polymers.
    spool : Path
        Folder into which standard input is copied.

    Raises
    ------
    UsageError
        If a file is given together with other arguments, is unreadable or has no row.
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
    """Return whether an argument names a file, pipe, folder or standard input, not a molecule."""
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
    *,
    explained: bool = False,
) -> pd.DataFrame:
    """Predict all molecules, and write the table of predictions to `out` if `out` is given.

    Parameters
    ----------
    molecules : MoleculeSource
        The molecules, which are read and predicted in chunks.
    load : callable
        Returns the model; called once, before any molecule is predicted.
    level : float
        Share of values that are to lie inside their interval, 0 to 1.
    cell : Screen
        Settings of a screening, of which only `reference` (the reference electrode of the
        potentials) and `solvent` are used.
    out : Path, optional
        A ``.csv`` or ``.parquet`` file, which is written chunk by chunk. Then only the column
        `status` is kept in memory for all molecules.
    explained : bool
        Whether to add, for the first wave of each target, a column such as ``E_red_explanation``
        that `explanations` makes: the potential of the molecule's bare core, and what each group on
        the core adds to it.

    Returns
    -------
    pandas.DataFrame
        A row for each molecule, in the order of `molecules`: `row` (from 0), `id`, `smiles`, the
        other columns of the file, `status` (``ok``, or why there is no prediction), `note` (how the
        structure was changed) and the predictions: energies in eV, potentials in V, probabilities
        that the ions are stable. If `out` is given, only the column `status` is returned.
    """
    model = load()
    if out is None:
        return pd.concat(
            list(_predicted(molecules, model, level, cell, explained)), ignore_index=True
        )
    # Opened first, so that a file that cannot be written is noticed before the work.
    status = []
    with replacing(out) as temporary, growing(temporary, out.suffix.lower()) as file:
        for part in _predicted(molecules, model, level, cell, explained):
            file.append(part)
            status.append(part[["status"]])
    return pd.concat(status, ignore_index=True)


def _predicted(
    molecules: MoleculeSource, model: Model, level: float, cell: Screen, explained: bool
) -> Iterator[pd.DataFrame]:
    """Yield a table for each chunk of molecules: ids, SMILES, other columns and predictions."""
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
            if explained:
                predictions = predictions.join(explanations(model, predictions, cell, chunk.cap))
            before = pd.DataFrame({"row": chunk.rows, "id": pd.array(list(chunk.ids), "str")})
            before["smiles"] = predictions.pop("smiles")
            own = own_columns(chunk.columns, [*before.columns, *predictions.columns])
            yield pd.concat([before, own, predictions], axis=1)
            progress.advance(chunk.n)


def explanations(
    model: Model, predictions: pd.DataFrame, cell: Screen, cap: str = ""
) -> pd.DataFrame:
    """Explain the first-wave potentials of n predicted molecules, as JSON texts in a table.

    Parameters
    ----------
    model : Model
        The model that made the predictions.
    predictions : pandas.DataFrame
        n rows with `smiles` and `status`, such as those of `Model.predict`.
    cell : Screen
        Settings of a screening, of which only `reference` and `solvent` are used.
    cap : str
        End group in place of the ``*`` of a polymer's repeat unit, the same as for the
        predictions.

    Returns
    -------
    pandas.DataFrame
        n rows, with a column such as ``E_red_explanation`` for each target (IE, EA) of the model.
        A cell holds a JSON object, or an empty text if the molecule has no prediction. The object
        has `molecule` and `core` (SMILES), `volts` (potential of the core), `groups` (a list: for
        each group its SMILES `fragment`, the indices `atoms` of its atoms in `molecule`, from 0,
        and the `volts` that the group adds) and `remark` (why there are no groups, for example).
    """
    good = (predictions["status"] == "ok").to_numpy()
    explained = explain(model.energies, predictions["smiles"][good].tolist(), cap=cap)
    columns = {}
    for number, energy in enumerate(model.energies):
        zero, _ = energy.zero(cell.reference, cell.solvent)
        texts = np.full(len(predictions), "", object)
        texts[good] = [json.dumps(each.as_dict(number, zero)) for each in explained]
        columns[f"{POTENTIALS[energy.target]}{EXPLANATION}"] = pd.array(texts, "str")
    return pd.DataFrame(columns, predictions.index)
