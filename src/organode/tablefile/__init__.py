"""Tables of molecules in the files that people have: CSV, XLSX, Parquet, SDF, SMILES lists."""

from __future__ import annotations

import gzip
import hashlib
import zlib
from pathlib import Path

import pandas as pd

from organode.errors import UsageError
from organode.tablefile.columns import Wanted
from organode.tablefile.delimited import read_delimited
from organode.tablefile.parquet import read_parquet
from organode.tablefile.sdf import read_sdf
from organode.tablefile.smileslist import read_smiles_list
from organode.tablefile.spreadsheet import read_spreadsheet

_READERS = {
    ".csv": read_delimited,
    ".tsv": read_delimited,
    ".txt": read_delimited,
    ".smi": read_smiles_list,
    ".xlsx": read_spreadsheet,
    ".parquet": read_parquet,
    ".sdf": read_sdf,
}
KINDS = tuple(_READERS)


def read_columns(path: Path, wanted: Wanted, setting: str) -> tuple[pd.DataFrame, str]:
    """Read the wanted columns of a file, gzipped or not.

    Parameters
    ----------
    path : Path
        Its name tells the kind.
    wanted : Wanted
        Which columns.
    setting : str
        Where a person names another file, for messages.

    Returns
    -------
    table : pandas.DataFrame
        One row for each row of the file, columns as the keys of `wanted.names`.
    digest : str
        SHA-256 of the file's bytes as they lie there.

    Raises
    ------
    UsageError
        If the file is missing, empty, of an unknown or another kind than its name says, or
        lacks a column.
    """
    kind = path.with_suffix("") if path.suffix.lower() == ".gz" else path
    reader = _READERS.get(kind.suffix.lower())
    if reader is None:
        raise UsageError(
            f"{path} is of an unknown kind: its name must end in {', '.join(_READERS)}, "
            f"with or without .gz ({setting})"
        )
    content, digest = _bytes(path, setting)
    return reader(path, content, wanted), digest


def _bytes(path: Path, setting: str) -> tuple[bytes, str]:
    """Return a file's content, unpacked, and the SHA-256 of its bytes as they lie there."""
    try:
        packed = path.read_bytes()
    except FileNotFoundError as error:
        raise UsageError(f"{path} does not exist: check {setting}") from error
    except IsADirectoryError as error:
        raise UsageError(f"{path} is a folder: give a file in it by {setting}") from error
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror}; check {setting}") from error
    content = packed
    if path.suffix.lower() == ".gz":
        try:
            content = gzip.decompress(packed)
        except (OSError, EOFError, zlib.error) as error:
            raise UsageError(
                f"{path} is not a whole gzip file: copy it again, or take .gz off its name"
            ) from error
    if not content.strip():
        raise UsageError(f"{path} is empty: choose another by {setting}")
    return content, hashlib.sha256(packed).hexdigest()
