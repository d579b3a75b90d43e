"""Sources that are files: the embedded set, and a table of one's own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from organode.errors import UsageError
from organode.fetch import Provenance, Raw
from organode.fetch.table import make_table, now
from organode.settings import Fetch, FileColumns, FileSource
from organode.tablefile import read_columns
from organode.tablefile.columns import Wanted

EMBEDDED = FileSource(
    path=Path("data/embedded/molecules.csv"),
    columns=FileColumns(smiles="smiles", IE="IE", EA="EA"),
    affinity_sign="neutral-minus-anion",
    reference="absolute",
    level_of_theory="IPEA1-xTB//GFN2-xTB vertical, ALPB(acetonitrile)",
    licence="CC BY 4.0",
    citation="organode embedded set (data/embedded/README.md)",
)


@contextmanager
def embedded(settings: Fetch) -> Iterator[Raw]:  # noqa: ARG001
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
    yield _read("embedded", EMBEDDED)


@contextmanager
def file(settings: Fetch) -> Iterator[Raw]:
    """Yield the table at `settings.file.path`.

    Raises
    ------
    UsageError
        If it is missing, empty, of an unknown or another kind than its name says, or lacks a
        column that `settings.file.columns` names.
    """
    yield _read("file", settings.file)


def _read(source: str, file: FileSource) -> Raw:
    path = file.path
    names = {key: name for key, name in file.columns.model_dump().items() if name is not None}
    if "IE" not in names and "EA" not in names:
        raise UsageError(
            "fetch.file.columns.IE and fetch.file.columns.EA are both null: "
            "name the column of at least one of them in params.yaml"
        )
    wanted = Wanted(names, "fetch.file.columns.{key} in params.yaml")
    table, digest = read_columns(path, wanted, "fetch.file.path in params.yaml")
    if table.empty:
        raise UsageError(f"{path} has a header but no rows: choose another fetch.file.path")
    table = table.reindex(columns=["smiles", "IE", "EA"])
    return Raw(
        make_table(table["smiles"], table["IE"], table["EA"], file.affinity_sign),
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
