"""What a command starts, and what it finds beside its result, in a place that others share."""

import os
import pickle
import signal
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from faults import Planted
from helpers import Marked, environment, free_port, organode, wait_for
from screening import WIDE, contents

ORGANODE = Path(sys.executable).parent / "organode"
in_proc = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks into /proc")


def library(folder: Path, rows: int) -> Path:
    smiles = pd.read_csv(Path(__file__).parents[2] / "data/embedded/molecules.csv")["smiles"]
    (folder / "library.smi").write_text("\n".join(np.resize(smiles, rows)) + "\n")
    return folder / "library.smi"


@in_proc
@pytest.mark.parametrize(
    ("number", "engine"),
    [
        (signal.SIGKILL, "processes"),
        pytest.param(signal.SIGTERM, "processes", marks=pytest.mark.slow),
        pytest.param(signal.SIGKILL, "dask", marks=pytest.mark.slow),
    ],
)
def test_no_worker_outlives_its_command(trained, tmp_path, number, engine):
    if engine == "dask":
        pytest.importorskip("distributed")
    out = tmp_path / "out"
    marked = Marked(
        [ORGANODE, "screen", library(tmp_path, 480_000), "--out", out, *WIDE,
         "--engine", engine, "--jobs", "2"],
        cwd=trained, environment=environment(),
    )  # fmt: skip
    try:
        marked.wait_for_processes(4)  # itself, a tracker of resources, two workers
        marked.started.send_signal(number)
        _, said = marked.started.communicate(timeout=240)
        marked.wait_for_none()
        if number == signal.SIGTERM:
            assert marked.started.returncode == 143
            assert "start the same command again" in said
            assert "Traceback" not in said
        assert not out.exists()
    finally:
        marked.kill_all()


@in_proc
@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_no_worker_outlives_labelling_or_building(trained, tmp_path, number):
    molecules = library(tmp_path, 240_000)
    for command in (["label", molecules, "--out", tmp_path / "labels.csv", "--jobs", "2"],
                    ["library", "build", molecules, "--out", tmp_path / "built",
                     "--engine", "processes", "--jobs", "2"]):  # fmt: skip
        marked = Marked([ORGANODE, *command], cwd=trained, environment=environment())
        try:
            marked.wait_for_processes(4)
            marked.started.send_signal(number)
            marked.started.wait(timeout=240)
            marked.wait_for_none()
        finally:
            marked.kill_all()


@in_proc
@pytest.mark.parametrize(
    "number", [signal.SIGKILL, pytest.param(signal.SIGTERM, marks=pytest.mark.slow)]
)
def test_the_pages_server_ends_with_its_command(trained, tmp_path, number):
    port = free_port()
    marked = Marked(
        [ORGANODE, "ui", "--port", str(port)],
        cwd=tmp_path,
        environment=environment(MLFLOW_TRACKING_URI=f"sqlite:///{trained}/mlflow.db"),
    )
    try:
        wait_for(f"http://127.0.0.1:{port}/health", marked.started)
        assert len(marked.alive()) > 1
        marked.started.send_signal(number)
        marked.started.wait(timeout=120)
        marked.wait_for_none()
    finally:
        marked.kill_all()


@pytest.mark.parametrize("how", ["writable", "link", "foreign"])
def test_a_folder_planted_beside_the_result_is_not_read(trained, tmp_path, how):
    if how == "foreign" and os.geteuid() != 0:
        pytest.skip("only root gives files away")
    proof, parts = tmp_path / "proof", tmp_path / ".out.parts"
    real = tmp_path / "theirs" if how == "link" else parts
    real.mkdir(mode=0o700)
    for name in ("models.joblib", "models.arrays", "estimator.npz", "job.json"):
        (real / name).write_bytes(pickle.dumps(Planted(proof)))
    if how == "writable":
        real.chmod(0o777)
    elif how == "link":
        parts.symlink_to(real)
    else:
        os.chown(real, 65534, -1)
    before = contents(real)
    for molecules in ["data/embedded/library.csv", *(["-"] if how == "link" else [])]:
        done = organode(
            "screen", molecules, "--out", tmp_path / "out", "--engine", "processes", cwd=trained
        )
        assert done.returncode == 2
        assert "is not trusted: remove it" in " ".join(done.stderr.split())
    assert contents(real) == before
    assert not proof.exists()
    assert not (tmp_path / "out").exists()
