"""Files that are either whole or absent: written under a temporary name, then moved."""

from __future__ import annotations

import errno
import glob
import hashlib
import json
import os
import re
import shutil
import stat
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

from organode.errors import OrganodeError, UsageError
from organode.utils.progress import say
from organode.utils.resources import explained, is_of_the_disk

STDIN = "-"
CACHED = re.compile(r"/files/md5/[0-9a-f]{2}/[0-9a-f]{30}$")  # as DVC names what it keeps
# What a file system says that has no locks.
NO_LOCKS = {errno.ENOSYS, errno.ENOLCK, errno.EOPNOTSUPP, errno.EINVAL}


def written_through(path: Path) -> Path:
    """Return the absolute path that a write to `path` reaches: where its symbolic links lead.

    A link into DVC's cache (`cache.type symlink`) is replaced itself: what is cached must stay.

    Raises
    ------
    UsageError
        If the links lead back to themselves.
    """
    try:
        target = os.path.realpath(path, strict=True)
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise UsageError(
                f"{path} is a symbolic link that leads back to itself: remove it, or choose "
                "another name"
            ) from error
        target = os.path.realpath(path)  # a new file, or a link to one
    if CACHED.search(target):
        return Path(os.path.realpath(path.parent)) / path.name
    return Path(target)


def output_file(path: Path) -> Path:
    """Return where a write to the file `path` goes, as `written_through` does.

    Raises
    ------
    UsageError
        If `path` is a folder, or a link that leads back to itself.
    """
    target = written_through(path)
    if target.is_dir():
        raise UsageError(f"{path} is a folder: choose the name of a file")
    return target


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Yield a temporary path; what was written there takes the place of `path` at the end.

    The temporary file lies beside the target and is moved, so that the target is whole or absent.
    A symbolic link stays one; what it leads to is replaced. A device is written to.

    Raises
    ------
    UsageError
        If `path` is a folder, or a link that leads back to itself.
    OrganodeError
        If the folder cannot be created or written, or the disk is full.
    """
    path = Path(path)
    target = output_file(path)
    # Nothing may take the place of a device, such as /dev/null, or of a pipe.
    device = target.exists() and not target.is_file()
    folder = Path(tempfile.gettempdir()) if device else target.parent
    with _writing(path):
        folder.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=f".{target.name}.", suffix=".tmp", dir=folder)
        os.close(handle)
    temporary = Path(name)
    try:
        with naming_full_disk(path):
            yield temporary
        with _writing(path):
            if device:
                with open(temporary, "rb") as source, open(target, "wb") as stream:
                    shutil.copyfileobj(source, stream)
            else:
                temporary.chmod(0o666 & ~_umask())  # mkstemp makes files private
                temporary.replace(target)
    finally:
        temporary.unlink(missing_ok=True)


@contextmanager
def replacing_folder(path: Path, ours: Sequence[str]) -> Iterator[Path]:
    """Yield an empty temporary folder; it takes the place of `path` when the block succeeds.

    A symbolic link stays one; the folder to which it leads is replaced.

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
        If the parent folder cannot be created or written, or the disk is full.
    """
    path = Path(path)
    target = written_through(path)
    if target.exists() and not target.is_dir():
        raise UsageError(f"{path} is a file: choose a folder")
    with _writing(path):
        names = sorted(entry.name for entry in (target.iterdir() if target.exists() else ()))
    foreign = [name for name in names if not any(fnmatch(name, pattern) for pattern in ours)]
    if foreign:
        raise UsageError(
            f"{path} holds what is no result of this command ({foreign[0]}) and would be "
            "replaced as a whole: choose an empty or a new folder"
        )
    with _writing(path):
        target.parent.mkdir(parents=True, exist_ok=True)
        temporary = _folder_beside(target, ".tmp")
    try:
        with naming_full_disk(path):
            yield temporary
        with _writing(path):
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


def _folder_beside(path: Path, ending: str) -> Path:
    return Path(tempfile.mkdtemp(prefix=f".{path.name}.", suffix=ending, dir=path.parent))


def _umask() -> int:
    umask = os.umask(0)
    os.umask(umask)
    return umask


@contextmanager
def _writing(path: Path) -> Iterator[None]:
    """Let whatever stands in the way of writing `path` be one sentence."""
    try:
        yield
    except OSError as error:
        raise explained(error, path) or OrganodeError(
            f"cannot write {path}: {error.strerror}; choose a folder that you may write to"
        ) from error


@contextmanager
def naming_full_disk(path: Path) -> Iterator[None]:
    """Let a disk that fails while `path` is written be one sentence that names it."""
    try:
        yield
    except OrganodeError:
        raise
    except Exception as error:
        if is_of_the_disk(error) and (said := explained(error, path)):
            raise said from error
        raise


def keep_apart(out: Path, inputs: Iterable[Path | str], option: str = "--out") -> None:
    """Refuse an output that would replace an input, or the folder that holds one.

    Files are compared, not names: another spelling, a symbolic or a hard link is the same file.

    Parameters
    ----------
    out : Path
        A file or a folder, which need not exist.
    inputs : iterable of Path or str
        Files or folders; ``-`` is what standard input was redirected from; what does not exist
        (a SMILES, say) is passed over.
    option : str
        That names the output.

    Raises
    ------
    UsageError
        If the output is an input or holds one, or lies in a folder that is one.
    """
    for given in inputs:
        if _same(out, given):
            raise UsageError(
                f"{option} {out} is the input {_shown(given)}, which would be replaced: choose "
                "another name"
            )
        if str(given) == STDIN or not os.path.lexists(given):
            continue
        if any(_same(out, folder) for folder in _around(given)):
            raise UsageError(
                f"{option} {out} holds the input {given}, which would be replaced with it: choose "
                "another folder"
            )
        if Path(given).is_dir() and any(_same(given, folder) for folder in _around(out)):
            raise UsageError(f"{option} {out} lies in the input {given}: choose another place")


def matching(names: Iterable[str]) -> Iterator[str]:
    """Yield the names, and for a pattern such as ``part-*.smi`` the files that it matches."""
    for name in names:
        if os.path.lexists(name) or not glob.has_magic(name):
            yield name
        else:
            yield from glob.iglob(name, recursive=True)  # noqa: PTH207  (absolute ones too)


def _around(path: Path | str) -> set[Path]:
    """Return the folders that hold `path`, by its name and by where its links lead."""
    return {*Path(path).absolute().parents, *Path(os.path.realpath(path)).parents}


def _same(first: Path | str, second: Path | str) -> bool:
    try:
        one, other = (
            os.fstat(0) if str(path) == STDIN else os.stat(path)  # noqa: PTH116 (0 is no path)
            for path in (first, second)
        )
    except (OSError, ValueError):  # absent, or no path at all
        return False
    kept = stat.S_ISREG(one.st_mode) or stat.S_ISDIR(one.st_mode)  # nothing replaces a device
    return kept and os.path.samestat(one, other)


def _shown(given: Path | str) -> str:
    return "from standard input" if str(given) == STDIN else str(given)


@contextmanager
def exclusive_lock(path: Path, lock: Path | None = None) -> Iterator[None]:
    """Keep other commands away from the output `path` while the block runs.

    The system ends a lock with its process, so that a killed one leaves nothing that blocks.

    Parameters
    ----------
    path : Path
        What is written, or the name of what is done.
    lock : Path, optional
        The lock file; by default a hidden one beside `path`, whichever spelling or link names it.

    Raises
    ------
    UsageError
        If another command is at it.
    OrganodeError
        If the lock file cannot be written.
    """
    from filelock import FileLock, Timeout  # a registered model, which locks nothing, lacks it

    if lock is None:
        target = written_through(path)
        lock = target.with_name(f".{target.name}.lock")
    held = FileLock(lock, fallback_to_soft=False)
    try:
        with _writing(path):
            lock.parent.mkdir(parents=True, exist_ok=True)
            try:
                # Not zero: who holds the lock removes its file at the end, and who has opened
                # that file before has to try again.
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
def claimed(out: Path, inputs: Iterable[Path | str], option: str = "--out") -> Iterator[None]:
    """Hold the output of a command: no input (`keep_apart`), and nobody else's (`alone`)."""
    keep_apart(out, inputs, option)
    with exclusive_lock(out):
        yield


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
    path = written_through(path)
    name = re.escape(path.name)
    pattern = re.compile(rf"\.{name}\.[a-z0-9_]{{8}}\.(tmp|old)")  # as mkdtemp names them
    for entry in path.parent.iterdir():
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


def digest(paths: Iterable[Path]) -> str:
    """Return the SHA-256 of files' names and bytes, in hexadecimal."""
    total = hashlib.sha256()
    for path in paths:
        total.update(path.name.encode())
        total.update(path.read_bytes())
    return total.hexdigest()


def md5(path: Path) -> str:
    """Return the MD5 of a file's bytes, in hexadecimal: the hash by which DVC knows it."""
    with open(path, "rb") as stream:
        return hashlib.file_digest(stream, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()


def write_json(path: Path, content: Any) -> None:
    """Write `content` as indented JSON, keys in the order given, under a temporary name first."""
    with replacing(path) as temporary:
        text = json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False)
        temporary.write_text(text + "\n", encoding="utf-8")
