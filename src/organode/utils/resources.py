"""Turn failures for lack of disk, memory, permission or open files into messages with a remedy.

Any library can raise an exception for such a failure, at any depth of the call stack. So the type,
the error number and the text of the exception decide whether it reports such a failure or a defect
of the program; the place where it was raised does not.
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
# By error number: the message, with {path} for the name of the file.
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
# Failures that libraries report only as text: a pattern of the text, what to call the file if its
# path is not known, and the message.
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
NUMBER = re.compile(r"\[errno (\d+)\]", re.IGNORECASE)  # as in messages of pyarrow and others


def explained(error: BaseException, path: Path | str | None = None) -> OrganodeError | None:
    """Return an error that names the resource that was lacking, and says what the user can do.

    Parameters
    ----------
    error : BaseException
        Any exception; the exceptions that caused it are checked too.
    path : Path or str, optional
        The file that was being written or read, by the name that the user knows. If omitted, the
        file's name in the exception is used.

    Returns
    -------
    OrganodeError or None
        None if the cause was not a lack of disk, memory, permission, processes or open files.
    """
    for cause in causes(error):
        if message := _message(cause, path):
            return OrganodeError(message)
    return None


def is_of_the_disk(error: BaseException) -> bool:
    """Return whether an exception reports a failure of the disk: full, read-only or defective.

    A missing permission or an unsuitable file name is not such a failure.
    """
    return any(_number(cause) in DISK for cause in causes(error))


def causes(error: BaseException) -> Iterator[BaseException]:
    """Yield an exception, the exceptions that caused it, and the members of exception groups.

    `error` comes first. The causes and members of every exception are followed in turn.
    """
    waiting, seen = [error], set()
    while waiting:
        current = waiting.pop(0)
        if id(current) in seen:
            continue
        seen.add(id(current))
        yield current
        if isinstance(current, BaseExceptionGroup):
            waiting += current.exceptions
        waiting += [
            cause for cause in (current.__cause__, current.__context__) if cause is not None
        ]


def _message(error: BaseException, path: Path | str | None) -> str | None:
    names = {kind.__name__ for kind in type(error).__mro__}
    number = _number(error)
    message = None
    if isinstance(error, MemoryError) or "ResourceExhaustedError" in names:
        message = MEMORY
    elif names & {"BrokenProcessPool", "TerminatedWorkerError"}:
        message = KILLED
    elif number in PROCESS:
        message = PROCESS[number]
    elif number in DISK | ACCESS:
        message = (DISK | ACCESS)[number].format(path=_file_of(error, path))
    elif not isinstance(error, OrganodeError):
        message = _message_for_text(str(error), path)
    return message


def _message_for_text(text: str, path: Path | str | None) -> str | None:
    for pattern, file, message in TEXTS:
        if re.search(pattern, text, re.IGNORECASE):
            return message.format(path=path or file)
    return None


def _number(error: BaseException) -> int | None:
    if not isinstance(error, OSError):
        return None
    if error.errno is not None:
        return error.errno
    match = NUMBER.search(str(error))
    return int(match[1]) if match else None


def _file_of(error: BaseException, path: Path | str | None) -> str:
    """Return the name of the file for a message: `path` or, if that is None, the name in `error`.

    Without a name in the error, return a general description.
    """
    if path is not None:
        return str(path)
    name = getattr(error, "filename2", None) or getattr(error, "filename", None)
    return os.fsdecode(name) if isinstance(name, str | bytes) else WRITTEN
