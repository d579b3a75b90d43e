"""Parquet tables."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from organode.errors import UsageError
from organode.tablefile.columns import Wanted


def read_parquet(path: Path, content: bytes, wanted: Wanted) -> pd.DataFrame:
    """Read a Parquet table.

    Parameters and result as in `organode.tablefile.delimited.read_delimited`; cells keep their
    type.

    Raises
    ------
    UsageError
        If it is no Parquet file, or a wanted column is missing.
    """
    try:
        stream = pq.ParquetFile(pa.BufferReader(content))
        present = list(stream.schema_arrow.names)
        found = wanted.found(path, present)
        columns = stream.read(columns=list(dict.fromkeys(found.values())))
        return pd.DataFrame(
            {key: columns[name].to_pandas(strings_to_categorical=False)
             for key, name in found.items()}
        )  # fmt: skip
    except (pa.ArrowException, OSError) as error:
        raise UsageError(
            f"{path} is not a Parquet file that can be read: write it again, or as CSV"
        ) from error
