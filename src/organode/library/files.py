"""Recognise the type of a user's file, and open it with a limit on its unpacked size."""

from __future__ import annotations

import gzip
import os
import stat
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

import pyarrow as pa

from organode.errors import UsageError

KINDS = (".csv", ".tsv", ".txt", ".smi", ".xlsx", ".parquet", ".sdf")
# Gzip makes text a few times smaller; a thousand times means an attack or a mistake.
RATIO = 200  # largest accepted ratio of unpacked to packed size
FREE = 1 << 24  # bytes that any file may unpack to, however small it is
MOST_IN_MEMORY = 1 << 30  # bytes, unpacked, of a gzipped file that is read into memory as a whole


def kind_of(path: Path) -> str:
    """Return the extension of a file's name: ``.smi`` for ``a.smi``, ``a.SMI`` and ``a.smi.gz``."""
    return (path.with_suffix("") if is_packed(path) else path).suffix.lower()


def is_packed(path: Path) -> bool:
    """Return whether a file's name ends in ``.gz``."""
    return path.suffix.lower() == ".gz"


def check_file(path: Path, setting: str) -> None:
    """Check that a path is a file that can be read as a table of molecules.

    Parameters
    ----------
    path : Path
        Name of the file, as the user gave it.
    setting : str
        Name of the option or setting that names the file, for error messages.

    Raises
    ------
    UsageError
        If the path does not exist, cannot be read, is not a regular file, or has an unknown
        extension.
    """
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        raise UsageError(f"{path} does not exist: check {setting}") from None
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror}; check {setting}") from error
    if stat.S_ISDIR(mode):
        raise UsageError(f"{path} is a folder: name the files in it, such as '{path}/*.smi'")
    if not stat.S_ISREG(mode):
        raise UsageError(
            f"{path} is a pipe or a device, not a file: send its content through standard input "
            "(`… | organode predict -`), or save it first"
        )
    if kind_of(path) not in KINDS:
        raise UsageError(
            f"{path} is of an unknown kind: its name must end in {', '.join(KINDS)}, "
            f"with or without .gz ({setting})"
        )


@contextmanager
def opened(path: Path) -> Iterator[BinaryIO]:
    """Open a file, gzipped or not, to read its unpacked content.

    Raises
    ------
    UsageError
        If the file cannot be read, is an incomplete gzip file, or unpacks to more bytes than the
        function `most_unpacked` allows; also if reading fails later, within the ``with`` block.
    """
    try:
        with open(path, "rb") as stream:
            if is_packed(path):
                size = os.fstat(stream.fileno()).st_size
                with gzip.GzipFile(fileobj=stream) as unpacked:
                    yield cast(BinaryIO, _Limited(path, cast(BinaryIO, unpacked), size))
            else:
                yield stream
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise UsageError(
            f"{path} is not a complete gzip file: copy it again, or remove .gz from its name"
        ) from error
    except pa.ArrowException as error:
        raise UsageError(
            f"{path} is not a Parquet file that can be read: write it again, or as CSV"
        ) from error
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror or error}") from error


class _Limited:
    """A gzip stream; reading more bytes than `most_unpacked(packed)` raises `UsageError`."""

    def __init__(self, path: Path, stream: BinaryIO, packed: int) -> None:
        self._path = path
        self._stream = stream
        self._left = most_unpacked(packed)

    def read(self, size: int = -1) -> bytes:
        block = self._stream.read(size if size >= 0 else self._left + 1)
        self._left -= len(block)
        if self._left < 0:
            raise unpacks_to_more(self._path, "unpack it yourself if it is correct")
        return block


def most_unpacked(packed: int, free: int | None = None) -> int:
    """Return how many bytes a file of `packed` bytes may unpack to.

    The limit is `RATIO` (200) times `packed`, but at least `free` bytes; if `free` is None, at
    least `FREE` (16 MiB).
    """
    return max(FREE if free is None else free, RATIO * packed)


def unpacks_to_more(path: Path, remedy: str) -> UsageError:
    """Return the error for a file that unpacks to too much; `remedy` ends the message."""
    return UsageError(
        f"{path} unpacks to more than {RATIO} times its size, as no list of molecules does: "
        f"{remedy}"
    )


def read_all(path: Path, stream: BinaryIO) -> bytes:
    """Read the unpacked content of a gzipped file into memory.

    This is needed for formats whose index is at the end of the file: XLSX and Parquet.

    Raises
    ------
    UsageError
        If the content has more than `MOST_IN_MEMORY` bytes (1 GiB).
    """
    content = stream.read(MOST_IN_MEMORY + 1)
    if len(content) > MOST_IN_MEMORY:
        raise UsageError(f"{path} is too large to be read gzipped: unpack it first")
    return content
