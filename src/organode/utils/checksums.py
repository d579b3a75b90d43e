"""Write and check checksums of files, so that a damaged file is noticed and not used.

The checksum is CRC-32, since it has to protect against accidents only. It detects every single
flipped bit and every burst of errors of up to 32 bits, misses one in four billion cases of other
damage, and takes a third of a millisecond for a megabyte.
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
    """Return the CRC-32 of some bytes as eight hexadecimal digits."""
    return f"{zlib.crc32(content):08x}"


def write_checksums(folder: Path, names: Iterable[str]) -> None:
    """Write the checksums of the files `names` of a folder into the folder's ``checksums.json``.

    Call this after these files are written.
    """
    write_json(
        folder / CHECKSUMS, {name: checksum((folder / name).read_bytes()) for name in sorted(names)}
    )


@dataclass(frozen=True)
class Checked:
    """A folder in which each file is checked against its checksum when it is read.

    Attributes
    ----------
    folder : Path
        Folder of the files.
    sums : dict or None
        Checksum of each file, by the name of the file. None if the folder has no
        ``checksums.json``; files are then read without a check.
    remedy : str
        What the user should do about a missing or damaged file; the end of the error message.
    """

    folder: Path
    sums: dict[str, Any] | None
    remedy: str

    @classmethod
    def open(cls, folder: Path, remedy: str, *, needed: bool = True) -> Checked:
        """Read the checksums of a folder, and return the folder ready for checked reading.

        Parameters
        ----------
        folder : Path
            A folder in which `write_checksums` wrote the file ``checksums.json``.
        remedy : str
            What the user should do about a damaged file; the end of the error message.
        needed : bool
            Whether it is an error if ``checksums.json`` is missing. Models that earlier versions
            of organode wrote have no such file.

        Raises
        ------
        OrganodeError
            If ``checksums.json`` is damaged, or is missing although `needed` is true.
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
        """Open a folder with a part of a model, such as its networks or its error bars.

        Parameters
        ----------
        folder : Path
            Folder that a stage wrote.
        description : str
            Name of a file that every folder of this kind has. If the file does not exist, this part
            of the model counts as missing.
        what : str
            What the folder should hold, for the error message.
        command : str
            The command that writes the folder, for the error message.

        Raises
        ------
        OrganodeError
            If this part of the model is missing, or the file of its checksums is damaged.
        """
        if not (folder / description).exists():
            raise OrganodeError(
                f"{folder} holds no {what}: run `{command}` or `dvc repro` first"
            ) from FileNotFoundError(ENOENT, "missing", str(folder / description))
        return cls.open(folder, f"run `{command}` or `dvc repro` again", needed=False)

    def read(self, name: str) -> bytes:
        """Return the bytes of the file `name`.

        Raises
        ------
        OrganodeError
            If the file is missing or damaged.
        """
        path = self.folder / name
        content = _content(path, self.remedy)
        if self.sums is not None and self.sums.get(name) != checksum(content):
            raise damaged(path, self.remedy)
        return content

    def json(self, name: str) -> Any:
        """Return the value that the JSON file `name` holds.

        Raises
        ------
        OrganodeError
            If the file is missing or damaged.
        """
        return parsed(self.folder / name, self.read(name), self.remedy)


def damaged(path: Path, remedy: str) -> OrganodeError:
    """Return the error to raise for a damaged file; the message ends with `remedy`."""
    return OrganodeError(f"{path} is damaged: {remedy}")


def parsed(path: Path, content: bytes, remedy: str) -> Any:
    """Return the value of the JSON text `content`, which was read from the file `path`.

    Raises
    ------
    OrganodeError
        If the text is not JSON; the message says that the file is damaged, and ends with `remedy`.
    """
    try:
        return json.loads(content)
    except (ValueError, RecursionError) as error:
        raise damaged(path, remedy) from error


def read_json(path: Path, remedy: str) -> Any:
    """Return the value that a JSON file holds; error messages end with `remedy`.

    Raises
    ------
    OrganodeError
        If the file is missing or not JSON.
    """
    return parsed(path, _content(path, remedy), remedy)


def write_sealed(path: Path, content: bytes) -> None:
    """Write a file that starts with four bytes: the checksum of the `content` that follows.

    It is used in folders to which files are added one by one, for which a common ``checksums.json``
    would never be complete.
    """
    with replacing(path) as temporary:
        temporary.write_bytes(zlib.crc32(content).to_bytes(SIZE) + content)


def read_sealed(path: Path) -> bytes | None:
    """Return the content of a file that `write_sealed` wrote; None if the file is damaged.

    Raises
    ------
    OSError
        If the file cannot be read.
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
