"""Libraries of any length: read a chunk at a time, wherever they lie."""

from __future__ import annotations

import csv
import glob
import gzip
import hashlib
import io
import re
import sys
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import BinaryIO

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from organode.errors import UsageError
from organode.files import replacing
from organode.library import read_library
from organode.library.chunk import Chunk
from organode.library.lines import lines, records
from organode.tablefile import KINDS
from organode.tablefile.columns import Wanted
from organode.tablefile.sdf import read_record

CHUNK = 2_000  # rows; part of what a result consists of, so not a matter of taste
STDIN = "-"
BLOCK = 1 << 20
RECORD = 100_000  # lines of an SDF record; what is behind them is dropped
Rows = Iterator[tuple[str, str]]


@dataclass(frozen=True)
class Library:
    """Files of molecules, read one after the other; rows are numbered through.

    Attributes
    ----------
    files : tuple of Path
        CSV, SMILES list, SDF, Parquet or XLSX; or .gz.
    column : str
        That holds SMILES, where there are columns.
    """

    files: tuple[Path, ...]
    column: str

    @classmethod
    def find(cls, given: Sequence[str], column: str, spool: Path) -> Library:
        """Find what a command line names: files, patterns such as ``part-*.smi``, or ``-``.

        Parameters
        ----------
        given : sequence of str
            Names.
        column : str
            That holds SMILES.
        spool : Path
            Where standard input, a SMILES a line, is kept, so that the work can be gone on with.

        Raises
        ------
        UsageError
            If something named does not exist or is of an unknown kind.
        """
        files: list[Path] = []
        for name in given:
            if name == STDIN:
                files.append(_spooled(spool))
            elif Path(name).exists() or not glob.has_magic(name):
                files.append(Path(name))
            else:
                found = sorted(glob.glob(name, recursive=True))  # noqa: PTH207  (absolute ones too)
                if not found:
                    raise UsageError(f"no file matches {name}")
                files += map(Path, found)
        for path in files:
            if not path.exists():
                raise UsageError(f"{path} does not exist")
            if path.is_dir():
                raise UsageError(f"{path} is a folder: name the files, such as '{path}/*.smi'")
            if _kind(path) not in KINDS:
                raise UsageError(
                    f"{path} is of an unknown kind: its name must end in {', '.join(KINDS)}, "
                    "with or without .gz"
                )
        return cls(tuple(files), column)

    @property
    def name(self) -> str:
        """What a report calls it."""
        first = "standard input" if self.files[0].name == SPOOLED else self.files[0].name
        return first if len(self.files) == 1 else f"{first} and {len(self.files) - 1} more"

    def digest(self) -> str:
        """Return the SHA-256 of the files' bytes and of the column's name."""
        total = hashlib.sha256(self.column.encode())
        for path in self.files:
            total.update(_kind(path).encode())
            with _readable(path), open(path, "rb") as stream:
                total.update(hashlib.file_digest(stream, "sha256").digest())
        return total.hexdigest()

    def about(self) -> int:
        """Return about how many rows there are, for a progress bar."""
        return sum(_about(path, self.column) for path in self.files)

    def pieces(self) -> Iterator[Chunk]:
        """Go through the rows, a chunk at a time.

        Raises
        ------
        UsageError
            If a file cannot be read as what its name says, or lacks the column.
        """
        number = first = 0
        for path in self.files:
            source = self._rows(path)
            while rows := list(islice(source, CHUNK)):
                ids = tuple(one or str(first + at) for at, (one, _) in enumerate(rows))
                numbers = range(first, first + len(rows))
                smiles = tuple(smiles for _, smiles in rows)
                yield Chunk(number, numbers, ids, smiles, ("",) * len(rows))
                number, first = number + 1, first + len(rows)

    def _rows(self, path: Path) -> Rows:
        kind = _kind(path)
        if kind == ".xlsx":
            table = read_library(path, self.column)
            numbers = map(str, range(len(table)))  # stand for ids that are not given
            for one, number, smiles in zip(table["id"], numbers, table["smiles"], strict=True):
                yield "" if one == number else one, smiles or ""
            return
        with _readable(path), _opened(path) as stream:
            if kind == ".parquet":
                yield from _of_parquet(path, stream, self.column)
            elif kind == ".sdf":
                yield from _of_sdf(stream)
            elif kind == ".smi":
                yield from _of_smiles_list(stream)
            else:
                yield from _of_delimited(path, stream, self.column)


SPOOLED = "standard-input.smi"


def _spooled(folder: Path) -> Path:
    path = folder / SPOOLED
    with replacing(path) as temporary, open(temporary, "wb") as stream:
        while block := sys.stdin.buffer.read(BLOCK):
            stream.write(block)
    if not path.stat().st_size:
        raise UsageError("nothing came through standard input: pipe one SMILES a line")
    return path


def _kind(path: Path) -> str:
    packed = path.suffix.lower() == ".gz"
    return (path.with_suffix("") if packed else path).suffix.lower()


@contextmanager
def _opened(path: Path) -> Iterator[BinaryIO]:
    opener = gzip.open if path.suffix.lower() == ".gz" else open
    with opener(path, "rb") as stream:
        yield stream  # type: ignore[misc]


@contextmanager
def _readable(path: Path) -> Iterator[None]:
    """Say what is wrong with a file that cannot be read to its end."""
    try:
        yield
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise UsageError(
            f"{path} is not a whole gzip file: copy it again, or take .gz off its name"
        ) from error
    except pa.ArrowException as error:
        raise UsageError(
            f"{path} is not a Parquet file that can be read: write it again, or as CSV"
        ) from error
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror or error}") from error


def _about(path: Path, column: str) -> int:
    kind = _kind(path)
    if kind == ".xlsx":
        return len(read_library(path, column))
    with _readable(path), _opened(path) as stream:
        if kind == ".parquet":
            return int(_parquet(path, stream).metadata.num_rows)
        mark = b"$$$$" if kind == ".sdf" else b"\n"
        return sum(block.count(mark) for block in iter(lambda: stream.read(BLOCK), b""))


def _of_smiles_list(stream: BinaryIO) -> Rows:
    for line in lines(stream):
        # Behind a tab stands a name even where there is no SMILES.
        parted = line.partition("\t") if "\t" in line else line.strip().partition(" ")
        yield " ".join(parted[2].split()), parted[0].strip()


def _of_delimited(path: Path, stream: BinaryIO, column: str) -> Rows:
    source = lines(stream)
    head = next(source, "")
    if not head.replace("\t", "").isprintable():
        raise UsageError(f"{path} is not a text table: save it as CSV in UTF-8")
    delimiter = max(",;\t", key=lambda mark: len(next(csv.reader([head], delimiter=mark), [])))
    header = [name.strip() for name in next(csv.reader([head], delimiter=delimiter), [])]
    found = _wanted(column).found(path, header)
    places = {key: header.index(name) for key, name in found.items()}
    smiles, name = places["smiles"], places.get("id")
    for cells in records(source, delimiter, len(header)):
        yield (
            cells[name].strip() if name is not None and name < len(cells) else "",
            cells[smiles].strip() if smiles < len(cells) else "",
        )


def _of_parquet(path: Path, stream: BinaryIO, column: str) -> Rows:
    file = _parquet(path, stream)
    found = _wanted(column).found(path, list(file.schema_arrow.names))
    for batch in file.iter_batches(CHUNK, columns=list(dict.fromkeys(found.values()))):
        cells = [batch[found["smiles"]].to_pylist()]
        cells.insert(0, batch[found["id"]].to_pylist() if "id" in found else [None] * len(batch))
        for name, smiles in zip(*cells, strict=True):
            yield _text(name), smiles.strip() if isinstance(smiles, str) else ""


def _parquet(path: Path, stream: BinaryIO) -> pq.ParquetFile:
    packed = path.suffix.lower() == ".gz"  # it is read from its end, so it has to be unpacked
    return pq.ParquetFile(io.BytesIO(stream.read()) if packed else stream)


def _text(cell: object) -> str:
    return "" if pd.isna(cell) else str(cell).strip()  # type: ignore[call-overload]


def _of_sdf(stream: BinaryIO) -> Rows:
    record: list[str] = []
    for line in lines(stream):
        if line.startswith("$$$$"):
            yield _of_record(record)
            record = []
        elif len(record) < RECORD:
            record.append(line)
    if any(line.strip() for line in record):
        yield _of_record(record)


def _of_record(record: list[str]) -> tuple[str, str]:
    smiles, items = read_record("\n".join(record) + "\n")
    title = record[0].strip() if record else ""
    return re.sub(r"\s+", " ", items.get("id") or title), smiles or ""


def _wanted(column: str) -> Wanted:
    return Wanted({"smiles": column, "id": "id"}, "--column", frozenset({"id"}))
