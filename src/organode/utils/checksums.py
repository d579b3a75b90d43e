"""Checksums of files that are read back, so that damage is noticed and never used.

CRC-32, since the checksums protect against accidents: it detects every flipped bit and every run of
up to 32 of them, misses other damage once in four billion times, and takes a third of a millisecond
for a megabyte.
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
SIZE = 4  # bytes of a checksum at the start of a file


def checksum(content: bytes) -> str:
    """Return the CRC-32 of some bytes, in hexadecimal."""
    return f"{zlib.crc32(content):08x}"


def write_checksums(folder: Path, names: Iterable[str]) -> None:
    """Write the checksums of files in a folder beside them; the last file to be written there."""
    write_json(
        folder / CHECKSUMS, {name: checksum((folder / name).read_bytes()) for name in sorted(names)}
    )


@dataclass(frozen=True)
class Checked:
    """A folder whose files are checked against their checksums when they are read.

    Attributes
    ----------
    folder : Path
        Where the files are.
    sums : dict or None
        Their checksums by name; None in a folder without checksums.
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
            Where `write_checksums` wrote them.
        remedy : str
            What to do about damage; ends the message.
        needed : bool
            Whether they must exist: former versions wrote none beside models.

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
        """Open a folder that a stage wrote as a part of a model.

        Parameters
        ----------
        folder : Path
            Where it is.
        description : str
            The file that every such part has.
        what : str
            Name of the part.
        command : str
            The command that makes it.

        Raises
        ------
        OrganodeError
            If it does not exist, or its checksums are damaged.
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
            If it is missing or damaged.
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
            If it is missing or damaged.
        """
        return parsed(self.folder / name, self.read(name), self.remedy)


def damaged(path: Path, remedy: str) -> OrganodeError:
    """Return the error for a damaged file."""
    return OrganodeError(f"{path} is damaged: {remedy}")


def parsed(path: Path, content: bytes, remedy: str) -> Any:
    """Return the value of a JSON text; `path` and `remedy` are for the error if it is none."""
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
    """Write a file that starts with its own checksum, for files that are written one by one."""
    with replacing(path) as temporary:
        temporary.write_bytes(zlib.crc32(content).to_bytes(SIZE) + content)


def read_sealed(path: Path) -> bytes | None:
    """Return the content that `write_sealed` wrote, None if it is damaged.

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
