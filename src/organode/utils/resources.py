"""What a machine may lack: disk, memory, permission, open files. Each said in one sentence.

Such failures come out of any library and at any depth, so they are told from defects by what was
raised, not by where.
"""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Iterator
from pathlib import Path

from organode.errors import OrganodeError

AGAIN = "the same command resumes where it can"
MEMORY = f"there is too little memory: close other programs or use fewer --jobs; {AGAIN}"
KILLED = (
    "a worker process was killed, most likely because memory ran out: close other programs or use "
    f"fewer --jobs; {AGAIN}"
)
# By error number: what is wrong with {path}, and what to do.
DISK = {
    errno.ENOSPC: f"no space is left on the disk for {{path}}: free some; {AGAIN}",
    errno.EDQUOT: f"your disk quota is used up at {{path}}: free some of it; {AGAIN}",
    errno.EFBIG: "{path} would be larger than the file system or a limit (`ulimit -f`) allows: "
    "raise the limit or choose another disk",
    errno.EROFS: "cannot write {path}: its file system is read-only; choose another place",
    errno.EIO: "the disk that holds {path} reports an input/output error: check it, or choose "
    "another disk",
}
ACCESS = {
    errno.EACCES: "cannot open or write {path}: permission denied; close the program that holds "
    "it, or choose a place where you have the permission",
    errno.EBUSY: "cannot replace {path}: it is in use; close the program that holds it",
    errno.ETXTBSY: "cannot write {path}: a running program is using it; end it first",
    errno.ESTALE: "{path} is no longer there (stale file handle of a network drive): try again",
    errno.ENAMETOOLONG: "the name {path} is too long for the file system: choose a shorter one",
    errno.ELOOP: "{path} is a symbolic link that leads back to itself: remove it, or choose "
    "another name",
    errno.EISDIR: "{path} is a folder: choose the name of a file",
    errno.ENOTDIR: "cannot write {path}: a part of its path is a file; choose another folder",
}
ACCESS[errno.EPERM] = ACCESS[errno.EACCES]
PROCESS = {
    errno.ENOMEM: MEMORY,
    errno.EMFILE: "too many files are open at once: raise the limit (`ulimit -n 4096`) or use "
    "fewer --jobs, then try again",
    errno.EAGAIN: "the system starts no further process or thread (a limit, or too little memory), "
    "or a file is locked by another program: close other programs or use fewer --jobs, then try "
    "again",
}
PROCESS[errno.ENFILE] = PROCESS[errno.EMFILE]
# Libraries that pass on a failure as text alone.
DATABASE = "the database (MLflow's mlflow.db, or that of search.storage)"
WRITTEN = "what was being written"
TEXTS = (
    (r"database or disk is full", DATABASE, DISK[errno.ENOSPC]),
    (r"database is locked|database table is locked", DATABASE, "{path} is locked by another "
     "program: wait for it to end, then run the same command again"),
    (r"attempt to write a readonly database", DATABASE, "cannot write {path}: it is read-only; "
     "make it and its folder writable"),
    (r"unable to open database file", DATABASE, "cannot open {path}: its folder is missing, or you "
     "may not write there; make it, or name another (MLFLOW_TRACKING_URI, search.storage)"),
    (r"disk I/O error", DATABASE, DISK[errno.EIO]),
    (r"database disk image is malformed|file is not a database", DATABASE, "{path} is damaged: "
     "bring back a copy, or move it away and run `dvc repro`"),
    (r"can't start new thread", "", PROCESS[errno.EAGAIN]),
    (r"cannot allocate memory|failed to map segment from shared object|std::bad_alloc", "", MEMORY),
    (r"no space left on device", WRITTEN, DISK[errno.ENOSPC]),
    (r"disk quota exceeded", WRITTEN, DISK[errno.EDQUOT]),
)  # fmt: skip
NUMBER = re.compile(r"\[errno (\d+)\]", re.IGNORECASE)  # pyarrow's and others' way to say it


def explained(error: BaseException, path: Path | str | None = None) -> OrganodeError | None:
    """Return what `error` says of the machine, as an error that a user can act on.

    Parameters
    ----------
    error : BaseException
        As it was caught; what caused it is looked at too.
    path : Path or str, optional
        What was being written or read, by the name that the user knows.

    Returns
    -------
    OrganodeError or None
        None if the failure is no lack of disk, memory, permission, processes or open files.
    """
    for cause in causes(error):
        if said := _said(cause, path):
            return OrganodeError(said)
    return None


def is_of_the_disk(error: BaseException) -> bool:
    """Tell whether writing failed because of the disk, not because of a permission or a name."""
    return any(_number(cause) in DISK for cause in causes(error))


def causes(error: BaseException) -> Iterator[BaseException]:
    """Yield the error and whatever led to it, the latter last."""
    waiting, seen = [error], set()
    while waiting:
        here = waiting.pop(0)
        if id(here) in seen:
            continue
        seen.add(id(here))
        yield here
        if isinstance(here, BaseExceptionGroup):
            waiting += here.exceptions
        waiting += [one for one in (here.__cause__, here.__context__) if one is not None]


def _said(error: BaseException, path: Path | str | None) -> str | None:
    names = {kind.__name__ for kind in type(error).__mro__}
    number = _number(error)
    said = None
    if isinstance(error, MemoryError) or "ResourceExhaustedError" in names:
        said = MEMORY
    elif names & {"BrokenProcessPool", "TerminatedWorkerError"}:
        said = KILLED
    elif number in PROCESS:
        said = PROCESS[number]
    elif number in DISK | ACCESS:
        said = (DISK | ACCESS)[number].format(path=_named(error, path))
    elif not isinstance(error, OrganodeError):
        said = _by_text(str(error), path)
    return said


def _by_text(text: str, path: Path | str | None) -> str | None:
    for like, what, said in TEXTS:
        if re.search(like, text, re.IGNORECASE):
            return said.format(path=path or what)
    return None


def _number(error: BaseException) -> int | None:
    if not isinstance(error, OSError):
        return None
    if error.errno is not None:
        return error.errno
    said = NUMBER.search(str(error))
    return int(said[1]) if said else None


def _named(error: BaseException, path: Path | str | None) -> str:
    """Return the file that an error is about: `path` rather than a temporary name beside it."""
    named = getattr(error, "filename2", None) or getattr(error, "filename", None)
    if path is not None:
        return str(path)
    return os.fsdecode(named) if isinstance(named, str | bytes) else WRITTEN
