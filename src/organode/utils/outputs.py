"""Protect a command's output: from replacing an input, from other commands and other users."""

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
# Errors of a file system that has no locks.
NO_LOCKS = {errno.ENOSYS, errno.ENOLCK, errno.EOPNOTSUPP, errno.EINVAL}


def keep_apart(out: Path, inputs: Iterable[Path | str], option: str = "--out") -> None:
    """Refuse an output that would replace an input, or the folder that holds one.

    Files are compared, not names: another spelling, a symbolic or a hard link is the same file.

    Parameters
    ----------
    out : Path
        A file or a folder, which need not exist.
    inputs : iterable of Path or str
        Files or folders; ``-`` is the file that standard input was redirected from; names of
        nothing (a SMILES, say) are ignored.
    option : str
        The option that names the output.

    Raises
    ------
    UsageError
        If the output is an input or holds one, or is in a folder that is one.
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
    """Return the folders that hold `path`, by its name and by where its links lead."""
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
    """Keep other commands from writing `path` while the block runs.

    The lock ends with its process, so that a killed process leaves nothing that blocks.

    Parameters
    ----------
    path : Path
        The output, or the name of the work.
    lock : Path, optional
        The lock file; by default a hidden file beside the output, the same for all its spellings
        and links.

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
                # Not zero: the holder removes the lock file at the end, and a process that has
                # opened that file before has to try again.
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
            # While it is held, so that a file that another process has locked is never removed.
            lock.unlink(missing_ok=True)
            held.release()


@contextmanager
def claim_output(out: Path, inputs: Iterable[Path | str], option: str = "--out") -> Iterator[None]:
    """Check that the output is no input (`keep_apart`), and lock it (`exclusive_lock`)."""
    keep_apart(out, inputs, option)
    with exclusive_lock(out):
        yield


def private_folder(path: Path) -> None:
    """Make a folder that no other user may read or write, or make an existing one so.

    Raises
    ------
    UsageError
        If it exists and is a link or another user's, or other users could have written into it:
        then its content cannot be trusted.
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
        If it is a link, belongs to another user, or may be written by others.
    OSError
        If it does not exist.
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
