"""What all tests share: an environment of their own, commands and servers, a trained project."""

import atexit
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
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from unittest import mock

import pandas as pd
import pytest
from filelock import FileLock

# What the environment of the person who runs the tests says: servers and keys, proxies, git's and
# DVC's settings, the width and the colours of a terminal. A test that needs one of them sets it.
PERSONAL = (
    "COLUMNS", "DASK_", "DVC_", "FORCE_COLOR", "GIT_", "KERAS_", "LINES", "MLFLOW_", "MPLCONFIGDIR",
    "MP_API", "NO_COLOR", "OPTUNA_", "PMG_", "PYTHONWARNINGS", "TF_", "TTY_", "XDG_",
)  # fmt: skip


def _personal(name: str) -> bool:
    return name.startswith(PERSONAL) or name.lower().endswith("_proxy")


def _isolate() -> None:
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
    "TERM": "dumb",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "TF_ENABLE_ONEDNN_OPTS": "0",  # as the commands do: the same sums on every x86 machine
}
_isolate()  # before anything is imported that reads the environment

import hypothesis  # noqa: E402

# No deadlines: a machine may be busy. The same examples each time: a failure can be repeated.
hypothesis.settings.register_profile(
    "tests", deadline=None, derandomize=True, database=None,
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
)  # fmt: skip
hypothesis.settings.load_profile("tests")

ROOT = Path(__file__).parents[1]
SMALL = [
    "search.n_trials=2", "search.n_folds=1", "search.epochs=15", "search.widths=[64, 128]",
    "search.n_layers=[1, 2]", "search.n_bits=[1024, 2048]", "search.radius=[0, 1]",
    "search.batch_size=[32, 64]", "train.epochs=40", "split.n_folds=3",
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
        cwd=cwd, env=environment(**more), capture_output=True, text=True, stdin=subprocess.DEVNULL,
    )  # fmt: skip


@pytest.fixture
def called(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run the command in this process: a start costs more than most of what a test asks for."""
    from organode.cli import main as cli

    def run(*arguments: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
        words = ["organode", *map(str, arguments)]
        monkeypatch.chdir(cwd)
        monkeypatch.setattr(sys, "argv", words)
        monkeypatch.setattr("organode.utils.progress.console.quiet", False)  # `--quiet` stays on
        capfd.readouterr()
        with mock.patch.dict(os.environ), pytest.raises(SystemExit) as ended:
            cli.main()
        return subprocess.CompletedProcess(words, int(ended.value.code or 0), *capfd.readouterr())

    return run


@pytest.fixture
def called_ok(
    called: Callable[..., subprocess.CompletedProcess[str]],
) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run the command in this process; it has to succeed."""

    def run(*arguments: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
        done = called(*arguments, cwd=cwd)
        assert done.returncode == 0, f"{arguments}\n{done.stdout}\n{done.stderr}"
        return done

    return run


def run_ok(*arguments: str | Path, cwd: Path, **more: str) -> subprocess.CompletedProcess[str]:
    """Run the command; it has to succeed."""
    done = organode(*arguments, cwd=cwd, **more)
    assert done.returncode == 0, f"{arguments}\n{done.stdout}\n{done.stderr}"
    return done


STAGES = """
import sys
from organode.cli.main import main

for stage in sys.argv[1:]:
    sys.argv = ["organode", *stage.split()]
    try:
        main()
    except SystemExit as ended:
        if ended.code:
            raise
"""


def run_stages(*stages: str, cwd: Path) -> None:
    """Run stages one after another as `run_ok` does, in one process: TensorFlow starts once."""
    done = subprocess.run(
        [sys.executable, "-c", STAGES, *stages], cwd=cwd, env=environment(), capture_output=True,
        text=True, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    assert done.returncode == 0, f"{stages}\n{done.stdout}\n{done.stderr}"


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


COLLECTED = pytest.StashKey[list[str]]()


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Keep what was collected before tests are deselected or put in another order.

    The longest file comes first: it needs no trained project, which another worker makes meanwhile.
    """
    items.sort(key=lambda item: item.path.name != "test_dvc.py")
    config.stash[COLLECTED] = [item.nodeid for item in items]


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Name bytes by their parameter: the time may be in them, and workers must agree on names."""
    return argname if isinstance(val, bytes) else None


@pytest.fixture(autouse=True)
def _variables_stay() -> Iterator[None]:
    """Undo what a test, or a library in it, changed of the environment and the working folder."""
    folder = Path.cwd()
    with mock.patch.dict(os.environ):
        yield
    os.chdir(folder)


@pytest.fixture(scope="session")
def root() -> Path:
    """The project's folder."""
    return ROOT


@pytest.fixture(scope="session")
def embedded() -> pd.DataFrame:
    """The embedded data set."""
    return pd.read_csv(ROOT / "data/embedded/molecules.csv")


@pytest.fixture(scope="session")
def as_user() -> list[str]:
    """What to run a command through (see `organode`) so that permissions hold for root too."""
    if os.geteuid() != 0:
        return []
    powerless = ["setpriv", "--bounding-set=-dac_override,-dac_read_search", "--inh-caps=-all"]
    if shutil.which(powerless[0]) is None or subprocess.run([*powerless, "true"]).returncode:
        pytest.skip("root may read and write whatever it likes, and setpriv does not work here")
    return powerless


def new_project(folder: Path, embedded: pd.DataFrame, rows: int = 500) -> Path:
    """Make a project folder around the first rows of the embedded set."""
    (folder / "data/embedded").mkdir(parents=True)
    embedded.head(rows).to_csv(folder / "data/embedded/molecules.csv", index=False)
    library = pd.read_csv(ROOT / "data/embedded/library.csv").head(200)
    library.to_csv(folder / "data/embedded/library.csv", index=False)
    shutil.copytree(ROOT / "data/measured", folder / "data/measured")
    shutil.copy(ROOT / "params.yaml", folder)
    set_params(folder, *SMALL)
    return folder


@pytest.fixture(scope="session")
def trained(tmp_path_factory: pytest.TempPathFactory, embedded: pd.DataFrame) -> Path:
    """A project whose chain has run up to registered models. Read it, do not change it."""
    base = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" not in os.environ:
        return _train(base / "trained", embedded)
    # The processes that run tests side by side share one; the first to ask makes it.
    folder, done = base.parent / "trained", base.parent / "trained.done"
    with FileLock(base.parent / "trained.lock"):
        if not done.exists():
            shutil.rmtree(folder, ignore_errors=True)
            _train(folder, embedded)
            done.touch()
    return folder


def _train(folder: Path, embedded: pd.DataFrame) -> Path:
    new_project(folder, embedded)
    stages = ["search", "train", "calibrate", "evaluate", "register"]
    learning = [f"{stage} {target}" for target in ("IE", "EA") for stage in stages]
    lasting = ["stability", "register stability"]
    run_stages("fetch", "curate", "split", "featurize", *learning, *lasting, cwd=folder)
    return folder


@pytest.fixture
def project(trained: Path, tmp_path: Path) -> Path:
    """A copy of the trained project to change.

    Its own from the first command on: that makes the copied registry's locations the copy's.
    """
    return Path(shutil.copytree(trained, tmp_path / "project"))
