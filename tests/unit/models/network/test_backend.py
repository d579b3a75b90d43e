"""TensorFlow as the project imports it."""

import subprocess
import sys

from helpers import environment

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
