"""Make processes end with the command that started them, and commands end on a signal.

However a command ends, by itself, by a signal or by ``kill -9``, no process that it started keeps
running. A worker checks now and then whether its parent still runs. A server cannot do that, so it
is started by a guard: a process, in a group of its own with the server, that checks the parent and
ends the server. Running this file as a module starts the guard.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from threading import Thread

POLL_INTERVAL = 0.5  # seconds between checks whether the parent still runs
GRACE_PERIOD = 10.0  # seconds that a server has to end after SIGTERM, before SIGKILL
SIGNALS = (signal.SIGTERM, *((signal.SIGHUP,) if hasattr(signal, "SIGHUP") else ()))


class Stopped(KeyboardInterrupt):
    """Raised when a signal asks this command to end; it then ends as after Ctrl-C."""

    number = signal.SIGINT  # the last signal received


def stop_on_signals() -> None:
    """Make SIGTERM and SIGHUP raise `Stopped`, unless they are ignored, as after `nohup`."""

    def stop(number: int, _frame: object) -> None:
        Stopped.number = signal.Signals(number)
        raise Stopped

    for number in SIGNALS:
        if signal.getsignal(number) == signal.SIG_DFL:
            signal.signal(number, stop)


def end_with_parent(parent: int) -> None:
    """Make this worker process end when the process `parent` (its id) has ended.

    Otherwise the worker would wait for work for ever. Ctrl-C reaches the worker as well as its
    parent; the worker ignores it, so that the parent decides what happens.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    Thread(target=_exit_after, args=(parent,), daemon=True).start()


def _exit_after(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(POLL_INTERVAL)
    os._exit(1)


def run_server(command: Sequence[str], environment: Mapping[str, str]) -> int:
    """Run a server until it or this process ends; return the server's exit code.

    Parameters
    ----------
    command : sequence of str
        Program and arguments of the server, which may start further processes.
    environment : mapping of str to str
        All environment variables of the server.
    """
    guard = [sys.executable, "-m", __name__, str(os.getpid()), *command]
    server = subprocess.Popen(guard, env=environment, start_new_session=True)
    try:
        return server.wait()
    finally:
        _end_group(server.pid, server)


def _end_group(group: int, leader: subprocess.Popen[bytes]) -> None:
    """End all processes of the group with the id `group`: by SIGTERM, then the rest by SIGKILL."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(group, number)
            leader.wait(GRACE_PERIOD)
        except ProcessLookupError:
            return
        except subprocess.TimeoutExpired:
            continue


def _guard(parent: int, command: Sequence[str]) -> None:
    """Run a server; if the process `parent` ends, end the server and all that it started."""
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
