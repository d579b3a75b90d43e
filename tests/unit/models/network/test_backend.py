"""TensorFlow as the project imports it."""

import subprocess
import sys

import pytest

from helpers import environment
from organode.models.network.backend import device, devices, tf

IMPORT = """
import sys
from organode.models.network.backend import keras, tf
print(tf.config.threading.get_intra_op_parallelism_threads())
print("after", file=sys.stderr)
"""


def test_import_is_silent_and_leaves_standard_error_as_it_was(tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", IMPORT], cwd=tmp_path, env=environment(), capture_output=True,
        text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stderr == "after\n"
    assert done.stdout == "1\n"  # one core for each network


@pytest.mark.parametrize(
    ("gpus", "cuda", "expected"),
    [
        ([], True, "on the CPU only: no CUDA found"),
        ([], False, "on the CPU only: this TensorFlow was built without CUDA"),
        (["/gpu:0"], True, "on NVIDIA Made-up"),
    ],
)
def test_device_is_named(gpus, cuda, expected, monkeypatch):
    monkeypatch.setattr(tf.config, "list_physical_devices", lambda kind: gpus)
    monkeypatch.setattr(tf.test, "is_built_with_cuda", lambda: cuda)
    details = {"device_name": "NVIDIA Made-up"}
    monkeypatch.setattr(tf.config.experimental, "get_device_details", lambda gpu: details)
    assert device().startswith(expected)


def test_one_network_on_each_gpu_or_core(monkeypatch):
    gpus = ["/gpu:0", "/gpu:1"]
    monkeypatch.setattr(tf.config, "list_physical_devices", lambda kind: gpus)
    assert devices(4) == ["/GPU:0", "/GPU:1"]
    gpus.clear()
    assert devices(3) == ["/CPU:0"] * 3
