"""Make a process meet a machine's faults: files that may not be read, folders without writing.

Root may read and write everything, so that permissions alone would not do. As a script:
`python faults.py FOLDER ARGUMENTS…` runs the command where nothing below FOLDER can be written.
"""

import errno
import os
import random
import sqlite3
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

CHANGES = ("os.mkdir", "os.rename", "os.remove", "os.rmdir", "os.chmod", "os.utime", "os.link")
_active: list[Callable[[str, tuple], None]] = []


def _hook(event: str, arguments: tuple) -> None:
    for fault in _active:
        fault(event, arguments)


@contextmanager
def unreadable(name: str, error: BaseException) -> Iterator[None]:
    """Raise `error` whenever a file of that name is opened."""

    def fault(event: str, arguments: tuple) -> None:
        if event == "open" and Path(str(arguments[0])).name == name:
            if isinstance(error, OSError):
                error.filename = str(arguments[0])
            raise error

    sys.addaudithook(_hook) if not _active else None
    _active.append(fault)
    try:
        yield
    finally:
        _active.remove(fault)


class Planted:
    """Runs a command when it is unpickled."""

    def __init__(self, proof: Path) -> None:
        self.proof = proof

    def __reduce__(self):
        return os.system, (f"touch {self.proof}",)


def without_writing(folder: Path) -> None:
    """Let this process change nothing below `folder`, as on a read-only file system."""

    def inside(path: object) -> bool:
        if not isinstance(path, str | bytes | os.PathLike):
            return False
        return Path(os.path.realpath(os.fsdecode(path))).is_relative_to(folder)

    def fault(event: str, arguments: tuple) -> None:
        writes = event == "open" and arguments[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)
        # What is named relative to an open folder is what rmtree removes: a temporary folder.
        changes = event in CHANGES and arguments[-1] in (-1, None)
        if (writes or changes) and inside(arguments[0]):
            raise OSError(errno.EROFS, os.strerror(errno.EROFS), str(arguments[0]))

    connect, access = sqlite3.dbapi2.connect, os.access

    def connect_to_read(database: str, *arguments, **keywords):
        path = Path(str(database).removeprefix("file://").partition("?")[0]).absolute()
        if inside(path):
            database, keywords = f"{path.as_uri()}?mode=ro", keywords | {"uri": True}
        return connect(database, *arguments, **keywords)

    sqlite3.connect = sqlite3.dbapi2.connect = connect_to_read
    os.access = lambda path, mode, **more: (
        not (mode & os.W_OK and inside(path)) and access(path, mode, **more)
    )
    sys.addaudithook(_hook)
    _active.append(fault)


def damages(whole: bytes, n: int, seed: int) -> list[bytes]:
    """Return n damaged copies of a content: a quarter cut off, the others with a wrong bit."""
    chance = random.Random(seed)
    copies = [whole[: chance.randrange(len(whole))] for _ in range(n // 4)]
    while len(copies) < n:
        content = bytearray(whole)
        content[chance.randrange(len(whole))] ^= 1 << chance.randrange(8)
        copies.append(bytes(content))
    return copies


if __name__ == "__main__":
    without_writing(Path(sys.argv[1]).resolve())
    sys.argv[:2] = ["organode"]
    from organode.cli.main import main

    main()
