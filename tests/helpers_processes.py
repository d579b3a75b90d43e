"""A command and all processes that came of it, known by a variable in their environment."""

import os
import signal
import subprocess
import time
import uuid
from pathlib import Path


class Marked:
    """A command that was started, and whatever it starts in turn."""

    def __init__(self, command: list, cwd: Path, environment: dict[str, str] | None = None) -> None:
        self._mark = f"ORGANODE_TEST_{uuid.uuid4().hex}"
        self.started = subprocess.Popen(
            list(map(str, command)), cwd=cwd, env=(environment or os.environ) | {self._mark: "1"},
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip

    def alive(self) -> list[int]:
        """Return those of its processes that run, itself included."""
        return [
            int(entry.name)
            for entry in Path("/proc").iterdir()
            if entry.name.isdigit() and self._runs(entry)
        ]

    def _runs(self, entry: Path) -> bool:
        try:
            ours = self._mark.encode() in (entry / "environ").read_bytes()
            return ours and (entry / "stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
        except OSError:  # it ended meanwhile, or is somebody else's
            return False

    def wait_for_processes(self, count: int, seconds: float = 240) -> None:
        """Wait until so many of them run."""
        end = time.monotonic() + seconds
        while len(self.alive()) < count:
            assert self.started.poll() is None, self.started.stderr.read()
            assert time.monotonic() < end, "they did not start"
            time.sleep(0.05)

    def wait_for_none(self, seconds: float = 120) -> None:
        """Wait until none of them runs."""
        end = time.monotonic() + seconds
        while left := self.alive():
            assert time.monotonic() < end, f"{len(left)} processes were left behind"
            time.sleep(0.05)

    def kill_all(self) -> None:
        """End what is left of them."""
        for pid in self.alive():
            os.kill(pid, signal.SIGKILL)
