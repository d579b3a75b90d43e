"""TensorFlow and Keras, imported without TensorFlow's start-up messages, as on a missing GPU."""

import os
import sys


def _import_silently() -> None:
    if "tensorflow" in sys.modules:
        return
    sys.stderr.flush()
    stderr, devnull = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(devnull, 2)
        import tensorflow

        tensorflow.config.list_physical_devices()  # looks for a GPU, and complains without one
    finally:
        os.dup2(stderr, 2)
        os.close(stderr)
        os.close(devnull)
    # Each network is traced once, which TensorFlow warns about.
    tensorflow.get_logger().setLevel("ERROR")


_import_silently()

import keras  # noqa: E402
import tensorflow as tf  # noqa: E402

# One core for each network: the same sums on any number of cores; folds run in parallel instead.
tf.config.threading.set_intra_op_parallelism_threads(1)

__all__ = ["keras", "tf"]
