"""Read Parquet tables row by row."""

from __future__ import annotations

import io
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import BinaryIO

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from organode.errors import UsageError
from organode.library.columns import Layout, Wanted, lay_out
from organode.library.files import is_packed, most_unpacked, read_all, unpacks_to_more
from organode.library.formats import ReadOptions, Row, Table, bare

BATCH = 2_000  # rows
MOST = 1 << 28  # bytes in a batch; a dictionary column may repeat a long text in each row
FREE = 1 << 28  # bytes that any table may unpack to, since columns repeat texts


def read_parquet(path: Path, stream: BinaryIO, wanted: Wanted, _options: ReadOptions) -> Table:
    """Read a Parquet table; columns of numbers stay numeric, all other columns count as text.

    Parameters
    ----------
    path : Path
        Name of the file, for messages.
    stream : binary file
        Unpacked content of the file.
    wanted : Wanted
        The columns to find; all other columns are read only if `wanted.others` is true.

    Raises
    ------
    UsageError
        If the file unpacks to too many bytes, a wanted column is missing, or the column of
        structures is not text.
    """
    source = _source(path, stream)
    file = pq.ParquetFile(source)
    _check_size(path, file)
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
    return Table(layout, _rows(path, file, source, layout, wanted.others), numeric)


def open_parquet(path: Path, stream: BinaryIO) -> pq.ParquetFile:
    """Open a Parquet file from its unpacked content; read a gzipped file into memory as a whole."""
    return pq.ParquetFile(_source(path, stream))


def _source(path: Path, stream: BinaryIO) -> BinaryIO:
    return io.BytesIO(read_all(path, stream)) if is_packed(path) else stream


TEXTS = ("string", "large_string", "binary", "large_binary")


def _longest(file: pq.ParquetFile, source: BinaryIO) -> int:
    """Return an upper limit, in bytes, for the longest text that is stored once for many rows.

    Such a text is in the dictionary of a plain text column, where it is measured. For a column of
    another type, such as lists, or a column that stores differences between texts, the limit is the
    unpacked size of the column in a row group.
    """
    plain = {field.name for field in file.schema_arrow if str(field.type) in TEXTS}
    longest = 0
    for group in range(file.metadata.num_row_groups):
        part = file.metadata.row_group(group)
        texts = []
        for chunk in map(part.column, range(part.num_columns)):
            if chunk.physical_type != "BYTE_ARRAY":
                continue
            if "DELTA_BYTE_ARRAY" in chunk.encodings or chunk.path_in_schema not in plain:
                longest = max(longest, chunk.total_uncompressed_size)
            elif chunk.has_dictionary_page:
                texts.append(chunk.path_in_schema)
        once = pq.ParquetFile(source, read_dictionary=texts, metadata=file.metadata)
        for batch in islice(once.iter_batches(1, row_groups=[group], columns=texts), 1):
            lengths = (pc.max(pc.binary_length(column.dictionary)) for column in batch.columns)
            longest = max(longest, *(length.as_py() or 0 for length in lengths), 0)
    return longest


def _check_size(path: Path, file: pq.ParquetFile) -> None:
    """Check that a Parquet file does not unpack to far more bytes than it has.

    Raises
    ------
    UsageError
        If the file, or any `BATCH` of its rows, unpacks to too many bytes.
    """
    groups = [file.metadata.row_group(at) for at in range(file.metadata.num_row_groups)]
    chunks = [[group.column(at) for at in range(group.num_columns)] for group in groups]
    unpacked = sum(column.total_uncompressed_size for group in chunks for column in group)
    packed = sum(column.total_compressed_size for group in chunks for column in group)
    if unpacked > most_unpacked(packed, FREE):
        raise unpacks_to_more(path, "leave out the columns that you do not need")
    for group, columns in zip(groups, chunks, strict=True):
        # A column of lists has more values than rows, and equal values may be stored only once.
        size = sum(max(chunk.total_uncompressed_size, 8 * chunk.num_values) for chunk in columns)
        if size * min(group.num_rows, BATCH) > MOST * max(group.num_rows, 1):
            raise _too_large(path)


def _too_large(path: Path) -> UsageError:
    return UsageError(
        f"{path} holds more than {MOST >> 20} MiB in {BATCH:,} of its rows: leave out the columns "
        "that you do not need"
    )


def _rows(
    path: Path, file: pq.ParquetFile, source: BinaryIO, layout: Layout, others: bool
) -> Iterator[Row]:
    names = file.schema_arrow.names
    needed = {layout.smiles, *layout.values.values()}
    if layout.id is not None:
        needed.add(layout.id)
    read = None if others or len(set(names)) < len(names) else [names[at] for at in sorted(needed)]
    unchecked = MOST // 4  # bytes that may be read before they are counted
    step = max(1, min(BATCH, unchecked // max(_longest(file, source), 1)))
    rows = size = 0
    for batch in file.iter_batches(step, columns=read):
        size += sum(map(_size, batch.columns))
        if size > MOST:
            raise _too_large(path)
        rows += len(batch)
        if rows >= BATCH:
            rows = size = 0
        cells: list[list[object]] = [[None] * len(batch)] * len(names)
        for at, column in enumerate(batch.columns):
            place = at if read is None else names.index(batch.schema.names[at])
            cells[place] = _values(column)
        structures = cells[layout.smiles]
        ids = cells[layout.id] if layout.id is not None else [None for _ in structures]
        for name, structure, row in zip(ids, structures, zip(*cells, strict=True), strict=True):
            yield text(name), bare(text(structure)), "", row


def _size(column: pa.Array) -> int:
    """Return a column's size in bytes; a text stored once for many rows counts in each row."""
    if not pa.types.is_dictionary(column.type) or not _is_text(column.type):
        return int(column.nbytes)
    return pc.sum(pc.binary_length(column.dictionary).take(column.indices)).as_py() or 0


def _values(column: pa.Array) -> list[object]:
    """Return a column's cells as Python values or, if Python has no such values, bytes or text."""
    if pa.types.is_dictionary(column.type):
        column = column.dictionary.take(column.indices)
    try:
        return list(column.to_pylist())
    except (pa.ArrowException, ValueError, OverflowError, TypeError):  # such as a date in year 9e4
        try:
            return list(column.cast(pa.binary()).to_pylist())  # text that is not UTF-8
        except pa.ArrowException:
            return list(column.cast(pa.string(), safe=False).to_pylist())


def _is_text(kind: pa.DataType) -> bool:
    if pa.types.is_dictionary(kind):
        kind = kind.value_type
    return bool(
        pa.types.is_string(kind)
        or pa.types.is_large_string(kind)
        or pa.types.is_binary(kind)
        or pa.types.is_large_binary(kind)
        or pa.types.is_null(kind)
        or str(kind) in ("string_view", "binary_view")
    )


def text(cell: object) -> str:
    """Return a cell of a Parquet column as text, which is empty for a missing value."""
    if cell is None or cell != cell:  # noqa: PLR0124 (NaN)
        return ""
    if isinstance(cell, bytes):
        return cell.decode("utf-8", "replace").strip()
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell).strip()
