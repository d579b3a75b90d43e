"""Finished chunks of a screening on disk, so that nothing of it is done twice."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from organode.files import alone, remove_unfinished, write_json
from organode.library.stream import SPOOLED
from organode.screen.chunk import Screened
from organode.tables import write_table

IDENTITY = "job.json"
MANY = 1_000  # chunks a folder


def parts_folder(out: Path) -> Path:
    """Return where finished chunks of a screening into `out` lie."""
    whole = out.absolute()
    return whole.parent / f".{whole.name}.parts"


@dataclass(frozen=True)
class Parts:
    """A folder with a pair of Parquet files for each finished chunk."""

    folder: Path

    @classmethod
    @contextmanager
    def open(cls, out: Path) -> Iterator[Parts]:
        """Keep others away from a screening into `out`, and clear up after one that was killed.

        Raises
        ------
        UsageError
            If another process is at it.
        OrganodeError
            If the folder cannot be written.
        """
        folder = parts_folder(out)
        with alone(out, folder.with_name(f"{folder.name}.lock")):
            folder.mkdir(exist_ok=True)
            try:
                remove_unfinished(out)
                yield cls(folder)
            finally:
                if not any(folder.glob("*")):  # nothing was done, or everything
                    shutil.rmtree(folder)

    def claim(self, identity: str) -> None:
        """Go on with what lies in the folder, or begin anew if it belongs to other work."""
        file = self.folder / IDENTITY
        if not file.exists() or json.loads(file.read_text(encoding="utf-8")) != identity:
            self.clear(but=SPOOLED)
            write_json(file, identity)

    def done(self) -> set[int]:
        """Return the numbers of the finished chunks."""
        return {int(path.name.partition("-")[0]) for path in self.folder.glob("*/*-rows.parquet")}

    def write(self, number: int, screened: Screened) -> None:
        """Keep a finished chunk; the rows come last and say that it is whole."""
        write_table(screened.candidates, self._path(number, "candidates"))
        write_table(screened.rows, self._path(number, "rows"))

    def rows(self, number: int, columns: list[str] | None = None) -> pd.DataFrame:
        """Return a chunk's rows."""
        return pd.read_parquet(self._path(number, "rows"), columns=columns)

    def candidates(self, number: int) -> pd.DataFrame:
        """Return a chunk's candidates."""
        return pd.read_parquet(self._path(number, "candidates"))

    def clear(self, but: str = "") -> None:
        """Delete what is in the folder, except for one file."""
        for path in self.folder.iterdir():
            if path.is_dir():
                shutil.rmtree(path)
            elif path.name != but:
                path.unlink()

    def _path(self, number: int, kind: str) -> Path:
        return self.folder / f"{number // MANY:06d}" / f"{number:09d}-{kind}.parquet"
