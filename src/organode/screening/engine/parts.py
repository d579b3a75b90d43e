"""Files with the results of finished chunks of a screening, from which it resumes if interrupted.

A chunk is a number of rows of the library that are processed together.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pyarrow as pa
from pyarrow import feather

from organode.errors import OrganodeError, UsageError
from organode.library.stream import SPOOLED
from organode.utils.checksums import read_sealed, write_sealed
from organode.utils.files import remove_unfinished, write_json
from organode.utils.outputs import exclusive_lock, private_folder

IDENTITY = "job.json"
ROWS = "rows"
CHUNKS_PER_FOLDER = 1_000


def parts_folder(out: Path) -> Path:
    """Return the folder in which a screening that writes into `out` keeps its finished chunks.

    For ``results/screened`` the folder is ``results/.screened.parts``.
    """
    whole = out.absolute()
    return whole.parent / f".{whole.name}.parts"


@dataclass(frozen=True)
class ChunkStore:
    """Folder with the results of the finished chunks of one pass over a library.

    A pass applies a function to every chunk of rows, which makes one or more tables of each chunk.
    Each table is an Arrow file, which is five times as fast as Parquet.
    """

    folder: Path

    def done(self) -> set[int]:
        """Return the numbers of the chunks whose results are stored."""
        files = self.folder.glob(f"*/*-{ROWS}.arrow")
        return {int(path.name.partition("-")[0]) for path in files}

    def write(self, number: int, tables: Mapping[str, pd.DataFrame]) -> None:
        """Write the tables of a finished chunk, under the chunk's number.

        `tables` are the tables by name. The table ``rows`` is written last: its file marks the
        chunk as finished.
        """
        for kind in sorted(tables, key=lambda kind: kind == ROWS):
            table = pa.Table.from_pandas(tables[kind], preserve_index=False)
            content = pa.BufferOutputStream()
            feather.write_feather(table, content, compression="lz4")
            write_sealed(self._path(number, kind), content.getvalue().to_pybytes())

    def read(
        self, numbers: Sequence[int], kind: str = ROWS, columns: list[str] | None = None
    ) -> pd.DataFrame:
        """Return the table of one kind for some chunks, joined in the order of the chunks' numbers.

        Parameters
        ----------
        numbers : sequence of int
            Numbers of the chunks, at least one.
        kind : str
            Name of the table: ``rows`` or, if the models scored the chunks, ``candidates``.
        columns : list of str, optional
            Columns to read; None for all columns.

        Raises
        ------
        OrganodeError
            If the file of a table is damaged.
        """
        contents = (self._content(self._path(number, kind)) for number in numbers)
        tables = [feather.read_table(content, columns, use_threads=False) for content in contents]
        joined: pd.DataFrame = pa.concat_tables(tables).to_pandas()
        return joined

    @staticmethod
    def _content(path: Path) -> pa.BufferReader:
        content = read_sealed(path)
        if content is None:
            raise OrganodeError(
                f"{path} is damaged: delete the folder {path.parent} and run the same command again"
            )
        return pa.BufferReader(content)

    def _path(self, number: int, kind: str) -> Path:
        return self.folder / f"{number // CHUNKS_PER_FOLDER:06d}" / f"{number:09d}-{kind}.arrow"


@dataclass(frozen=True)
class Parts:
    """Folder of a screening's finished chunks, with a subfolder for each pass over the library."""

    folder: Path

    @classmethod
    @contextmanager
    def open(cls, out: Path) -> Iterator[Parts]:
        """Lock the output folder `out` while a block runs, and yield its folder of finished chunks.

        Temporary folders that a killed screening left beside `out` are removed first. If the folder
        of finished chunks is empty at the end of the block, the folder is removed.

        Raises
        ------
        UsageError
            If another process holds the lock, or another user could have written to the folder of
            finished chunks.
        OrganodeError
            If the lock file or the folder of finished chunks cannot be written.
        """
        folder = parts_folder(out)
        with exclusive_lock(out):
            private_folder(folder)
            try:
                remove_unfinished(out)
                yield cls(folder)
            finally:
                if not any(folder.glob("*")):  # no chunk was finished, or all were cleared
                    shutil.rmtree(folder)

    def claim(self, identity: str) -> None:
        """Delete finished chunks that belong to another screening than the one with this identity.

        Parameters
        ----------
        identity : str
            Digest of everything that decides the results of the screening. It is written into the
            folder.

        Raises
        ------
        UsageError
            If the folder holds files that do not come from a screening.
        """
        file = self.folder / IDENTITY
        names = {path.name for path in self.folder.iterdir()} - {SPOOLED}
        if names and IDENTITY not in names:
            raise UsageError(
                f"{self.folder} holds {min(names)}, which no screening put there: move it "
                "away, or choose another --out"
            )
        if not file.exists() or json.loads(file.read_text(encoding="utf-8")) != identity:
            self.clear(keep=SPOOLED)
            write_json(file, identity)

    def store(self, name: str) -> ChunkStore:
        """Return the store for the chunks of the pass `name`, such as ``sample`` or ``score``."""
        return ChunkStore(self.folder / name)

    def clear(self, keep: str = "") -> None:
        """Delete everything in the folder, except for the file with the name `keep`."""
        for path in self.folder.iterdir():
            if path.is_dir():
                shutil.rmtree(path)
            elif path.name != keep:
                path.unlink()
