"""Make processes end with the command that started them, and commands end on a signal.

No process that a command started keeps running after the command has ended, whether the command
finished or was ended by a signal, even by ``kill -9``. A worker process checks now and then whether
its parent process still runs. A server is another program and cannot check this, so a guard starts
the server: a process that checks whether the command still runs and, if not, ends the server. Guard
and server form a process group of their own. Running this file as a module starts the guard.
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
    """Raised when a signal asks this command to end; the command then ends as after Ctrl-C."""

    number = signal.SIGINT  # the last signal received


def stop_on_signals() -> None:
    """Make SIGTERM and SIGHUP raise `Stopped`; a signal that is ignored (`nohup`) stays ignored."""

    def stop(number: int, _frame: object) -> None:
        Stopped.number = signal.Signals(number)
        raise Stopped

    for number in SIGNALS:
        if signal.getsignal(number) == signal.SIG_DFL:
            signal.signal(number, stop)


def end_with_parent(parent: int) -> None:
    """Make this worker process end when the process `parent` (its id) has ended.

    Otherwise the worker would wait for work for ever. Ctrl-C reaches both the worker and its
    parent. The worker ignores Ctrl-C, so that the parent decides whether the worker ends.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    Thread(target=_exit_after, args=(parent,), daemon=True).start()


def _exit_after(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(POLL_INTERVAL)
    os._exit(1)


def run_server(command: Sequence[str], environment: Mapping[str, str]) -> int:
    """Run a server until the server or this process ends; return the exit code of the server.

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
    """End all processes of the process group with the id `group`.

    They get SIGTERM first. When the process `leader`, which leads the group, has ended, or after
    `GRACE_PERIOD` (10 s), the processes that still run get SIGKILL.
    """
    for number in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(group, number)
            leader.wait(GRACE_PERIOD)
        except ProcessLookupError:
            return
        except subprocess.TimeoutExpired:
            continue


def _guard(parent: int, command: Sequence[str]) -> None:
    """Run a server; if the process `parent` ends, end the server and all processes it started."""
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
