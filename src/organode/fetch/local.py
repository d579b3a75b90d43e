"""Sources that are files: the embedded set, and a table of one's own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from organode.errors import UsageError
from organode.fetch import Provenance, Raw
from organode.fetch.table import make_table, now
from organode.settings import FileColumns, FileSource
from organode.tablefile import read_columns
from organode.tablefile.columns import Wanted

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
    """Yield the set that comes with the project.

    Raises
    ------
    UsageError
        If it is not there, or was damaged.
    """
    if not EMBEDDED.path.is_file():
        raise UsageError(
            f"{EMBEDDED.path} is missing: run from the project's folder, "
            f"or restore it with `git checkout -- {EMBEDDED.path}`"
        )
    yield _read("embedded", EMBEDDED, None)


@contextmanager
def file(settings: FileSource, reference: str | None) -> Iterator[Raw]:
    """Yield the table at `settings.path`.

    Parameters
    ----------
    settings : FileSource
        The file and its columns.
    reference : str, optional
        Its column that says each row's energy reference; kept as `reference`.

    Raises
    ------
    UsageError
        If it is missing, empty, of an unknown or another kind than its name says, or lacks a
        column that `settings.columns` names.
    """
    yield _read("file", settings, reference)


def _read(source: str, file: FileSource, reference: str | None) -> Raw:
    path = file.path
    names = {key: name for key, name in file.columns.model_dump().items() if name is not None}
    if "IE" not in names and "EA" not in names:
        raise UsageError(
            "fetch.file.columns.IE and fetch.file.columns.EA are both null: "
            "name the column of at least one of them in params.yaml"
        )
    where = "fetch.file.columns.{key} in params.yaml"
    if reference is not None:
        names["reference"] = reference
        where += " (reference: curate.reference)"
    wanted = Wanted(names, where)
    table, digest = read_columns(path, wanted, "fetch.file.path in params.yaml")
    if table.empty:
        raise UsageError(f"{path} has a header but no rows: choose another fetch.file.path")
    whole = table.reindex(columns=["smiles", "IE", "EA"])
    raw = make_table(whole["smiles"], whole["IE"], whole["EA"], file.affinity_sign)
    if reference is not None:
        raw["reference"] = table["reference"].astype("string").to_numpy()
    return Raw(
        raw,
        Provenance(
            source=source,
            query={"path": path.as_posix(), "columns": file.columns.model_dump()},
            time=now(),
            rows=len(table),
            sha256=digest,
            affinity_sign=file.affinity_sign,
            reference=file.reference,
            level_of_theory=file.level_of_theory,
            licence=file.licence,
            citation=file.citation,
        ),
    )
