"""Helpers of all tests: an isolated environment, commands, servers, processes, faults."""

from __future__ import annotations

import atexit
import io
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import chdir, contextmanager, redirect_stdout, suppress
from pathlib import Path
from typing import TYPE_CHECKING
from unittest import mock

import pytest

if TYPE_CHECKING:  # `isolate` has to come before anything that loads a BLAS
    import pandas as pd

# What the environment of the person who runs the tests says: servers and keys, proxies, git's and
# DVC's settings, the width and the colours of a terminal; that Python compiles every module at each
# start. A test that needs one of them sets it.
PERSONAL = (
    "COLUMNS", "DASK_", "DVC_", "FORCE_COLOR", "GIT_", "KERAS_", "LINES", "MLFLOW_", "MPLCONFIGDIR",
    "MP_API", "NO_COLOR", "OPTUNA_", "PMG_", "PYTHONDONTWRITEBYTECODE", "PYTHONWARNINGS", "TF_",
    "TTY_", "XDG_",
)  # fmt: skip


def _personal(name: str) -> bool:
    return name.startswith(PERSONAL) or name.lower().endswith("_proxy")


def isolate() -> None:
    """Take this process, and all that it starts, out of the environment of who runs it."""
    for name in filter(_personal, list(os.environ)):
        del os.environ[name]
    if "PYTEST_XDIST_WORKER" not in os.environ:  # workers share the home of their controller
        home = tempfile.mkdtemp(prefix="organode-tests-home-")
        atexit.register(shutil.rmtree, home, ignore_errors=True)
        os.environ["HOME"] = home
    os.environ |= FIXED
    # `nohup`, and a shell's background, ignore signals; what is started here would ignore them too.
    for name, action in SIGNALS.items():
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) == signal.SIG_IGN:
            signal.signal(number, action)


SIGNALS = {
    "SIGHUP": signal.SIG_DFL,
    "SIGINT": signal.default_int_handler,
    "SIGTERM": signal.SIG_DFL,
}
FIXED = {
    "DO_NOT_TRACK": "true",
    "DVC_NO_ANALYTICS": "true",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "MLFLOW_DISABLE_TELEMETRY": "true",
    # On a busy machine the threads of OpenBLAS and OpenMP spend their time waiting for each other:
    # some tests of labels took eight times as long.
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "TERM": "dumb",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "TF_ENABLE_ONEDNN_OPTS": "0",  # as the commands do: the same sums on every x86 machine
}

ROOT = Path(__file__).parents[1]
SMALL = [
    "search.n_trials=2", "search.n_folds=1", "search.epochs=15", "search.widths=[64, 128]",
    "search.n_layers=[1, 2]", "search.n_bits=[1024, 2048]", "search.radius=[0, 1]",
    "search.batch_size=[32, 64]", "pretrain.epochs=0", "train.epochs=40", "split.n_folds=3",
]  # fmt: skip

PROGRAM = Path(sys.executable).parent / "organode"


def environment(**more: str) -> dict[str, str]:
    """Return the variables of a user's shell, less what could lead a test to a server or a key."""
    kept = {name: value for name, value in os.environ.items() if not _personal(name)}
    kept["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{kept['PATH']}"
    return kept | FIXED | more


def organode(
    *arguments: str | Path, cwd: Path, through: Sequence[str] = (), **more: str
) -> subprocess.CompletedProcess[str]:
    """Run the command as a user does; `through` is the start of a command that runs it."""
    return subprocess.run(
        [*through, PROGRAM, *map(str, arguments)],
        cwd=cwd,
        env=environment(**more),
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
    )


def run_ok(*arguments: str | Path, cwd: Path, **more: str) -> subprocess.CompletedProcess[str]:
    """Run the command; it has to succeed."""
    done = organode(*arguments, cwd=cwd, **more)
    assert done.returncode == 0, f"{arguments}\n{done.stdout}\n{done.stderr}"
    return done


def run(*command, cwd, ok=True):
    program = Path(sys.executable).parent / command[0]
    done = subprocess.run(
        [program if program.exists() else command[0], *command[1:]],
        cwd=cwd,
        env=environment(),
        capture_output=True,
        text=True,
    )
    if ok:
        assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout + done.stderr


def git(*arguments, cwd):
    return run("git", "-c", "user.name=t", "-c", "user.email=t@example.org", *arguments, cwd=cwd)


def run_here(*arguments: str | Path, cwd: Path) -> int:
    """Run the command in this process: a start costs more than most of what a test asks for.

    Returns its exit status.
    """
    from organode.cli import main as cli

    with (
        chdir(cwd),
        mock.patch.dict(os.environ),
        mock.patch.object(sys, "argv", ["organode", *map(str, arguments)]),
        mock.patch("organode.utils.progress.console.quiet", False),  # `--quiet` stays on
        pytest.raises(SystemExit) as ended,
    ):
        cli.main()
    return int(ended.value.code or 0)


def run_all(*commands: Sequence[str | Path], cwd: Path) -> list[str]:
    """Run commands one after another by `run_here`; each has to succeed.

    Returns what each wrote to standard output.
    """
    said = []
    for command in commands:
        with redirect_stdout(io.StringIO()) as output:
            status = run_here(*command, cwd=cwd)
        said.append(output.getvalue())
        assert status == 0, f"{command}\n{said[-1]}"
    return said


def set_params(folder: Path, *settings: str) -> None:
    """Change keys of params.yaml as `dvc exp run -S` would."""
    import yaml

    path = folder / "params.yaml"
    content = yaml.safe_load(path.read_text())
    for setting in settings:
        key, _, value = setting.partition("=")
        *parents, last = key.split(".")
        place = content
        for parent in parents:
            place = place[parent]
        place[last] = yaml.safe_load(value)
    path.write_text(yaml.safe_dump(content, sort_keys=False))


_held: list[socket.socket] = []


def free_port() -> int:
    """Return a port that nobody listens at, and that no other process is given meanwhile.

    Linux lets a server listen at a port that another socket only holds; elsewhere it is let go.
    """
    holder = socket.socket()
    holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    holder.bind(("127.0.0.1", 0))
    port = holder.getsockname()[1]
    if sys.platform == "linux":
        _held.append(holder)
    else:
        holder.close()
    return port


def wait_until(condition: Callable[[], object], process: subprocess.Popen | None = None) -> None:
    """Wait for a condition, while a process lives: as long as it takes on a busy machine.

    Only the limit of a whole test (`timeout` in pyproject.toml), which guards against hanging,
    ends the wait.
    """
    while True:
        ended = process is not None and process.poll() is not None
        if condition():
            return
        assert not ended, "the process ended before what was waited for"
        time.sleep(0.02)


def wait_for(url: str, process: subprocess.Popen) -> None:
    """Wait until a server answers."""

    def answers() -> bool:
        try:
            urllib.request.urlopen(url, timeout=60).read()
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            return False
        return True

    wait_until(answers, process)


@contextmanager
def started(
    *command: str | Path, cwd: Path, stdout: int | None = subprocess.DEVNULL, **more: str
) -> Iterator[subprocess.Popen]:
    """Start a command in a process group of its own; nothing of it outlives the block."""
    process = subprocess.Popen(
        command, cwd=cwd, env=environment(**more), stdin=subprocess.DEVNULL, stdout=stdout,
        stderr=stdout if stdout == subprocess.DEVNULL else subprocess.STDOUT, text=True,
        process_group=0,
    )  # fmt: skip
    try:
        yield process
    finally:
        kill(process)


def kill(process: subprocess.Popen) -> None:
    """End a process that leads its group, and all that it started, by SIGKILL."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def killed_when(condition: Callable[[], object], *command: str | Path, cwd: Path) -> None:
    """Start a command, and kill it with all its processes once a condition holds."""
    with started(*command, cwd=cwd) as process:
        wait_until(condition, process)
        assert process.poll() is None, "it ended before it could be killed"


def new_project(folder: Path, embedded: pd.DataFrame, rows: int = 500) -> Path:
    """Make a project folder around the first rows of the embedded set."""
    import pandas as pd

    (folder / "data/embedded").mkdir(parents=True)
    embedded.head(rows).to_csv(folder / "data/embedded/molecules.csv", index=False)
    library = pd.read_csv(ROOT / "data/embedded/library.csv").head(200)
    library.to_csv(folder / "data/embedded/library.csv", index=False)
    some_ions().to_parquet(folder / "data/embedded/ions.parquet")
    (folder / "data/pretraining").mkdir()
    cheap = pd.read_parquet(ROOT / "data/pretraining/molecules.parquet").head(200)
    cheap.to_parquet(folder / "data/pretraining/molecules.parquet")
    shutil.copytree(ROOT / "data/measured", folder / "data/measured")
    shutil.copy(ROOT / "params.yaml", folder)
    set_params(folder, *SMALL)
    return folder


def some_ions(first: int = 2_000) -> pd.DataFrame:
    """Return the first relaxed ions of the embedded set, and those of some species that react."""
    import pandas as pd

    ions = pd.read_parquet(ROOT / "data/embedded/ions.parquet")
    reacted = ions["changes"].map(len) > 0
    chosen = {*ions["smiles"].head(first)}
    for kind in ("oxidised", "reduced"):
        chosen |= {*ions.loc[reacted & (ions["ion"] == kind), "smiles"].head(30)}
    return ions[ions["smiles"].isin(chosen)].reset_index(drop=True)


COLLECTED = pytest.StashKey[list[str]]()


class Marked:
    """A command that was started, and whatever it starts in turn."""

    def __init__(self, command: list, cwd: Path, environment: dict[str, str] | None = None) -> None:
        self._mark = f"ORGANODE_TEST_{uuid.uuid4().hex}"
        self.started = subprocess.Popen(
            list(map(str, command)),
            cwd=cwd,
            env=(environment or os.environ) | {self._mark: "1"},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )

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
