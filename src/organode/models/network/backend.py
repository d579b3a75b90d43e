"""TensorFlow and Keras, imported without the native start-up chatter about absent devices."""

import os
import sys


def _silently() -> None:
    if "tensorflow" in sys.modules:
        return
    sys.stderr.flush()
    kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        import tensorflow

        tensorflow.config.list_physical_devices()  # what looks for a GPU, and complains
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)
    tensorflow.get_logger().setLevel("ERROR")  # each network is traced once, which it warns of


_silently()

import keras  # noqa: E402
import tensorflow as tf  # noqa: E402

# One core a network: the same sums on any number of cores, and networks side by side instead.
tf.config.threading.set_intra_op_parallelism_threads(1)

__all__ = ["keras", "tf"]
