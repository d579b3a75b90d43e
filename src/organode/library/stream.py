"""Read libraries, which are files of molecules of any length, chunk by chunk."""

from __future__ import annotations

import glob
import hashlib
import stat
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import BinaryIO

import pyarrow as pa

from organode.errors import UsageError
from organode.library.chunk import Chunk
from organode.library.columns import Wanted
from organode.library.files import check_file, kind_of, opened
from organode.library.formats import DEFAULT_OPTIONS, ReadOptions, Table
from organode.library.formats.delimited import read_delimited, read_list
from organode.library.formats.parquet import open_parquet, read_parquet, text
from organode.library.formats.sdf import END, read_sdf
from organode.library.formats.spreadsheet import count_rows, read_spreadsheet
from organode.utils.files import replacing, sha256
from organode.utils.progress import say

CHUNK = 2_000  # rows; not a setting, since results with other chunks would differ in their bytes
STDIN = "-"
SPOOLED = "standard-input.smi"  # a copy of the standard input
BLOCK = 1 << 20  # bytes
READERS: dict[str, Callable[[Path, BinaryIO, Wanted, ReadOptions], Table]] = {
    ".csv": read_delimited,
    ".tsv": read_delimited,
    ".txt": read_list,
    ".smi": read_list,
    ".xlsx": read_spreadsheet,
    ".parquet": read_parquet,
    ".sdf": read_sdf,
}


@contextmanager
def open_table(path: Path, wanted: Wanted, options: ReadOptions) -> Iterator[Table]:
    """Open a file of molecules (CSV, TSV, SMILES list, SDF, Parquet or XLSX), gzipped or not.

    Parameters
    ----------
    path : Path
        Name of the file, whose extension states the file type, such as ``.csv`` or ``.smi.gz``.
    wanted : Wanted
        The columns to find in the file.
    options : ReadOptions
        Options that the user states, such as the separator.

    Yields
    ------
    Table
        The table, whose rows can be read inside the ``with`` block.

    Raises
    ------
    UsageError
        If the file is missing or empty, its extension is unknown or does not fit its content, or a
        wanted column is missing.
    """
    check_file(path, wanted.setting("file"))
    with opened(path) as stream:
        yield READERS[kind_of(path)](path, stream, wanted, options)


@dataclass(frozen=True)
class Library:
    """One or more files of molecules, whose rows are numbered from 0 on across all the files.

    Attributes
    ----------
    files : tuple of Path
        Files of the types CSV, TSV, SMILES list, SDF, Parquet or XLSX, gzipped or not, in order.
    wanted : Wanted
        The columns to find in each file: structures, ids and others.
    options : ReadOptions
        Options for reading that the user states, such as the separator.
    """

    files: tuple[Path, ...]
    wanted: Wanted
    options: ReadOptions = DEFAULT_OPTIONS

    @classmethod
    def find(
        cls,
        given: Sequence[str],
        wanted: Wanted,
        spool: Path,
        options: ReadOptions = DEFAULT_OPTIONS,
    ) -> Library:
        """Return the library of the files that a command line names.

        Print which columns are read if their names are not the standard names, and which sheet,
        separator or encoding was detected.

        Parameters
        ----------
        given : sequence of str
            Names of files, patterns such as ``part-*.smi``, or ``-`` for the standard input.
        wanted : Wanted
            The columns to find in each file: structures, ids and others.
        spool : Path
            Folder for a copy of the standard input, from which an interrupted command can resume.
        options : ReadOptions
            Options for reading that the user states, such as the separator.

        Raises
        ------
        UsageError
            If a file does not exist or has an unknown extension, no file matches a pattern, the
            columns cannot be found in a file, or the standard input is empty.
        """
        files: list[Path] = []
        for name in given:
            path = Path(name)
            if name == STDIN or is_open_pipe(path):
                files.append(_spooled(spool, path))
            elif path.exists() or not glob.has_magic(name):
                files.append(path)
            else:
                matches = _matching(name)
                if not matches:
                    raise UsageError(f"no file matches {name}")
                files += matches
        library = cls(tuple(files), wanted, options)
        library._print_choices()
        return library

    @property
    def name(self) -> str:
        """Name of the library in reports, such as ``a.smi and 3 more``."""
        first = "standard input" if self.files[0].name == SPOOLED else self.files[0].name
        return first if len(self.files) == 1 else f"{first} and {len(self.files) - 1} more"

    @property
    def cap(self) -> str:
        """End group for polymers' repeat units: ``H``, ``methyl``, or empty for none."""
        return self.options.cap

    def digest(self) -> str:
        """Return the SHA-256 of the files' bytes and of the options for reading the files."""
        reading = (self.wanted.smiles, self.wanted.id, self.options)
        total = hashlib.sha256(repr(reading).encode())
        for path in self.files:
            total.update(kind_of(path).encode())
            try:
                total.update(bytes.fromhex(sha256(path)))
            except OSError as error:
                raise UsageError(f"cannot read {path}: {error.strerror or error}") from error
        return total.hexdigest()

    def approximate_rows(self) -> int:
        """Return the number of rows, estimated without parsing the files."""
        return sum(map(_approximate_rows, self.files))

    @cached_property
    def columns(self) -> pa.Schema:
        """Arrow schema of the columns other than structures and ids.

        A column is numeric if it has the same numeric type in every file that contains the column;
        otherwise the column is text.
        """
        types: dict[str, str] = {}
        for path in self.files:
            with open_table(path, self.wanted, self.options) as table:
                for at in table.layout.others:
                    name = table.layout.header[at]
                    kind = table.numeric.get(name, "string")
                    types[name] = kind if types.get(name, kind) == kind else "string"
        return pa.schema([(name, pa.type_for_alias(kind)) for name, kind in types.items()])

    def chunks(self, *, columns: bool = False) -> Iterator[Chunk]:
        """Yield the rows in chunks of `CHUNK` rows; the last chunk of a file may have fewer rows.

        Parameters
        ----------
        columns : bool
            Whether the chunks also contain the columns other than structures and ids.

        Raises
        ------
        UsageError
            If a file cannot be read to its end.
        """
        schema = self.columns if columns else pa.schema([])
        wanted = replace(self.wanted, others=columns)
        number = first = 0
        for path in self.files:
            with open_table(path, wanted, self.options) as table:
                places = {name: at for at, name in enumerate(table.layout.header)}
                while rows := list(islice(table.rows, CHUNK)):
                    ids, smiles, problems, cells = zip(*rows, strict=True)
                    numbers = range(first, first + len(rows))
                    if not all(ids):
                        ids = tuple(id or str(row) for id, row in zip(ids, numbers, strict=True))
                    others = _other_columns(cells, schema, places)
                    yield Chunk(number, numbers, ids, smiles, problems, others, self.cap)
                    number, first = number + 1, first + len(rows)

    def own_columns(self) -> Iterator[pa.Table]:
        """Yield the columns other than structures and ids, a table for each chunk."""
        return (chunk.columns for chunk in self.chunks(columns=True))

    def require_rows(self) -> None:
        """Check that the library has at least one row.

        Raises
        ------
        UsageError
            If the library has no row.
        """
        if next(self.chunks(), None) is None:
            raise UsageError(f"{self.name} has no row: bring a table with a column of SMILES")

    def _print_choices(self) -> None:
        """Print columns with unusual names, and the detected sheet, separator or encoding."""
        paths_by_note: dict[str, list[str]] = {}
        for path in self.files:
            with open_table(path, self.wanted, self.options) as table:
                if note := "; ".join([*table.notes, *table.layout.choice()]):
                    paths_by_note.setdefault(note, []).append(str(path))
        for note, paths in paths_by_note.items():
            more = f" and {len(paths) - 1} more" if len(paths) > 1 else ""
            say(f"{paths[0]}{more}: {note}")


def _other_columns(
    rows: Sequence[Sequence[object]], schema: pa.Schema, places: Mapping[str, int]
) -> pa.Table:
    """Return the columns in `schema` as a table; a column that the file lacks has only null cells.

    `rows` has the cells of each row, and `places` the position of each column, by its name.
    """
    arrays = []
    for field in schema:
        at = places.get(field.name, -1)
        cells = [row[at] if at >= 0 and row else None for row in rows]
        if pa.types.is_string(field.type):
            cells = [None if cell is None else text(cell) for cell in cells]
        arrays.append(pa.array(cells, field.type))
    return pa.table(arrays, schema=schema) if len(schema) else pa.table({})


def is_open_pipe(path: Path) -> bool:
    """Return whether a path is a pipe that the shell has opened, as by ``<(command)``."""
    try:
        return path.parent == Path("/dev/fd") and not stat.S_ISREG(path.stat().st_mode)
    except OSError:
        return False


def _spooled(folder: Path, source: Path) -> Path:
    path = folder / SPOOLED
    has_text = False
    stream = sys.stdin.buffer if str(source) == STDIN else open(source, "rb")  # noqa: SIM115
    with replacing(path) as temporary, open(temporary, "wb") as spool, stream:
        while block := stream.read(BLOCK):
            has_text = has_text or bool(block.strip())
            spool.write(block)
    if not has_text:
        path.unlink()
        raise UsageError("standard input is empty: pipe a SMILES per line, or a table")
    return path


def _matching(pattern: str) -> list[Path]:
    """Return the files that match a glob pattern, sorted, without files in hidden folders."""
    path = Path(pattern)
    parts = path.relative_to(path.anchor).as_posix() if path.anchor else path.as_posix()
    matches = Path(path.anchor).glob(parts)
    return sorted(
        match
        for match in matches
        if match.is_file() and not any(part.startswith(".") for part in match.parts[:-1])
    )


def _approximate_rows(path: Path) -> int:
    kind = kind_of(path)
    with opened(path) as stream:
        if kind == ".xlsx":
            return count_rows(path, stream)
        if kind == ".parquet":
            return int(open_parquet(path, stream).metadata.num_rows)
        mark = END.encode() if kind == ".sdf" else b"\n"
        count = others = 0
        last = b""
        while block := stream.read(BLOCK):
            count += block.count(mark)
            others += block.count(b"\r")
            last = block[-1:]
        if kind == ".sdf":
            return count
        header = kind in (".csv", ".tsv")
        return max((count or others) + (last not in (b"\n", b"\r")) - header, 0)
