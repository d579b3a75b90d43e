"""Finished chunks of a screening on disk, so that nothing of it is done twice."""

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
MANY = 1_000  # chunks a folder


def parts_folder(out: Path) -> Path:
    """Return where finished chunks of a screening into `out` lie."""
    whole = out.absolute()
    return whole.parent / f".{whole.name}.parts"


@dataclass(frozen=True)
class Store:
    """A folder with a few Arrow files a finished chunk, which take a fifth of Parquet's time."""

    folder: Path

    def done(self) -> set[int]:
        """Return the numbers of the finished chunks."""
        files = self.folder.glob(f"*/*-{ROWS}.arrow")
        return {int(path.name.partition("-")[0]) for path in files}

    def write(self, number: int, tables: Mapping[str, pd.DataFrame]) -> None:
        """Keep a finished chunk; its `rows` come last and say that it is whole."""
        for kind in sorted(tables, key=lambda one: one == ROWS):
            table = pa.Table.from_pandas(tables[kind], preserve_index=False)
            content = pa.BufferOutputStream()
            feather.write_feather(table, content, compression="lz4")
            write_sealed(self._path(number, kind), content.getvalue().to_pybytes())

    def read(
        self, numbers: Sequence[int], kind: str = ROWS, columns: list[str] | None = None
    ) -> pd.DataFrame:
        """Return what some chunks, one or more, hold of a kind.

        Raises
        ------
        OrganodeError
            If a file is damaged.
        """
        contents = (self._content(self._path(number, kind)) for number in numbers)
        tables = [feather.read_table(content, columns, use_threads=False) for content in contents]
        found: pd.DataFrame = pa.concat_tables(tables).to_pandas()
        return found

    @staticmethod
    def _content(path: Path) -> pa.BufferReader:
        content = read_sealed(path)
        if content is None:
            raise OrganodeError(
                f"{path} is damaged: delete the folder {path.parent} and run the same command again"
            )
        return pa.BufferReader(content)

    def _path(self, number: int, kind: str) -> Path:
        return self.folder / f"{number // MANY:06d}" / f"{number:09d}-{kind}.arrow"


@dataclass(frozen=True)
class Parts:
    """A folder of finished chunks, of as many passes over the library as there are."""

    folder: Path

    @classmethod
    @contextmanager
    def open(cls, out: Path) -> Iterator[Parts]:
        """Keep others away from a screening into `out`, and clear up after one that was killed.

        Raises
        ------
        UsageError
            If another process is at it, or another user may have written what lies there.
        OrganodeError
            If the folder cannot be written.
        """
        folder = parts_folder(out)
        with exclusive_lock(out):
            private_folder(folder)
            try:
                remove_unfinished(out)
                yield cls(folder)
            finally:
                if not any(folder.glob("*")):  # nothing was done, or everything
                    shutil.rmtree(folder)

    def claim(self, identity: str) -> None:
        """Resume what lies in the folder, or begin anew if it belongs to another screening.

        Raises
        ------
        UsageError
            If the folder holds something that no screening has put there.
        """
        file = self.folder / IDENTITY
        names = {path.name for path in self.folder.iterdir()} - {SPOOLED}
        if names and IDENTITY not in names:
            raise UsageError(
                f"{self.folder} holds {min(names)}, which no screening put there: move it "
                "away, or choose another --out"
            )
        if not file.exists() or json.loads(file.read_text(encoding="utf-8")) != identity:
            self.clear(but=SPOOLED)
            write_json(file, identity)

    def store(self, name: str) -> Store:
        """Return where the chunks of one pass over the library lie."""
        return Store(self.folder / name)

    def clear(self, but: str = "") -> None:
        """Delete what is in the folder, except for one file."""
        for path in self.folder.iterdir():
            if path.is_dir():
                shutil.rmtree(path)
            elif path.name != but:
                path.unlink()
