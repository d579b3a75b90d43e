"""A tracking server that dies while a search runs."""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from helpers import (
    PROGRAM,
    environment,
    free_port,
    kill,
    organode,
    set_params,
    started,
    wait_for,
    wait_until,
)


class Server:
    """An MLflow server that can be killed and started again on the same store."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, free_port()
        self.uri = f"http://127.0.0.1:{self.port}"
        self.start()

    def start(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "mlflow", "server", "--port", str(self.port), "--workers", "1",
             "--backend-store-uri", f"sqlite:///{self.folder}/server.db",
             "--default-artifact-root", str(self.folder / "artifacts")],
            env=environment(MLFLOW_SERVER_ENABLE_JOB_EXECUTION="false"),
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            process_group=0,
        )  # fmt: skip
        wait_for(f"{self.uri}/health", self.process)

    def kill(self) -> None:
        kill(self.process)

    def states(self) -> dict[int, list[str]]:
        """Return the states of each logged trial's runs, read from the store itself."""
        from mlflow import MlflowClient

        client = MlflowClient(f"sqlite:///{self.folder}/server.db")
        experiment = client.get_experiment_by_name("organode-IE-search")
        if experiment is None:
            return {}
        runs = client.search_runs([experiment.experiment_id], "tags.organode.stage = 'trial'")
        states: dict[int, list[str]] = {}
        for run in runs:
            states.setdefault(int(run.data.tags["organode.trial"]), []).append(run.info.status)
        return states


@pytest.fixture
def project(trained, tmp_path):
    shutil.copy(trained / "params.yaml", tmp_path)
    shutil.copytree(trained / "data", tmp_path / "data")
    set_params(tmp_path, "search.n_trials=4", "search.epochs=6")
    return tmp_path


@pytest.fixture
def server(tmp_path):
    server = Server(tmp_path)
    yield server
    server.kill()


@contextmanager
def searching(project: Path, server: Server) -> Iterator[subprocess.Popen]:
    """Run a search until its first trial is logged."""
    with started(
        PROGRAM,
        "search",
        "IE",
        cwd=project,
        stdout=subprocess.PIPE,
        MLFLOW_TRACKING_URI=server.uri,
    ) as search:
        wait_until(server.states, search)
        yield search


def each_ended_once(server: Server) -> bool:
    """Tell whether all four trials have one run, complete (FINISHED) or pruned (KILLED)."""
    states = server.states()
    return set(states) == set(range(4)) and all(
        runs in (["FINISHED"], ["KILLED"]) for runs in states.values()
    )


@pytest.mark.slow
def test_server_restarted_during_a_search_has_every_trial_once(project, server):
    with searching(project, server) as search:
        server.kill()
        assert search.poll() is None  # still searching
        before = server.states()
        assert before
        assert len(before) < 4
        server.start()
        said, _ = search.communicate()
    assert search.returncode == 0, said
    assert each_ended_once(server)


@pytest.mark.slow
def test_trials_are_logged_by_the_next_start_if_the_server_stays_down(project, server):
    with searching(project, server) as search:
        server.kill()
        said, _ = search.communicate()
    assert search.returncode == 1
    assert "trials are logged later" in " ".join(said.split())
    assert "start the same command again" in " ".join(said.split())
    best = (project / "results/search/IE/best.yaml").read_text()
    server.start()
    again = organode("search", "IE", cwd=project, MLFLOW_TRACKING_URI=server.uri)
    assert again.returncode == 0, again.stderr
    assert "after 4 finished trials" in " ".join(again.stderr.split())
    assert each_ended_once(server)
    assert (project / "results/search/IE/best.yaml").read_text() == best
