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
for _gpu in tf.config.list_physical_devices("GPU"):
    tf.config.experimental.set_memory_growth(_gpu, True)  # leaves room for other processes
# A GPU would round the factors of a matrix product to ten bits, and validation errors with them.
tf.config.experimental.enable_tensor_float_32_execution(False)

__all__ = ["device", "gpus", "keras", "tf"]


def device() -> str:
    """Return where networks are trained: the names of the GPUs, or why there is none."""
    found = tf.config.list_physical_devices("GPU")
    if found:
        details = [tf.config.experimental.get_device_details(gpu) for gpu in found]
        return "on " + ", ".join(str(each.get("device_name", "a GPU")) for each in details)
    if not tf.test.is_built_with_cuda():
        return "on the CPU only: this TensorFlow was built without CUDA"
    return "on the CPU only: no CUDA found, or no GPU visible"


def gpus() -> list[str]:
    """Return the names of the GPUs on which networks can be trained, such as ``/GPU:0``."""
    return [f"/GPU:{number}" for number in range(len(tf.config.list_physical_devices("GPU")))]
