"""Files that are either whole or absent: written under a temporary name, then moved."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import stat
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from organode.errors import OrganodeError, UsageError


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Yield a temporary path beside `path`; move it there when the block ends without an error.

    Raises
    ------
    OrganodeError
        If the folder cannot be created or written.
    """
    path = Path(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".tmp", dir=path.parent)
    except OSError as error:
        raise OrganodeError(
            f"cannot write {path}: {error.strerror}; choose a folder that you may write to"
        ) from error
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
        umask = os.umask(0)
        os.umask(umask)
        temporary.chmod(0o666 & ~umask)  # mkstemp makes files private
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


@contextmanager
def replacing_folder(path: Path, ours: Sequence[str]) -> Iterator[Path]:
    """Yield an empty temporary folder beside `path`; it becomes `path` when the block succeeds.

    Parameters
    ----------
    path : Path
        A folder that does not exist yet, is empty, or holds an earlier result.
    ours : sequence of str
        Patterns of the names that such a result consists of. Anything else in the folder is
        somebody's, and nothing is replaced then.

    Raises
    ------
    UsageError
        If there is something else in the folder, or it is no folder.
    OrganodeError
        If the parent folder cannot be created or written.
    """
    path = Path(path)
    if path.exists() and not path.is_dir():
        raise UsageError(f"{path} is a file: choose a folder")
    foreign = [
        entry.name
        for entry in (path.iterdir() if path.exists() else ())
        if not any(fnmatch(entry.name, pattern) for pattern in ours)
    ]
    if foreign:
        raise UsageError(
            f"{path} holds what is no result of this command ({sorted(foreign)[0]}) and would be "
            "replaced as a whole: choose an empty or a new folder"
        )
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = Path(tempfile.mkdtemp(prefix=f".{path.name}.", suffix=".tmp", dir=path.parent))
    except OSError as error:
        raise OrganodeError(
            f"cannot write {path}: {error.strerror}; choose a folder that you may write to"
        ) from error
    try:
        yield temporary
        umask = os.umask(0)
        os.umask(umask)
        temporary.chmod(0o777 & ~umask)
        if path.exists():
            old = Path(tempfile.mkdtemp(prefix=f".{path.name}.", suffix=".old", dir=path.parent))
            path.replace(old / path.name)
            temporary.replace(path)
            shutil.rmtree(old)
        else:
            temporary.replace(path)
    finally:
        if temporary.exists():
            shutil.rmtree(temporary)


@contextmanager
def alone(path: Path, lock: Path) -> Iterator[None]:
    """Keep other processes away from `path` while the block runs, by a lock file.

    Raises
    ------
    UsageError
        If another process is at it.
    OrganodeError
        If the lock file cannot be written.
    """
    try:
        lock.parent.mkdir(parents=True, exist_ok=True)
        held = FileLock(lock)
        held.acquire(timeout=0)
    except Timeout:
        raise UsageError(
            f"another command is at {path}: wait for it, or choose another --out"
        ) from None
    except OSError as error:
        raise OrganodeError(
            f"cannot write {path}: {error.strerror}; choose a folder that you may write to"
        ) from error
    try:
        yield
    finally:
        lock.unlink(missing_ok=True)
        held.release()


def private_folder(path: Path) -> None:
    """Make a folder that nobody else may look into, or see that one that is there is such a folder.

    Raises
    ------
    UsageError
        If it is a link or another user's, or if others could have written what is in it: nothing
        in it can be trusted then.
    OrganodeError
        If it cannot be made.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            path.mkdir(mode=0o700)
        except FileExistsError:
            check_own(path)
            if not path.is_dir():
                raise UsageError(f"{path} is a file: move it away") from None
            path.chmod(0o700)
    except OSError as error:
        raise OrganodeError(
            f"cannot write {path}: {error.strerror}; choose a folder that you may write to"
        ) from error


def check_own(path: Path) -> None:
    """Refuse unfinished work, a file or a folder, that another user may have put there.

    Raises
    ------
    UsageError
        If it is a link, or belongs to another user, or others may write it.
    OSError
        If there is nothing.
    """
    known = path.lstat()
    if stat.S_ISLNK(known.st_mode):
        why = "is a link"
    elif known.st_uid != os.geteuid():
        why = "belongs to another user"
    elif known.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        why = "may be written by others"
    else:
        return
    raise UsageError(
        f"{path} {why}, so what is in it is not trusted: remove it, or choose another --out"
    )


def remove_unfinished(path: Path) -> None:
    """Put right what `replacing_folder` left beside `path` when its process was killed.

    Only for who knows that nobody else is writing `path`.
    """
    name = re.escape(path.name)
    pattern = re.compile(rf"\.{name}\.[a-z0-9_]{{8}}\.(tmp|old)")  # as mkdtemp names them
    for entry in path.absolute().parent.iterdir():
        if pattern.fullmatch(entry.name) and entry.is_dir():
            before = entry / path.name
            if entry.suffix == ".old" and before.exists() and not path.exists():
                before.replace(path)
            shutil.rmtree(entry)


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file's bytes, in hexadecimal."""
    digest = hashlib.sha256()
    with open(path, "rb") as stream:
        for block in iter(lambda: stream.read(1 << 20), b""):
            digest.update(block)
    return digest.hexdigest()


def md5(path: Path) -> str:
    """Return the MD5 of a file's bytes, in hexadecimal: the hash by which DVC knows it."""
    with open(path, "rb") as stream:
        return hashlib.file_digest(stream, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()


def write_json(path: Path, content: Any) -> None:
    """Write `content` as indented JSON, keys in the order given, under a temporary name first."""
    with replacing(path) as temporary:
        text = json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False)
        temporary.write_text(text + "\n", encoding="utf-8")
