"""Fixtures and hooks of all tests: the command in this process, a trained project."""

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from unittest import mock

import pytest
from filelock import FileLock

from helpers import COLLECTED, ROOT, isolate, new_project, run_all, run_here

isolate()  # before anything is imported that reads the environment

import hypothesis  # noqa: E402
import pandas as pd  # noqa: E402
import sqlalchemy  # noqa: E402

# No deadlines: a machine may be busy. The same examples each time: a failure can be repeated.
hypothesis.settings.register_profile(
    "tests",
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
)
hypothesis.settings.load_profile("tests")


@pytest.fixture
def called(capfd: pytest.CaptureFixture[str]) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run the command by `run_here`, and return what it wrote."""

    def run(*arguments: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
        capfd.readouterr()
        status = run_here(*arguments, cwd=cwd)
        words = ["organode", *map(str, arguments)]
        return subprocess.CompletedProcess(words, status, *capfd.readouterr())

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


@pytest.fixture(scope="session", autouse=True)
def _migrated_once(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Copy MLflow's empty database for each new store: its fifty migrations take a second."""
    from mlflow.store.db import utils

    migrate, made = utils._initialize_tables, tmp_path_factory.mktemp("mlflow") / "empty.db"

    def initialize(engine: sqlalchemy.Engine) -> None:
        if engine.dialect.name != "sqlite" or not utils._is_empty_database(engine):
            migrate(engine)
            return
        if not made.exists():
            migrate(sqlalchemy.create_engine(f"sqlite:///{made}"))
        with closing(sqlite3.connect(made)) as empty, closing(engine.raw_connection()) as new:
            empty.backup(new.driver_connection)

    with mock.patch.object(utils, "_initialize_tables", initialize):
        yield


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
    chain = ["fetch", "curate", "split", "featurize", *learning, *lasting]
    run_all(*(stage.split() for stage in chain), cwd=folder)
    return folder


@pytest.fixture
def project(trained: Path, tmp_path: Path) -> Path:
    """A copy of the trained project to change.

    Its own from the first command on: that makes the copied registry's locations the copy's.
    """
    return Path(shutil.copytree(trained, tmp_path / "project"))
