"""TensorFlow as the project imports it."""

import subprocess
import sys

import pytest

from helpers import environment
from organode.models.network.backend import device, gpus, tf

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
    ("found", "cuda", "expected"),
    [
        ([], True, "on the CPU only: no CUDA found"),
        ([], False, "on the CPU only: this TensorFlow was built without CUDA"),
        (["/gpu:0"], True, "on NVIDIA Made-up"),
    ],
)
def test_device_is_named(found, cuda, expected, monkeypatch):
    monkeypatch.setattr(tf.config, "list_physical_devices", lambda kind: found)
    monkeypatch.setattr(tf.test, "is_built_with_cuda", lambda: cuda)
    details = {"device_name": "NVIDIA Made-up"}
    monkeypatch.setattr(tf.config.experimental, "get_device_details", lambda gpu: details)
    assert device().startswith(expected)


def test_gpus_are_named(monkeypatch):
    found = ["/physical_device:GPU:0", "/physical_device:GPU:1"]
    monkeypatch.setattr(tf.config, "list_physical_devices", lambda kind: found)
    assert gpus() == ["/GPU:0", "/GPU:1"]
    found.clear()
    assert gpus() == []


def test_matrix_products_are_in_single_precision_on_every_device():
    assert not tf.config.experimental.tensor_float_32_execution_enabled()
