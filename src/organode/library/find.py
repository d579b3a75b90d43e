"""Find the library, built or given as files, that a command line names."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from organode.errors import UsageError
from organode.library.built import BuiltLibrary
from organode.library.columns import Wanted
from organode.library.formats import ReadOptions
from organode.library.protocols import AnyLibrary
from organode.library.stream import Library


def find_library(
    given: Sequence[str], wanted: Wanted, spool: Path, options: ReadOptions
) -> AnyLibrary:
    """Return the library that a command line names, built or given as files.

    If `given` is the name of a single folder, the result is the built library in this folder;
    otherwise it is a library of files. The parameters are those of `Library.find`.

    Raises
    ------
    UsageError
        If no library can be found, or the built library has another end group for polymers' repeat
        units than `options` states.
    """
    if len(given) == 1 and Path(given[0]).is_dir():
        built = BuiltLibrary.open(Path(given[0]))
        if options.cap not in ("", built.cap):
            how = f"with --cap {built.cap}" if built.cap else "without --cap"
            raise UsageError(
                f"{given[0]} was built {how}: build it again, or screen the files themselves"
            )
        return built
    return Library.find(given, wanted, spool, options)
