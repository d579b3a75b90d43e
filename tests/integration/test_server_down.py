"""A tracking server that dies while a search runs."""

import shutil
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from conftest import environment, free_port, organode, set_params, stop, wait_for


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
        subprocess.run(["kill", "-9", "--", f"-{self.process.pid}"], check=True)
        self.process.wait()

    def states(self) -> dict[int, list[str]]:
        """Return the states of each logged trial's runs, read from the store itself."""
        from mlflow import MlflowClient

        client = MlflowClient(f"sqlite:///{self.folder}/server.db")
        found = client.get_experiment_by_name("organode-IE-search")
        if found is None:
            return {}
        runs = client.search_runs([found.experiment_id], "tags.organode.stage = 'trial'")
        states: dict[int, list[str]] = {}
        for run in runs:
            states.setdefault(int(run.data.tags["organode.trial"]), []).append(run.info.status)
        return states


@pytest.fixture
def project(trained, tmp_path):
    shutil.copy(trained / "params.yaml", tmp_path)
    shutil.copytree(trained / "data", tmp_path / "data")
    set_params(tmp_path, "search.n_trials=4", "search.epochs=12")
    return tmp_path


@pytest.fixture
def server(tmp_path):
    made = Server(tmp_path)
    yield made
    stop(made.process)


def start_search(project: Path, server: Server) -> subprocess.Popen:
    """Start a search; return once its first trial is logged."""
    search = subprocess.Popen(
        [Path(sys.executable).parent / "organode", "search", "IE"], cwd=project, text=True,
        env=environment(MLFLOW_TRACKING_URI=server.uri),
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    end = time.monotonic() + 120
    while not server.states() and time.monotonic() < end:
        time.sleep(0.1)
    return search


def test_a_server_killed_and_restarted_in_the_middle_has_every_trial_once(project, server):
    search = start_search(project, server)
    server.kill()
    assert search.poll() is None  # still searching
    before = server.states()
    assert before
    assert len(before) < 4
    time.sleep(1)
    server.start()
    said, _ = search.communicate(timeout=280)
    assert search.returncode == 0, said
    assert server.states() == {trial: ["FINISHED"] for trial in range(4)}


@pytest.mark.slow
def test_a_server_that_stays_away_loses_nothing(project, server):
    search = start_search(project, server)
    server.kill()
    said, _ = search.communicate(timeout=280)
    assert search.returncode == 1
    assert "trials are logged later" in " ".join(said.split())
    assert "start the same command again" in " ".join(said.split())
    best = (project / "results/search/IE/best.yaml").read_text()
    server.start()
    again = organode("search", "IE", cwd=project, MLFLOW_TRACKING_URI=server.uri)
    assert again.returncode == 0, again.stderr
    assert "after 4 finished trials" in " ".join(again.stderr.split())
    assert Counter(map(tuple, server.states().values())) == {("FINISHED",): 4}
    assert (project / "results/search/IE/best.yaml").read_text() == best
