"""Parquet tables that cross from one stage to the next: byte-stable, whole or absent."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from organode.errors import OrganodeError
from organode.files import replacing


def write_table(table: pd.DataFrame, path: Path) -> None:
    """Write a table as Parquet under a temporary name, then move it to `path`."""
    with replacing(path) as temporary:
        table.to_parquet(temporary, index=False, compression="zstd")


def read_table(path: Path, columns: Sequence[str], made_by: str) -> pd.DataFrame:
    """Read the given columns of a table that stage `made_by` wrote.

    Raises
    ------
    OrganodeError
        If the table is missing, is no Parquet, or lacks a column; says which stage makes it.
    """
    if not path.exists():
        raise OrganodeError(f"{path} is missing: run `organode {made_by}` or `dvc repro` first")
    try:
        return pd.read_parquet(path, columns=list(columns))
    except (OSError, ValueError, KeyError) as error:
        reason = " ".join(str(error).split())[:200]
        raise OrganodeError(
            f"{path} is not a table of `organode {made_by}` ({reason}): run that stage again"
        ) from error
