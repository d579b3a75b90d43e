"""Checksums of files that are read back, so that damage is noticed and never answers.

CRC-32, since it is there to notice accidents: it misses no flipped bit and no run of up to 32 of
them, other damage once in four billion times, and takes a third of a millisecond for a megabyte.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from errno import ENOENT
from pathlib import Path
from typing import Any

from organode.errors import OrganodeError
from organode.utils.files import replacing, write_json
from organode.utils.resources import explained

CHECKSUMS = "checksums.json"
SIZE = 4  # bytes, of a checksum that stands in front


def checksum(content: bytes) -> str:
    """Return the CRC-32 of some bytes, in hexadecimal."""
    return f"{zlib.crc32(content):08x}"


def write_checksums(folder: Path, names: Iterable[str]) -> None:
    """Write the checksums of files in a folder beside them: the last thing to write there."""
    write_json(
        folder / CHECKSUMS, {name: checksum((folder / name).read_bytes()) for name in sorted(names)}
    )


@dataclass(frozen=True)
class Checked:
    """A folder whose files are checked when they are read.

    Attributes
    ----------
    folder : Path
        Where they lie.
    sums : dict or None
        Their checksums by name; None in a folder that has none.
    remedy : str
        What to do about a file that is missing or damaged.
    """

    folder: Path
    sums: dict[str, Any] | None
    remedy: str

    @classmethod
    def open(cls, folder: Path, remedy: str, *, needed: bool = True) -> Checked:
        """Read a folder's checksums.

        Parameters
        ----------
        folder : Path
            Where `write_checksums` left them.
        remedy : str
            What to do about damage; the end of a sentence.
        needed : bool
            Whether there have to be any: former versions wrote none beside models.

        Raises
        ------
        OrganodeError
            If they are damaged, or missing although needed.
        """
        path = folder / CHECKSUMS
        if not needed and not path.exists():
            return cls(folder, None, remedy)
        sums = parsed(path, _content(path, remedy), remedy)
        if not isinstance(sums, dict):
            raise damaged(path, remedy)
        return cls(folder, sums, remedy)

    @classmethod
    def of_model(cls, folder: Path, description: str, what: str, command: str) -> Checked:
        """Open a folder that a stage left as a part of a model.

        Parameters
        ----------
        folder : Path
            Where it lies.
        description : str
            The file without which there is no such part.
        what : str
            Name of the part.
        command : str
            That makes it.

        Raises
        ------
        OrganodeError
            If it is not there, or its checksums are damaged.
        """
        if not (folder / description).exists():
            raise OrganodeError(
                f"{folder} holds no {what}: run `{command}` or `dvc repro` first"
            ) from FileNotFoundError(ENOENT, "missing", str(folder / description))
        return cls.open(folder, f"run `{command}` or `dvc repro` again", needed=False)

    def read(self, name: str) -> bytes:
        """Return the content of a file.

        Raises
        ------
        OrganodeError
            If it is missing or is not what was written.
        """
        path = self.folder / name
        content = _content(path, self.remedy)
        if self.sums is not None and self.sums.get(name) != checksum(content):
            raise damaged(path, self.remedy)
        return content

    def json(self, name: str) -> Any:
        """Return the content of a JSON file.

        Raises
        ------
        OrganodeError
            If it is missing or is not what was written.
        """
        return parsed(self.folder / name, self.read(name), self.remedy)


def damaged(path: Path, remedy: str) -> OrganodeError:
    """Return the error for a file that is not what was written."""
    return OrganodeError(f"{path} is damaged: {remedy}")


def parsed(path: Path, content: bytes, remedy: str) -> Any:
    """Return what JSON says; `path` and `remedy` are for the error if it is none."""
    try:
        return json.loads(content)
    except (ValueError, RecursionError) as error:
        raise damaged(path, remedy) from error


def read_json(path: Path, remedy: str) -> Any:
    """Return the content of a JSON file of a stage.

    Raises
    ------
    OrganodeError
        If it is missing or no JSON.
    """
    return parsed(path, _content(path, remedy), remedy)


def write_sealed(path: Path, content: bytes) -> None:
    """Write a file that carries its own checksum: one of many that are written at any time."""
    with replacing(path) as temporary:
        temporary.write_bytes(zlib.crc32(content).to_bytes(SIZE) + content)


def read_sealed(path: Path) -> bytes | None:
    """Return what `write_sealed` wrote, None if it is damaged.

    Raises
    ------
    OSError
        If it cannot be read.
    """
    whole = path.read_bytes()
    content = whole[SIZE:]
    return content if zlib.crc32(content).to_bytes(SIZE) == whole[:SIZE] else None


def _content(path: Path, remedy: str) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError as error:
        raise OrganodeError(f"{path} is missing: {remedy}") from error
    except OSError as error:
        raise explained(error, path) or OrganodeError(
            f"{path} cannot be read ({error.strerror}): {remedy}"
        ) from error
