"""Write files under a temporary name, then move them, so that no file is ever half written."""

from __future__ import annotations

import errno
import glob
import hashlib
import json
import os
import re
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

from organode.errors import OrganodeError, UsageError
from organode.utils.resources import explained, is_of_the_disk

CACHED = re.compile(r"/files/md5/[0-9a-f]{2}/[0-9a-f]{30}$")  # a file in DVC's cache


def write_target(path: Path) -> Path:
    """Return the absolute path of the file that a write to `path` changes, after symbolic links.

    A symbolic link into DVC's cache (DVC's setting `cache.type symlink`) is not followed, so that
    the link is replaced and the cached file does not change.

    Raises
    ------
    UsageError
        If the symbolic links lead in a circle.
    """
    try:
        target = os.path.realpath(path, strict=True)
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise UsageError(
                f"{path} is a symbolic link that leads back to itself: remove it, or choose "
                "another name"
            ) from error
        target = os.path.realpath(path)  # a new file, or a link to a new file
    if CACHED.search(target):
        return Path(os.path.realpath(path.parent)) / path.name
    return Path(target)


def output_file(path: Path) -> Path:
    """Return the path that `write_target` returns, after a check that it is not a folder.

    Raises
    ------
    UsageError
        If `path` is a folder, or a symbolic link that leads back to itself.
    """
    target = write_target(path)
    if target.is_dir():
        raise UsageError(f"{path} is a folder: choose the name of a file")
    return target


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Yield a temporary path; the file written there replaces `path` when the block succeeds.

    The temporary file is in the same folder and is moved in one step, so that `path` is never half
    written. If the block fails, `path` stays as it was. If `path` is a symbolic link, the file to
    which the link leads is replaced. If `path` is a device or a pipe, the content is written to
    that device or pipe.

    Raises
    ------
    UsageError
        If `path` is a folder, or a symbolic link that leads back to itself.
    OrganodeError
        If the folder of `path` cannot be created or written, or the disk is full.
    """
    path = Path(path)
    target = output_file(path)
    # A device, such as /dev/null, or a pipe must not be replaced by a file.
    is_device = target.exists() and not target.is_file()
    folder = Path(tempfile.gettempdir()) if is_device else target.parent
    with naming_write_errors(path):
        folder.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=f".{target.name}.", suffix=".tmp", dir=folder)
        os.close(handle)
    temporary = Path(name)
    try:
        with naming_full_disk(path):
            yield temporary
        with naming_write_errors(path):
            if is_device:
                with open(temporary, "rb") as source, open(target, "wb") as stream:
                    shutil.copyfileobj(source, stream)
            else:
                temporary.chmod(0o666 & ~_umask())  # mkstemp makes files private
                temporary.replace(target)
    finally:
        temporary.unlink(missing_ok=True)


@contextmanager
def replacing_folder(path: Path, ours: Sequence[str]) -> Iterator[Path]:
    """Yield an empty temporary folder, which replaces the folder `path` when the block succeeds.

    If the block fails, `path` stays as it was. If `path` is a symbolic link, the folder to which
    the link leads is replaced.

    Parameters
    ----------
    path : Path
        A folder that does not exist yet, is empty, or holds an earlier result.
    ours : sequence of str
        Patterns, such as ``fold-*.npz``, for the names of all files and folders that an earlier
        result may hold.

    Raises
    ------
    UsageError
        If the folder `path` holds a name that fits no pattern in `ours`, or `path` is a file.
        Nothing is replaced then.
    OrganodeError
        If the parent folder of `path` cannot be created or written, or the disk is full.
    """
    path = Path(path)
    target = write_target(path)
    if target.exists() and not target.is_dir():
        raise UsageError(f"{path} is a file: choose a folder")
    with naming_write_errors(path):
        names = sorted(entry.name for entry in (target.iterdir() if target.exists() else ()))
    foreign = [name for name in names if not any(fnmatch(name, pattern) for pattern in ours)]
    if foreign:
        raise UsageError(
            f"{path} holds what is no result of this command ({foreign[0]}) and would be "
            "replaced as a whole: choose an empty or a new folder"
        )
    with naming_write_errors(path):
        target.parent.mkdir(parents=True, exist_ok=True)
        temporary = _folder_beside(target, ".tmp")
    try:
        with naming_full_disk(path):
            yield temporary
        with naming_write_errors(path):
            temporary.chmod(0o777 & ~_umask())
            if target.exists():
                old = _folder_beside(target, ".old")
                target.replace(old / target.name)
                temporary.replace(target)
                shutil.rmtree(old)
            else:
                temporary.replace(target)
    finally:
        if temporary.exists():
            shutil.rmtree(temporary, ignore_errors=True)


def remove_unfinished(path: Path) -> None:
    """Remove temporary folders that a killed `replacing_folder` left beside `path`.

    If `replacing_folder` had moved the earlier result away before it was killed, that result is
    moved back to `path`. Call this only if no other process is writing to `path`.
    """
    path = write_target(path)
    name = re.escape(path.name)
    pattern = re.compile(rf"\.{name}\.[a-z0-9_]{{8}}\.(tmp|old)")  # as mkdtemp names them
    for entry in path.parent.iterdir():
        if pattern.fullmatch(entry.name) and entry.is_dir():
            earlier = entry / path.name
            if entry.suffix == ".old" and earlier.exists() and not path.exists():
                earlier.replace(path)
            shutil.rmtree(entry)


def _folder_beside(path: Path, suffix: str) -> Path:
    return Path(tempfile.mkdtemp(prefix=f".{path.name}.", suffix=suffix, dir=path.parent))


def _umask() -> int:
    umask = os.umask(0)
    os.umask(umask)
    return umask


@contextmanager
def naming_write_errors(path: Path) -> Iterator[None]:
    """Turn an OSError in the block into an OrganodeError that says why `path` is not writable."""
    try:
        yield
    except OSError as error:
        raise explained(error, path) or OrganodeError(
            f"cannot write {path}: {error.strerror}; choose a folder that you may write to"
        ) from error


@contextmanager
def naming_full_disk(path: Path) -> Iterator[None]:
    """Turn an exception that the disk causes in the block into an OrganodeError that names `path`.

    Such an exception arises, for example, if the disk is full. Other exceptions stay as they are.
    """
    try:
        yield
    except OrganodeError:
        raise
    except Exception as error:
        if is_of_the_disk(error) and (explanation := explained(error, path)):
            raise explanation from error
        raise


def matching_files(names: Iterable[str]) -> Iterator[str]:
    """Yield file names, with each pattern such as ``part-*.smi`` replaced by the matching files.

    A name with wildcard characters is not taken for a pattern if a file of exactly this name
    exists.
    """
    for name in names:
        if os.path.lexists(name) or not glob.has_magic(name):
            yield name
        else:
            yield from glob.iglob(name, recursive=True)  # noqa: PTH207  (absolute patterns too)


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file's bytes, in hexadecimal."""
    with open(path, "rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def digest(paths: Iterable[Path]) -> str:
    """Return one SHA-256, in hexadecimal, of the names (without folders) and bytes of all files."""
    total = hashlib.sha256()
    for path in paths:
        total.update(path.name.encode())
        total.update(path.read_bytes())
    return total.hexdigest()


def md5(path: Path) -> str:
    """Return the MD5 of a file's bytes, in hexadecimal, as DVC records it."""
    with open(path, "rb") as stream:
        return hashlib.file_digest(stream, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()


def write_json(path: Path, content: Any) -> None:
    """Write `content` as indented JSON, keys in the order given; the file is never half written."""
    with replacing(path) as temporary:
        text = json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False)
        temporary.write_text(text + "\n", encoding="utf-8")
