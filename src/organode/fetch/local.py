"""Read labelled molecules from a local file: the project's data set, or the user's own table."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pandas as pd

from organode.errors import UsageError
from organode.fetch.source import Provenance, Raw
from organode.fetch.table import make_table, now
from organode.library.columns import Wanted
from organode.library.formats import ReadOptions
from organode.library.formats.parquet import text
from organode.library.stream import open_table
from organode.settings import FileColumns, FileSource
from organode.utils.files import sha256
from organode.utils.progress import say

EMBEDDED = FileSource(
    path=Path("data/embedded/molecules.csv"),
    columns=FileColumns(smiles="smiles", IE="IE", EA="EA"),
    affinity_sign="neutral-minus-anion",
    reference="absolute",
    level_of_theory="B3LYP/6-31+G(d)//GFN2-xTB or IPEA1-xTB calibrated to it, vertical, "
    "ALPB(acetonitrile)",
    licence="CC BY 4.0",
    citation="organode embedded set (data/embedded/README.md)",
)


@contextmanager
def embedded() -> Iterator[Raw]:
    """Yield the embedded set, the table of labelled molecules that comes with the project.

    Raises
    ------
    UsageError
        If the file of the embedded set is missing, or cannot be read as a table with the columns
        `smiles`, `IE` and `EA`.
    """
    if not EMBEDDED.path.is_file():
        raise UsageError(
            f"{EMBEDDED.path} is missing: run from the project's folder, "
            f"or restore it with `git checkout -- {EMBEDDED.path}`"
        )
    yield _read("embedded", EMBEDDED, None)


@contextmanager
def file(settings: FileSource, reference: str | None) -> Iterator[Raw]:
    """Yield the user's own table of labelled molecules, the file at `settings.path`.

    Parameters
    ----------
    settings : FileSource
        Path, format and columns of the file, and what the user states about the file's energies.
    reference : str, optional
        Name of the file's column that says for each row whether the energies are vs vacuum or vs
        Li/Li+. The yielded table has this column under the name `reference`.

    Raises
    ------
    UsageError
        If the file is missing, has no rows, or has a format that is unknown or does not match the
        file's name; if the file lacks the column `reference` or a column named by
        `settings.columns`; or if `settings.columns` names neither a column of IE nor one of EA.
    """
    yield _read("file", settings, reference)


def _read(source: str, file: FileSource, reference: str | None) -> Raw:
    """Read a file as a typed table with its provenance.

    `source` is the name of the source, ``embedded`` or ``file``. `reference` and the errors are as
    for the function `file`.
    """
    path = file.path
    names = {key: name for key, name in file.columns.model_dump().items() if name is not None}
    if "IE" not in names and "EA" not in names:
        raise UsageError(
            "fetch.file.columns.IE and fetch.file.columns.EA are both null: "
            "give the column of IE, of EA, or of both in params.yaml"
        )
    smiles = names.pop("smiles")
    if reference is not None:
        names["reference"] = reference
    wanted = Wanted(None if smiles == "smiles" else smiles, None, names, _setting, others=False)
    options = ReadOptions(file.separator, file.sheet, file.encoding)
    rows: list[tuple[object, ...]] = []
    with open_table(path, wanted, options) as table:
        choices = [*table.notes, *table.layout.choice()]
        for _, structure, problem, row_cells in table.rows:
            cells = row_cells or [""] * len(table.layout.header)
            values = (cells[position] for position in table.layout.values.values())
            rows.append((structure, problem, *values))
    if not rows:
        raise UsageError(f"{path} has a header but no rows: choose another fetch.file.path")
    if choices:
        say(f"{path}: {'; '.join(choices)}")
    columns = dict(zip(("smiles", "problem", *names), zip(*rows, strict=True), strict=True))
    missing = [None] * len(rows)
    raw = make_table(
        columns["smiles"],
        columns.get("IE", missing),
        columns.get("EA", missing),
        file.affinity_sign,
        columns["problem"],
    )
    if reference is not None:
        raw["reference"] = pd.array([text(cell) or None for cell in columns["reference"]], "string")
    _report_unread(path, raw)
    return Raw(
        raw,
        Provenance(
            source=source,
            query={"path": path.as_posix(), "columns": file.columns.model_dump()},
            time=now(),
            rows=len(raw),
            sha256=sha256(path),
            affinity_sign=file.affinity_sign,
            reference=file.reference,
            level_of_theory=file.level_of_theory,
            licence=file.licence,
            citation=file.citation,
        ),
    )


def _setting(key: str) -> str:
    """Return the name of the setting that states the file's `key`, for messages to the user.

    For the key ``sheet``, for example, it is ``fetch.file.sheet in params.yaml``.
    """
    if key == "file":
        return "fetch.file.path in params.yaml"
    if key == "reference":
        return "curate.reference in params.yaml"
    if key in ("separator", "sheet", "encoding"):
        return f"fetch.file.{key} in params.yaml"
    return f"fetch.file.columns.{key} in params.yaml"


def _report_unread(path: Path, raw: pd.DataFrame) -> None:
    """Print how many rows of a file cannot be read, and how many have an unreadable IE or EA.

    Each of the two numbers is followed by an example, and is printed only if it is above zero.
    """
    for column, fault in (
        ("problem", "cannot be read"),
        ("unread", "have a label that is not a number"),
    ):
        affected = raw[raw[column].notna()]
        if len(affected):
            example = f"row {affected['row'].iloc[0]}: {affected[column].iloc[0]}"
            say(f"{path}: {len(affected):,} of {len(raw):,} rows {fault}, such as {example}")
