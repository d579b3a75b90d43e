"""A small real project that many tests share: fetched, curated, split, featurized, trained."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pandas as pd
import pytest
from filelock import FileLock

ROOT = Path(__file__).parents[1]
SMALL = [
    "search.n_trials=2", "search.n_folds=1", "search.epochs=15", "search.widths=[64, 128]",
    "search.n_layers=[1, 2]", "search.n_bits=[1024, 2048]", "search.radius=[0, 1]",
    "search.batch_size=[32, 64]", "train.epochs=40", "split.n_folds=3",
]  # fmt: skip


def environment(**more: str) -> dict[str, str]:
    """The variables of a user's shell, less what could lead a test to a real server or key."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("MLFLOW_", "MP_API", "DVC_"))
    }
    kept["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{kept['PATH']}"
    return kept | more


def organode(*arguments: str | Path, cwd: Path, **more: str) -> subprocess.CompletedProcess[str]:
    """Run the command as a user does."""
    return subprocess.run(
        [Path(sys.executable).parent / "organode", *map(str, arguments)],
        cwd=cwd, env=environment(**more), capture_output=True, text=True, timeout=300,
        stdin=subprocess.DEVNULL,
    )  # fmt: skip


def run_ok(*arguments: str | Path, cwd: Path, **more: str) -> subprocess.CompletedProcess[str]:
    """Run the command; it has to succeed."""
    done = organode(*arguments, cwd=cwd, **more)
    assert done.returncode == 0, f"{arguments}\n{done.stdout}\n{done.stderr}"
    return done


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


def free_port() -> int:
    """A port of this machine that nobody listens at."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


def wait_for(url: str, process: subprocess.Popen, seconds: float = 120) -> None:
    """Wait until a server answers."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        assert process.poll() is None, "the server ended"
        try:
            urllib.request.urlopen(url, timeout=5).read()
            return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.3)
    raise AssertionError(f"{url} did not answer")


def stop(process: subprocess.Popen) -> None:
    """End a server."""
    process.terminate()
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        process.kill()


@pytest.fixture(scope="session")
def root() -> Path:
    """The project's folder."""
    return ROOT


@pytest.fixture(scope="session")
def embedded() -> pd.DataFrame:
    """The embedded data set."""
    return pd.read_csv(ROOT / "data/embedded/molecules.csv")


def new_project(folder: Path, embedded: pd.DataFrame, rows: int = 500) -> Path:
    """Make a project folder around the first rows of the embedded set."""
    (folder / "data/embedded").mkdir(parents=True)
    embedded.head(rows).to_csv(folder / "data/embedded/molecules.csv", index=False)
    library = pd.read_csv(ROOT / "data/embedded/library.csv").head(200)
    library.to_csv(folder / "data/embedded/library.csv", index=False)
    shutil.copy(ROOT / "params.yaml", folder)
    set_params(folder, *SMALL)
    return folder


@pytest.fixture(scope="session")
def trained(tmp_path_factory: pytest.TempPathFactory, embedded: pd.DataFrame) -> Path:
    """A project whose chain has run up to two registered models. Read it, do not change it."""
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
    for stage in ("fetch", "curate", "split", "featurize"):
        run_ok(stage, cwd=folder)
    for target in ("IE", "EA"):
        for stage in ("search", "train", "calibrate", "evaluate", "register"):
            run_ok(stage, target, cwd=folder)
    return folder


@pytest.fixture
def project(trained: Path, tmp_path: Path) -> Path:
    """A copy of the trained project to change.

    Its own from the first command on: that makes the copied registry's locations the copy's.
    """
    return Path(shutil.copytree(trained, tmp_path / "project"))
