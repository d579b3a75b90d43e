"""Parquet tables."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq

from organode.errors import UsageError
from organode.library.columns import Layout, Wanted, lay_out
from organode.library.files import is_packed, whole
from organode.library.formats import ReadOptions, Row, Table, bare

BATCH = 2_000  # rows


def read_parquet(path: Path, stream: BinaryIO, wanted: Wanted, _options: ReadOptions) -> Table:
    """Read a Parquet table; numbers stay numbers, everything else becomes text.

    Parameters
    ----------
    path : Path
        Named in messages.
    stream : binary file
        Its content, unpacked.
    wanted : Wanted
        Which columns; the others are read only if they are wanted too.

    Raises
    ------
    UsageError
        If it is no Parquet file, or a wanted column is missing or holds no text.
    """
    file = open_parquet(path, stream)
    names = list(file.schema_arrow.names)
    layout = lay_out(str(path), names, wanted)
    structures = file.schema_arrow.field(layout.smiles).type
    if not _is_text(structures):
        raise UsageError(
            f"{path}: the column '{layout.header[layout.smiles]}' holds {structures}, not text: "
            f"name another by {wanted.setting('smiles')}"
        )
    numeric = {
        layout.header[at]: str(field.type)
        for at, field in enumerate(file.schema_arrow)
        if pa.types.is_integer(field.type) or pa.types.is_floating(field.type)
    }
    return Table(layout, _rows(file, layout, wanted.others), numeric)


def open_parquet(path: Path, stream: BinaryIO) -> pq.ParquetFile:
    """Open a Parquet file, which is read from its end."""
    return pq.ParquetFile(io.BytesIO(whole(path, stream)) if is_packed(path) else stream)


def _rows(file: pq.ParquetFile, layout: Layout, others: bool) -> Iterator[Row]:
    names = file.schema_arrow.names
    needed = {layout.smiles, *layout.values.values()}
    if layout.id is not None:
        needed.add(layout.id)
    read = None if others or len(set(names)) < len(names) else [names[at] for at in sorted(needed)]
    for batch in file.iter_batches(BATCH, columns=read):
        cells: list[list[object]] = [[None] * len(batch)] * len(names)
        for at, column in enumerate(batch.columns):
            place = at if read is None else names.index(batch.schema.names[at])
            cells[place] = _values(column)
        structures = cells[layout.smiles]
        ids = cells[layout.id] if layout.id is not None else [None for _ in structures]
        for name, structure, row in zip(ids, structures, zip(*cells, strict=True), strict=True):
            yield text(name), bare(text(structure)), "", row


def _values(column: pa.Array) -> list[object]:
    """Return a column's cells: numbers, text, or what else it holds."""
    try:
        return list(column.to_pylist())
    except (pa.ArrowException, ValueError, OverflowError, TypeError):  # such as a date in year 9e4
        try:
            return list(column.cast(pa.binary()).to_pylist())  # text that is no UTF-8
        except pa.ArrowException:
            return list(column.cast(pa.string(), safe=False).to_pylist())


def _is_text(kind: pa.DataType) -> bool:
    if pa.types.is_dictionary(kind):
        kind = kind.value_type
    return bool(
        pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_null(kind)
        or pa.types.is_binary(kind) or pa.types.is_large_binary(kind)
        or str(kind) in ("string_view", "binary_view")
    )  # fmt: skip


def text(cell: object) -> str:
    """Return a cell as text, empty where it holds nothing."""
    if cell is None or cell != cell:  # noqa: PLR0124 (NaN)
        return ""
    if isinstance(cell, bytes):
        return cell.decode("utf-8", "replace").strip()
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell).strip()
