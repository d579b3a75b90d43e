"""Processes that end with the command that started them, and commands that end on a signal.

However a command ends, by itself, by a signal or by ``kill -9``, no process that it started stays
behind. Workers watch their parent; a server runs in its own process group below a guard that does
the same. Run as a module, this file is the guard.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from threading import Thread

POLL_INTERVAL = 0.5  # seconds between looks at the parent
GRACE_PERIOD = 10.0  # seconds that a server gets to end by itself
SIGNALS = (signal.SIGTERM, *((signal.SIGHUP,) if hasattr(signal, "SIGHUP") else ()))


class Stopped(KeyboardInterrupt):
    """A signal asked this command to end, which it does as after Ctrl-C, ready to resume."""

    number = signal.SIGINT  # the last signal received


def stop_on_signals() -> None:
    """Make SIGTERM and SIGHUP end this process like Ctrl-C, unless they are ignored (`nohup`)."""

    def stop(number: int, _frame: object) -> None:
        Stopped.number = signal.Signals(number)
        raise Stopped

    for number in SIGNALS:
        if signal.getsignal(number) == signal.SIG_DFL:
            signal.signal(number, stop)


def end_with_parent(parent: int) -> None:
    """Make this process, a worker, end when `parent` has ended: it would wait for work for ever.

    Ctrl-C reaches the worker as well as its parent: the worker ignores it, the parent decides.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    Thread(target=_exit_after, args=(parent,), daemon=True).start()


def _exit_after(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(POLL_INTERVAL)
    os._exit(1)


def run_server(command: Sequence[str], environment: Mapping[str, str]) -> int:
    """Run a server until it ends, or this process does; return its exit code.

    Parameters
    ----------
    command : sequence of str
        The server, which may start further processes.
    environment : mapping of str to str
        All of its variables.
    """
    guard = [sys.executable, "-m", __name__, str(os.getpid()), *command]
    server = subprocess.Popen(guard, env=environment, start_new_session=True)
    try:
        return server.wait()
    finally:
        _end_group(server.pid, server)


def _end_group(group: int, leader: subprocess.Popen[bytes]) -> None:
    """End all processes of a group: first by SIGTERM, then those that are left by SIGKILL."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(group, number)
            leader.wait(GRACE_PERIOD)
        except ProcessLookupError:
            return
        except subprocess.TimeoutExpired:
            continue


def _guard(parent: int, command: Sequence[str]) -> None:
    """Run a server; when `parent` has ended, end the server and every process that it started."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: None)  # meant for the server; this process ends last
    server = subprocess.Popen(command)
    while server.poll() is None and os.getppid() == parent:
        time.sleep(POLL_INTERVAL)
    if os.getppid() == parent:
        sys.exit(server.returncode)
    _end_group(os.getpgid(0), server)


if __name__ == "__main__":
    _guard(int(sys.argv[1]), sys.argv[2:])
