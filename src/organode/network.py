"""One fully connected Keras network: build, fit, predict. Reads sparse fingerprints as such."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from scipy.sparse import csr_matrix


@dataclass(frozen=True)
class NetworkSettings:
    """One setting of features and network: what a trial tries and what `best.yaml` holds.

    Attributes
    ----------
    radius, n_bits, counts
        The Morgan fingerprint: radius in bonds, folded length, counts or bits.
    widths : tuple of int
        Units of each hidden layer (ReLU).
    dropout : float
        Share of units dropped behind each hidden layer.
    l2 : float
        Factor of the squared kernel weights in the loss, as in Keras's `L2`.
    learning_rate : float
        Adam's at the start; it falls to zero along a cosine.
    batch_size : int
        Molecules a step.
    """

    radius: int
    n_bits: int
    counts: bool
    widths: tuple[int, ...]
    dropout: float
    l2: float
    learning_rate: float = 1e-3
    batch_size: int = 128

    def as_dict(self) -> dict[str, Any]:
        """Return plain values, fit for YAML, JSON and MLflow."""
        return asdict(self) | {"widths": list(self.widths)}

    @classmethod
    def from_dict(cls, content: dict[str, Any]) -> NetworkSettings:
        """Return the settings that `as_dict` wrote."""
        return cls(**(content | {"widths": tuple(content["widths"])}))


@dataclass(frozen=True)
class Fit:
    """A trained network and how it came about.

    Attributes
    ----------
    weights : list of numpy.ndarray
        Kernel and bias of each layer, in order.
    mean, scale : float
        Of the training labels, eV; the network works on ``(label − mean) / scale``.
    train_mae, valid_mae : list of float
        In eV, one value an epoch; the former with dropout active.
    """

    weights: list[np.ndarray]
    mean: float
    scale: float
    train_mae: list[float]
    valid_mae: list[float]


def fit(
    settings: NetworkSettings,
    train: tuple[csr_matrix, np.ndarray],
    valid: tuple[csr_matrix, np.ndarray],
    *,
    epochs: int,
    seed: int,
    on_epoch: Callable[[int, float], None] = lambda _epoch, _mae: None,
) -> Fit:
    """Train one network; the weights of the last epoch count.

    The validation rows only draw the learning curve: choosing an epoch by them would make
    their error look smaller than it is.

    Parameters
    ----------
    settings : NetworkSettings
        Features and network.
    train, valid : tuple of (scipy.sparse.csr_matrix, numpy.ndarray)
        Fingerprints of shape (n, n_bits) and labels of shape (n,) in eV.
    epochs : int
        Passes over the training rows.
    seed : int
        Fixes weights, order of rows and dropout.
    on_epoch : callable
        Called with the epoch (from 1) and its validation MAE in eV.

    Returns
    -------
    Fit
    """
    _import_tensorflow()
    import keras
    import tensorflow as tf

    keras.utils.set_random_seed(seed)
    fingerprints, labels = train
    mean, scale = float(labels.mean()), float(labels.std()) or 1.0
    size = min(settings.batch_size, len(labels))
    steps = -(-len(labels) // size)
    rate = keras.optimizers.schedules.CosineDecay(settings.learning_rate, steps * epochs)
    first = _SparseLayer(settings, seed)
    rest = _upper_layers(settings, seed)
    optimizer = keras.optimizers.Adam(rate)
    optimizer.build([first.bias, *rest.trainable_variables])
    targets = tf.constant(((labels - mean) / scale)[:, None], tf.float32)
    rows_of = _Rows(fingerprints)

    @tf.function
    def run_epoch(order: Any) -> Any:
        error = tf.constant(0.0)
        for step in tf.range(steps):
            chosen = order[step * size : (step + 1) * size]
            truth = tf.gather(targets, chosen)
            used, batch = rows_of.compact(chosen)
            kernel = tf.gather(first.kernel, used)
            with tf.GradientTape() as tape:
                tape.watch(kernel)
                hidden = batch @ kernel + first.bias
                output = rest(hidden, training=True)
                loss = tf.reduce_mean(tf.square(output - truth))
                loss += settings.l2 * tf.reduce_sum(tf.square(kernel))
                if rest.losses:
                    loss += tf.add_n(rest.losses)
            variables = [first.bias, *rest.trainable_variables]
            sparse, *dense = tape.gradient(loss, [kernel, *variables])
            first.update(used, kernel, sparse, rate(optimizer.iterations))
            optimizer.apply_gradients(zip(dense, variables, strict=True))
            error += tf.reduce_sum(tf.abs(output - truth))
        return error / len(labels)

    random = np.random.default_rng(seed)
    train_mae: list[float] = []
    valid_mae: list[float] = []
    for epoch in range(1, epochs + 1):
        order = tf.constant(random.permutation(len(labels)), tf.int64)
        train_mae.append(float(run_epoch(order)) * scale)
        weights = [first.kernel.numpy(), first.bias.numpy(), *rest.get_weights()]
        output = forward(weights, valid[0]) * scale + mean
        valid_mae.append(float(np.abs(output - valid[1]).mean()))
        on_epoch(epoch, valid_mae[-1])
    return Fit(weights, mean, scale, train_mae, valid_mae)


def forward(weights: list[np.ndarray], fingerprints: csr_matrix) -> np.ndarray:
    """Return a network's raw outputs, shape (n,), for fingerprints (n, n_bits).

    Plain arrays: who only predicts needs no TensorFlow. The first layer costs what the
    non-zero entries cost.
    """
    kernels, biases = weights[::2], weights[1::2]
    hidden = np.asarray(fingerprints @ kernels[0]) + biases[0]
    for kernel, bias in zip(kernels[1:], biases[1:], strict=True):
        hidden = np.maximum(hidden, 0) @ kernel + bias
    return np.asarray(hidden[:, 0], dtype=np.float64)


def _import_tensorflow() -> None:
    """Import TensorFlow without its native start-up chatter about devices that are not there."""
    if "tensorflow" in sys.modules:
        return
    sys.stderr.flush()
    kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        import tensorflow as tf

        tf.config.list_physical_devices()  # what looks for a GPU, and complains
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)
    tf.get_logger().setLevel("ERROR")  # each network is traced once, which it warns of


def _upper_layers(settings: NetworkSettings, seed: int) -> Any:
    """Return the Keras model from the first layer's sums to the output, shape (b, 1)."""
    import keras

    regularizer = keras.regularizers.L2(settings.l2) if settings.l2 else None
    sums = keras.Input((settings.widths[0],))
    tensor = keras.layers.Activation("relu")(sums)
    tensor = keras.layers.Dropout(settings.dropout, seed=seed)(tensor)
    for layer, width in enumerate(settings.widths[1:], start=1):
        tensor = keras.layers.Dense(
            width,
            activation="relu",
            kernel_initializer=keras.initializers.HeNormal(seed + layer),
            kernel_regularizer=regularizer,
        )(tensor)
        tensor = keras.layers.Dropout(settings.dropout, seed=seed + layer)(tensor)
    output = keras.layers.Dense(1, kernel_initializer=keras.initializers.HeNormal(seed))(tensor)
    return keras.Model(sums, output)


class _SparseLayer:
    """The first layer, of which a step reads and updates only the rows that occur in its batch.

    About 25 of 4,096 entries of a fingerprint are not zero, so most of this layer, which holds
    most of the weights, has no gradient in a step. Adam (Kingma and Ba, arXiv 1412.6980) is
    applied to the rows that have one; the moments of the others rest.
    """

    beta_1, beta_2, epsilon = 0.9, 0.999, 1e-7  # Keras's own for the layers above

    def __init__(self, settings: NetworkSettings, seed: int) -> None:
        import keras
        import tensorflow as tf

        shape = (settings.n_bits, settings.widths[0])
        initial = keras.initializers.HeNormal(seed + len(settings.widths))(shape)
        self.kernel = tf.Variable(initial)
        self.bias = keras.Variable(np.zeros(shape[1], np.float32))
        self.moment_1 = tf.Variable(tf.zeros(shape))
        self.moment_2 = tf.Variable(tf.zeros(shape))
        self.step = tf.Variable(0.0)

    def update(self, used: Any, kernel: Any, gradient: Any, rate: Any) -> None:
        """Take one step for the rows `used`, whose weights are `kernel`."""
        import tensorflow as tf

        step = self.step.assign_add(1.0)
        first = self.beta_1 * tf.gather(self.moment_1, used) + (1 - self.beta_1) * gradient
        second = self.beta_2 * tf.gather(self.moment_2, used) + (1 - self.beta_2) * tf.square(
            gradient
        )
        rate *= tf.sqrt(1 - self.beta_2**step) / (1 - self.beta_1**step)
        moved = kernel - rate * first / (tf.sqrt(second) + self.epsilon)
        for variable, rows in (
            (self.moment_1, first), (self.moment_2, second), (self.kernel, moved),
        ):  # fmt: skip
            variable.scatter_update(tf.IndexedSlices(rows, used))


class _Rows:
    """Sparse fingerprints from which a graph takes batches."""

    def __init__(self, matrix: csr_matrix) -> None:
        import tensorflow as tf

        splits = matrix.indptr.astype(np.int64)
        self.columns = tf.RaggedTensor.from_row_splits(matrix.indices.astype(np.int64), splits)
        self.values = tf.RaggedTensor.from_row_splits(matrix.data.astype(np.float32), splits)

    def compact(self, rows: Any) -> tuple[Any, Any]:
        """Return the columns that occur in some rows, and those rows with only these columns.

        Returns
        -------
        used : tensor of shape (u,)
            Column numbers.
        batch : tensor of shape (b, u)
            Dense: u is a few hundred, and a dense product of that size beats a sparse one.
        """
        import tensorflow as tf

        columns = tf.gather(self.columns, rows)
        used, place = tf.unique(columns.values, out_idx=tf.int64)
        indices = tf.stack([columns.value_rowids(), place], axis=1)
        shape = tf.stack([tf.size(rows, tf.int64), tf.size(used, tf.int64)])
        return used, tf.scatter_nd(indices, tf.gather(self.values, rows).values, shape)
