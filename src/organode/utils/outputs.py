"""Protect input files from being replaced by outputs, and outputs from simultaneous writers."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from organode.errors import OrganodeError, UsageError
from organode.utils.files import naming_write_errors, write_target
from organode.utils.progress import say

STDIN = "-"
# Error numbers when a file is locked on a file system that has no locks.
NO_LOCKS = {errno.ENOSYS, errno.ENOLCK, errno.EOPNOTSUPP, errno.EINVAL}


def keep_apart(out: Path, inputs: Iterable[Path | str], option: str = "--out") -> None:
    """Raise an error if an output would replace an input, or a folder that holds an input.

    Two paths with different spelling, or a file and a symbolic or hard link to it, are recognised
    as the same file.

    Parameters
    ----------
    out : Path
        A file or a folder, which need not exist.
    inputs : iterable of Path or str
        Files or folders; ``-`` stands for the file from which standard input is redirected. Texts
        that name no existing file, such as a SMILES on the command line, are ignored.
    option : str
        The command-line option that names the output, for the error message.

    Raises
    ------
    UsageError
        If the output is an input, is a folder that holds an input, or lies in a folder that is an
        input.
    """
    for given in inputs:
        if _same(out, given):
            raise UsageError(
                f"{option} {out} is the input {_shown(given)}, which would be replaced: choose "
                "another name"
            )
        if str(given) == STDIN or not os.path.lexists(given):
            continue
        if any(_same(out, folder) for folder in _parents(given)):
            raise UsageError(
                f"{option} {out} holds the input {given}, which would be replaced with it: choose "
                "another folder"
            )
        if Path(given).is_dir() and any(_same(given, folder) for folder in _parents(out)):
            raise UsageError(f"{option} {out} lies in the input {given}: choose another place")


def _parents(path: Path | str) -> set[Path]:
    """Return all folders above a path: of the path as written, and of the path without links."""
    return {*Path(path).absolute().parents, *Path(os.path.realpath(path)).parents}


def _same(first: Path | str, second: Path | str) -> bool:
    try:
        status, other = (
            os.fstat(0) if str(path) == STDIN else os.stat(path)  # noqa: PTH116 (0 is no path)
            for path in (first, second)
        )
    except (OSError, ValueError):  # absent, or no path at all
        return False
    # A device is never replaced.
    is_replaceable = stat.S_ISREG(status.st_mode) or stat.S_ISDIR(status.st_mode)
    return is_replaceable and os.path.samestat(status, other)


def _shown(given: Path | str) -> str:
    return "from standard input" if str(given) == STDIN else str(given)


@contextmanager
def exclusive_lock(path: Path, lock: Path | None = None) -> Iterator[None]:
    """Keep other commands from writing to `path` while the block runs.

    The lock ends with the process that holds the lock, so a killed process does not block later
    commands. On a file system that has no locks, the block runs without a lock, and a message asks
    the user to start no second command that writes there.

    Parameters
    ----------
    path : Path
        The output: a file or a folder, which error messages name.
    lock : Path, optional
        The lock file. By default it is a hidden file beside the output; every spelling of `path`
        and every symbolic link to the output leads to the same lock file.

    Raises
    ------
    UsageError
        If another command holds the lock.
    OrganodeError
        If the lock file cannot be written.
    """
    if lock is None:
        target = write_target(path)
        lock = target.with_name(f".{target.name}.lock")
    held = FileLock(lock, fallback_to_soft=False)
    try:
        with naming_write_errors(path):
            lock.parent.mkdir(parents=True, exist_ok=True)
            try:
                # Not zero: the holder removes the lock file at the end. A process that had opened
                # the file before it was removed has to try again with a new one.
                held.acquire(timeout=0.2, poll_interval=0.02)
            except Timeout:
                raise UsageError(
                    f"another command is at {path}: wait for it, or choose another output"
                ) from None
    except OrganodeError as error:
        if getattr(error.__cause__, "errno", None) not in NO_LOCKS:
            raise
        lock.unlink(missing_ok=True)
        say(f"files cannot be locked at {path}: start no second command that writes there")
    try:
        yield
    finally:
        if held.is_locked:
            # Removed while the lock is held: later, another process may have locked the file.
            lock.unlink(missing_ok=True)
            held.release()


@contextmanager
def claim_output(out: Path, inputs: Iterable[Path | str], option: str = "--out") -> Iterator[None]:
    """Check that an output would not replace an input, then lock the output for the block.

    The check and the parameters are those of `keep_apart`; the lock is that of `exclusive_lock`.

    Raises
    ------
    UsageError
        If the output would replace an input, or another command holds the lock.
    OrganodeError
        If the lock file cannot be written.
    """
    keep_apart(out, inputs, option)
    with exclusive_lock(out):
        yield


def private_folder(path: Path) -> None:
    """Create a folder that no other user may read or write, or make an existing folder so.

    Raises
    ------
    UsageError
        If `path` is a file or a symbolic link, or is a folder that belongs to another user or that
        other users may write to. The content of such a folder cannot be trusted.
    OrganodeError
        If the folder cannot be created.
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
    """Raise an error if another user may have written the file or folder `path`.

    It is called for unfinished work, before the work is resumed.

    Raises
    ------
    UsageError
        If `path` is a symbolic link, belongs to another user, or may be written by other users.
    OSError
        If `path` does not exist.
    """
    status = path.lstat()
    if stat.S_ISLNK(status.st_mode):
        why = "is a link"
    elif status.st_uid != os.geteuid():
        why = "belongs to another user"
    elif status.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        why = "may be written by others"
    else:
        return
    raise UsageError(
        f"{path} {why}, so its content is not trusted: remove it, or choose another --out"
    )
