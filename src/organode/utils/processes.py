"""Processes that end when they should: with the command that started them, and on a signal.

However a command ends, by itself, by a signal or by ``kill -9``, nothing that it started stays
behind. Workers watch who their parent is; a server runs in a process group of its own below a guard
that does the same. Also run as a module: that is the guard.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from threading import Thread

LOOK = 0.5  # seconds between looks at the parent
GRACE = 10.0  # seconds that a server gets to end by itself
SIGNALS = (signal.SIGTERM, *((signal.SIGHUP,) if hasattr(signal, "SIGHUP") else ()))


class Stopped(KeyboardInterrupt):
    """A signal asked this command to end; it does so as after Ctrl-C, ready to resume."""

    number = signal.SIGINT  # the last that came


def stop_on_signals() -> None:
    """Let SIGTERM and SIGHUP end this process as Ctrl-C does, unless they are ignored (`nohup`)."""

    def stop(number: int, _frame: object) -> None:
        Stopped.number = signal.Signals(number)
        raise Stopped

    for number in SIGNALS:
        if signal.getsignal(number) == signal.SIG_DFL:
            signal.signal(number, stop)


def end_with_parent(parent: int) -> None:
    """Let this process, a worker, end when `parent` has ended: it would wait for work for ever.

    Ctrl-C goes to the worker as well as to its parent, which is the one to decide.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    Thread(target=_outlast, args=(parent,), daemon=True).start()


def _outlast(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(LOOK)
    os._exit(1)


def run_server(command: Sequence[str], environment: Mapping[str, str]) -> int:
    """Run a server until it ends, or this process does; return its exit code.

    Parameters
    ----------
    command : sequence of str
        The server, which may start processes of its own.
    environment : mapping of str to str
        All of its variables.
    """
    guard = [sys.executable, "-m", __name__, str(os.getpid()), *command]
    server = subprocess.Popen(guard, env=environment, start_new_session=True)
    try:
        return server.wait()
    finally:
        _end_group(server.pid, server)


def _end_group(group: int, first: subprocess.Popen[bytes]) -> None:
    """End all processes of a group: asked first, then, those that are left, by force."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(group, number)
            first.wait(GRACE)
        except ProcessLookupError:
            return
        except subprocess.TimeoutExpired:
            continue


def _guard(parent: int, command: Sequence[str]) -> None:
    """Run a server below `parent`; when that has ended, end the server and all that it started."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: None)  # for the server; this process goes last
    server = subprocess.Popen(command)
    while server.poll() is None and os.getppid() == parent:
        time.sleep(LOOK)
    if os.getppid() == parent:
        sys.exit(server.returncode)
    _end_group(os.getpgid(0), server)


if __name__ == "__main__":
    _guard(int(sys.argv[1]), sys.argv[2:])
