"""Predictions for a file, for SMILES on the command line, or for what comes through a pipe."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, Protocol

import pandas as pd
import pyarrow as pa

from organode.electrochemistry.stability.chance import Stability
from organode.errors import UsageError
from organode.library.chunk import Chunk, own_columns
from organode.library.columns import Wanted
from organode.library.files import KINDS
from organode.library.formats import ReadOptions
from organode.library.formats.delimited import is_structure
from organode.library.stream import CHUNK, STDIN, Library, is_open_pipe
from organode.models.predictor import Model, predict
from organode.settings import Screen
from organode.tracking.registry import champions as registry
from organode.tracking.registry.kinds import STABILITY
from organode.tracking.registry.versions import Loaded
from organode.utils.files import replacing
from organode.utils.growing import growing
from organode.utils.progress import bar, say


class Molecules(Protocol):
    """Molecules to predict, whatever names them."""

    @property
    def columns(self) -> pa.Schema:
        """Columns beside structures and ids."""

    def approximate_rows(self) -> int:
        """Return about how many there are."""

    def chunks(self, *, columns: bool = False) -> Iterator[Chunk]:
        """Yield them chunk by chunk."""


@dataclass(frozen=True)
class Typed:
    """SMILES that a person typed.

    Attributes
    ----------
    smiles : sequence of str
        As typed.
    cap : str
        What ends repeat units.
    """

    smiles: Sequence[str]
    cap: str

    @property
    def columns(self) -> pa.Schema:
        """No columns beside structures and ids."""
        return pa.schema([])

    def approximate_rows(self) -> int:
        """Return how many there are."""
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
        return Typed(given, options.cap)
    if len(given) > 1:
        raise UsageError(f"'{files[0]}' is a file: give one file, or SMILES, not both")
    library = Library.find(files, wanted, spool, options)
    library.require_rows()
    return library


def _is_file(text: str) -> bool:
    """Return whether a word names a file rather than a molecule, however long it is."""
    if text == STDIN or text.lower().removesuffix(".gz").endswith(KINDS):
        return True
    try:
        path = Path(text)
        return path.is_file() or is_open_pipe(path) or (path.is_dir() and not is_structure(text))
    except (OSError, ValueError):  # a name that no file can have
        return False


class Champions(NamedTuple):
    """What answers: the models of IE and EA, or one of them, and that of stability, if any."""

    models: list[Model]
    stability: Stability | None


def champions() -> Champions:
    """Load the registry's champions.

    Raises
    ------
    OrganodeError
        If there is none for IE and EA, or one that there is cannot be loaded.
    """
    energies = registry.champions(("IE", "EA"), all_needed=False)
    lasting = stability_champion()
    return Champions(
        [loaded.model for loaded in energies], lasting.model if lasting is not None else None
    )


def stability_champion() -> Loaded[Stability] | None:
    """Load the champion that says which ions last; say so if there is none."""
    lasting: Loaded[Stability] | None = registry.champion(STABILITY)
    if lasting is None:
        say(
            "no model says how likely ions are to last: `dvc repro`, or `organode stability` and "
            "`organode register stability`, makes one"
        )
    return lasting


def predict_molecules(
    molecules: Molecules,
    models: Callable[[], Champions],
    level: float,
    cell: Screen,
    out: Path | None,
) -> pd.DataFrame:
    """Predict every molecule; write the table if a file is named.

    Parameters
    ----------
    molecules : Molecules
        What to predict; read and answered a chunk at a time.
    models : callable
        Loads the models, such as `champions`, once the molecules have turned out readable.
    level : float
        Of the intervals.
    cell : Screen
        Whose reference electrode and solvent potentials are given for.
    out : Path, optional
        ``.csv`` or ``.parquet``. Memory does not grow with the number of molecules then.

    Returns
    -------
    pandas.DataFrame
        One row for each molecule, in order: `row`, `id`, `smiles`, the file's other columns,
        `status`, `note` and what each model answers: energies in eV, potentials in V, and how
        likely the ions are to last. With `out`, which holds that, `status` only.
    """
    loaded = models()
    if out is None:
        return pd.concat(list(_answers(molecules, loaded, level, cell)), ignore_index=True)
    # Opened first, so that a file that cannot be written is noticed before the work.
    status = []
    with replacing(out) as temporary, growing(temporary, out.suffix.lower()) as file:
        for part in _answers(molecules, loaded, level, cell):
            file.append(part)
            status.append(part[["status"]])
    return pd.concat(status, ignore_index=True)


def _answers(
    molecules: Molecules, loaded: Champions, level: float, cell: Screen
) -> Iterator[pd.DataFrame]:
    """Yield the rows of each chunk with their answers."""
    with bar("predict", molecules.approximate_rows(), "molecules") as progress:
        for chunk in molecules.chunks(columns=True):
            answer = predict(
                loaded.models, chunk.smiles, stability=loaded.stability,
                problems=chunk.problems, cap=chunk.cap, level=level, reference=cell.reference,
                solvent=cell.solvent,
            )  # fmt: skip
            before = pd.DataFrame({"row": chunk.rows, "id": pd.array(list(chunk.ids), "str")})
            before["smiles"] = answer.pop("smiles")
            own = own_columns(chunk.columns, [*before.columns, *answer.columns])
            yield pd.concat([before, own, answer], axis=1)
            progress.advance(chunk.n)
