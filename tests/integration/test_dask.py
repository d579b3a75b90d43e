"""The same screening on a Dask cluster, also where a worker dies."""

import subprocess
import sys
from contextlib import ExitStack

import pandas as pd
import pytest

from helpers import PROGRAM, free_port, kill, run_ok, started, wait_until
from organode.library.engine import Run, started_workers
from screening import WIDE, contents

pytest.importorskip("distributed")


@pytest.fixture
def library(trained, tmp_path):
    smiles = pd.read_csv(trained / "data/embedded/molecules.csv")["smiles"].tolist()
    path = tmp_path / "library.smi"
    path.write_text("\n".join(smiles * 18) + "\n")  # nine thousand rows, five chunks
    return path


@pytest.fixture
def cluster(trained):
    """A scheduler and two workers on loopback; yields address and workers."""
    port = free_port()
    dask = [sys.executable, "-m", "distributed.cli.dask_scheduler", "--host", "127.0.0.1",
            "--port", str(port), "--no-dashboard"]  # fmt: skip
    address = f"tcp://127.0.0.1:{port}"
    worker = [sys.executable, "-m", "distributed.cli.dask_worker", address, "--nthreads", "1",
              "--no-nanny", "--no-dashboard", "--host", "127.0.0.1"]  # fmt: skip
    with ExitStack() as stack:
        stack.enter_context(started(*dask, cwd=trained))
        yield address, [stack.enter_context(started(*worker, cwd=trained)) for _ in range(2)]


@pytest.mark.slow
def test_a_killed_worker_loses_nothing_and_the_result_is_the_same(
    trained, library, cluster, tmp_path
):
    address, workers = cluster
    run_ok("screen", library, "--out", tmp_path / "here", *WIDE, "--jobs", "1", cwd=trained)
    command = [PROGRAM, "screen", library, "--out", tmp_path / "there", *WIDE, "--engine", "dask",
               "--scheduler", address]  # fmt: skip
    with started(*command, cwd=trained, stdout=subprocess.PIPE) as process:
        parts = tmp_path / ".there.parts"
        wait_until(lambda: list(parts.glob("whole/*/*-rows.arrow")), process)
        assert process.poll() is None, "it ended before a worker could be killed"
        kill(workers[0])
        said, _ = process.communicate()
    assert process.returncode == 0, said
    assert contents(tmp_path / "there") == contents(tmp_path / "here")


def test_a_scheduler_that_is_not_there_is_said(trained, tmp_path, called):
    done = called(
        "screen", "data/embedded/library.csv", "--out", tmp_path / "out", "--scheduler",
        f"tcp://127.0.0.1:{free_port()}", cwd=trained,
    )  # fmt: skip
    assert done.returncode == 1
    assert "no Dask scheduler answers" in " ".join(done.stderr.split())


def test_a_cluster_on_this_machine_answers_nobody_else():
    """Whoever reaches a scheduler can have it run anything."""
    from distributed import Client

    with started_workers(Run("dask", 1, None), 10) as workers:
        address = workers.client.scheduler.address
        assert address.startswith("tls://127.0.0.1:")
        assert workers.client.submit(abs, -3).result() == 3
        for stranger in (address.replace("tls", "tcp"), address):
            with pytest.raises((OSError, TypeError, ValueError)):
                Client(stranger, timeout="3s")


def test_an_address_is_for_dask(trained, tmp_path, called):
    done = called(
        "screen", "data/embedded/library.csv", "--out", tmp_path / "out", "--engine", "serial",
        "--scheduler", f"tcp://127.0.0.1:{free_port()}", cwd=trained,
    )  # fmt: skip
    assert done.returncode == 2
    assert "is for --engine dask" in " ".join(done.stderr.split())
