"""Studies and runs in PostgreSQL, by a server of the test's own."""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import optuna
import pytest

from helpers import PROGRAM, free_port, set_params, started, wait_until

psycopg = pytest.importorskip("psycopg")


def program(name: str) -> str:
    """Return where a program of the server is; Debian keeps them apart."""
    found = shutil.which(name) or next(
        map(str, sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), reverse=True)), None
    )
    if found is None:
        pytest.skip(f"no {name}: install Debian's postgresql, or the like")
    return found


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """The address of a server, less the database."""
    initdb, postgres = program("initdb"), program("postgres")
    # It refuses to be root's, and has to reach its folder.
    user = pwd.getpwnam("nobody") if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())
    as_user = {"user": user.pw_uid, "group": user.pw_gid} if os.geteuid() == 0 else {}
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="organode-pg-", dir="/tmp") as folder:
        os.chown(folder, user.pw_uid, user.pw_gid)
        data = f"{folder}/data"
        subprocess.run(
            [initdb, "-D", data, "-A", "trust", "-U", "test", "--no-sync"],
            check=True,
            capture_output=True,
            **as_user,
        )
        process = subprocess.Popen(
            [postgres, "-D", data, "-h", "127.0.0.1", "-p", str(port), "-k", folder, "-F"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            **as_user,
        )
        address = f"postgresql://test@127.0.0.1:{port}"

        def answers() -> bool:
            try:
                psycopg.connect(f"{address}/postgres").close()
            except psycopg.OperationalError:
                return False
            return True

        try:
            wait_until(answers, process)
            yield address
        finally:
            process.send_signal(signal.SIGINT)  # SIGTERM would wait for clients to disconnect
            process.wait()


@pytest.fixture
def databases(server: str) -> tuple[str, str]:
    """The addresses of two empty databases, for runs and for studies."""
    with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
        for name in ("runs", "studies"):
            connection.execute(f"CREATE DATABASE {name}")
    return f"{server}/runs", f"{server}/studies"


@pytest.mark.slow
def test_two_first_processes_on_empty_databases_share_one_study(trained, tmp_path, databases):
    from mlflow import MlflowClient

    runs, studies = databases
    shutil.copy(trained / "params.yaml", tmp_path)
    shutil.copytree(trained / "data", tmp_path / "data")
    set_params(tmp_path, f"search.storage={studies}", "search.n_trials=4", "search.epochs=2")
    with ExitStack() as stack:
        search = partial(
            started, PROGRAM, "search", "IE", cwd=tmp_path, stdout=subprocess.PIPE,
            MLFLOW_TRACKING_URI=runs,
        )  # fmt: skip
        both = [stack.enter_context(search()) for _ in range(2)]
        said = [process.communicate()[0] for process in both]
    assert [process.returncode for process in both] == [0, 0], said

    (name,) = optuna.get_all_study_names(studies)
    trials = optuna.load_study(study_name=name, storage=studies).get_trials()
    assert 4 <= len(trials) <= 5
    assert len({str(sorted(trial.params.items())) for trial in trials}) == len(trials)
    client = MlflowClient(runs)
    found = client.get_experiment_by_name("organode-IE-search")
    logged = client.search_runs([found.experiment_id], "tags.organode.stage = 'trial'")
    assert sorted(int(run.data.tags["organode.trial"]) for run in logged) == [
        trial.number for trial in trials
    ]
