"""The time that a campaign has spent, kept on disk so that interrupted commands count too."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from organode.errors import UsageError
from organode.utils.checksums import read_json
from organode.utils.files import write_json

BEAT = 1.0  # seconds between two records on disk: a kill loses at most so much
UNITS = {"s": 1.0, "m": 60.0, "min": 60.0, "h": 3600.0, "d": 86400.0}
DURATION = re.compile(r"(\d+(?:\.\d*)?|\.\d+)\s*(s|min|m|h|d)")


def parse_duration(text: str) -> float:
    """Return a duration such as ``90s``, ``30min``, ``4h`` or ``1.5d`` in seconds.

    Raises
    ------
    UsageError
        If the text is not a positive duration.

    Examples
    --------
    >>> parse_duration("1.5h")
    5400.0
    """
    found = DURATION.fullmatch(text.strip().lower())
    seconds = float(found[1]) * UNITS[found[2]] if found else 0.0
    if seconds <= 0:
        raise UsageError(f"--budget {text}: write a time such as 90s, 30min, 4h or 1.5d")
    return seconds


class Clock:
    """Wall time that a campaign has spent, over all commands that worked on it.

    Parameters
    ----------
    path : Path
        The JSON file that keeps the time.
    now : callable
        Returns the time in s, from any zero.
    """

    def __init__(self, path: Path, now: Callable[[], float] = time.monotonic) -> None:
        self._path, self._now = path, now
        self._before = 0.0
        if path.exists():
            content = read_json(path, "remove it: the time spent then counts from zero")
            self._before = float(content["spent_seconds"])
        self._began = now()

    @property
    def spent(self) -> float:
        """Seconds spent up to now, those of earlier commands included."""
        return self._before + self._now() - self._began

    def record(self) -> None:
        """Write the time that was spent to the file."""
        write_json(self._path, {"spent_seconds": round(self.spent, 3)})

    @contextmanager
    def running(self) -> Iterator[None]:
        """Record the time every second while the block runs, and at its end."""
        ended = threading.Event()

        def beat() -> None:
            while not ended.wait(BEAT):
                self.record()

        thread = threading.Thread(target=beat, daemon=True)
        thread.start()
        try:
            yield
        finally:
            ended.set()
            thread.join()
            self.record()
