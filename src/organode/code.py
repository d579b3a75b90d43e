"""Which code decided a result: a digest of packages, so that results of former code are told."""

from __future__ import annotations

import hashlib
from importlib.resources import files

from organode import __version__

SUFFIXES = (".py", ".json", ".csv")  # of modules and tables


def code_digest(package: str, more: str = "") -> str:
    """Return the SHA-256 of a package's modules and tables, its version and what else decides.

    Parameters
    ----------
    package : str
        Such as ``organode.chem``; packages inside it are not part of it.
    more : str
        Such as the version of a library.
    """
    total = hashlib.sha256(f"{__version__} {more}".encode())
    folder = files(package)
    for name in sorted(one.name for one in folder.iterdir() if one.name.endswith(SUFFIXES)):
        total.update((folder / name).read_bytes())
    return total.hexdigest()
