"""Write long tables to CSV or Parquet files in parts, so that they need not fit in memory."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from organode.utils.tables import write_csv

DECIMALS = 4  # decimal places of floats, such as predicted energies, in CSV files


class GrowingTable:
    """A table in a CSV or Parquet file that is written in parts, by `append`.

    The first part determines the columns and, in a Parquet file, the types of the columns. Use the
    function `growing` to open and close such a table.
    """

    def __init__(self, path: Path, kind: str) -> None:
        self._path = path
        self._kind = kind
        self._parquet: pq.ParquetWriter | None = None
        self._empty = True

    def append(self, part: pd.DataFrame) -> None:
        """Write the rows of `part` at the end of the file."""
        if self._kind == ".csv":
            with open(self._path, "a", encoding="utf-8", newline="") as stream:
                write_csv(part, stream, header=self._empty, decimals=DECIMALS)
        else:
            table = pa.Table.from_pandas(part, preserve_index=False)
            if self._parquet is None:
                self._parquet = pq.ParquetWriter(
                    self._path, table.schema, compression="zstd", write_page_checksum=True
                )
            self._parquet.write_table(table.cast(self._parquet.schema))
        self._empty = False

    def close(self) -> None:
        """Complete the file; a Parquet file cannot be read before it is closed."""
        if self._parquet is not None:
            self._parquet.close()


@contextmanager
def growing(path: Path, kind: str) -> Iterator[GrowingTable]:
    """Delete the content of an existing file, and yield a `GrowingTable` that writes to the file.

    `kind` is the format, ``.csv`` or ``.parquet``; the ending of the file's name has no effect.
    """
    os.truncate(path, 0)
    table = GrowingTable(path, kind)
    try:
        yield table
    finally:
        table.close()
