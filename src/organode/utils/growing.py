"""Tables that are written in parts, so that memory does not grow with their length."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from organode.utils.tables import write_csv

DECIMALS = 4  # of predicted energies in CSV


class GrowingTable:
    """A CSV or Parquet file that is written in parts; the first part sets columns and types."""

    def __init__(self, path: Path, kind: str) -> None:
        self._path = path
        self._kind = kind
        self._parquet: pq.ParquetWriter | None = None
        self._empty = True

    def append(self, part: pd.DataFrame) -> None:
        """Append rows."""
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
        """Finish the file."""
        if self._parquet is not None:
            self._parquet.close()


@contextmanager
def growing(path: Path, kind: str) -> Iterator[GrowingTable]:
    """Empty a file, ``.csv`` or ``.parquet``, and yield it as a growing table."""
    os.truncate(path, 0)
    table = GrowingTable(path, kind)
    try:
        yield table
    finally:
        table.close()
