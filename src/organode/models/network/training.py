"""Training of one network, by one of two protocols.

``organode``: labels scaled by mean and standard deviation; He initialisation; Adam with a learning
rate that rises over the first twentieth of the steps and falls to zero along a cosine; the weights
of the last epoch are kept. Choosing the epoch with the smallest validation error would make the
validation error smaller than the error on new molecules.

``thesis``: the protocol of the 2020 thesis that the project began with. Labels scaled to 0–1 by
minimum and maximum; normally distributed initial weights, the same for all folds; a learning rate
that is constant for 500 epochs and then falls exponentially to e⁻³ of this value; the weights of
the epoch with the smallest validation error are kept.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from organode.models.network.backend import keras, tf
from organode.models.network.network import Fit, NetworkSettings, Part, forward
from organode.models.network.sparse import BETA_1, BETA_2, EPSILON, Rows, SparseKernel

BEND = 0.1  # threshold of the Huber loss, in units of the scaled label
WARM_UP = 0.05  # share of the steps during which the learning rate rises (protocol ``organode``)
CONSTANT = 500  # epochs with a constant learning rate (protocol ``thesis``)
SPREAD = 0.05  # standard deviation of initial weights (protocol ``thesis``): the default of Keras


def fit(
    settings: NetworkSettings,
    train: Part,
    valid: Part,
    *,
    epochs: int,
    seed: int,
    fold: int = 0,
    outputs: int = 1,
    start: list[np.ndarray] | None = None,
    on_epoch: Callable[[int, float], None] = lambda _epoch, _mae: None,
) -> Fit:
    """Train one network on the rows `train`, and measure its error on the rows `valid`.

    Parameters
    ----------
    settings : NetworkSettings
        Settings of input features, network and training.
    train, valid : tuple of (scipy.sparse.csr_matrix, numpy.ndarray)
        Inputs of shape (n, n_columns) and labels in eV of shape (n, t). The first column of the
        labels is the target, without NaN; further columns are learned jointly, and are NaN where a
        label is unknown.
    epochs : int
        Passes over the training rows.
    seed, fold : int
        The sum of `seed` and `fold` seeds the order of rows, the dropout and the initial weights;
        with the protocol ``thesis`` the initial weights depend on `seed` alone.
    outputs : int
        Number of outputs of the returned network, one for each of the first columns of the labels.
        By default the network keeps only the output for the target.
    start : list of numpy.ndarray, optional
        Kernel and bias of each layer of a network for the target alone, with an output in eV. The
        training goes on from these weights, whatever the settings say of the initial weights.
    on_epoch : callable
        Called after each epoch with the number of the epoch, from 1, and the validation MAE of the
        target in eV.

    Returns
    -------
    Fit
        The trained network. Input columns that are zero in all training rows have zero weights, so
        that an environment that occurs in no training molecule changes no prediction; with `start`
        they have the weights of `start`.

    Raises
    ------
    MemoryError
        If a training step needs more memory than is available.
    """
    of_fold = seed + fold
    initial = seed if settings.protocol == "thesis" else of_fold
    network = _Network(settings, train, initial, of_fold)
    if start is not None:
        network.go_on_from(start)
    random = np.random.default_rng(of_fold)
    train_mae: list[float] = []
    valid_mae: list[float] = []
    for epoch in range(1, epochs + 1):
        try:
            train_mae.append(network.run_epoch(random, epoch, epochs))
        except tf.errors.ResourceExhaustedError as error:
            raise MemoryError(str(error)) from error
        output = forward(network.weights(1), valid[0]) * network.scale[0] + network.mean[0]
        valid_mae.append(float(np.abs(output - valid[1][:, 0]).mean()))
        if epoch == epochs if settings.protocol == "organode" else valid_mae[-1] == min(valid_mae):
            kept, final = epoch, [np.array(weights) for weights in network.weights(outputs)]
        on_epoch(epoch, valid_mae[-1])
    mean, scale = float(network.mean[0]), float(network.scale[0])
    return Fit(final, mean, scale, train_mae, valid_mae, kept)


class _Network:
    """A network during its training: its weights, its training data and its compiled epoch."""

    def __init__(self, settings: NetworkSettings, train: Part, initial: int, seed: int) -> None:
        fingerprints, labels = train
        self.settings, self.n = settings, len(labels)
        self.mean, self.scale = scaling(settings, labels)
        self.size = min(settings.batch_size, self.n)
        self.steps = -(-self.n // self.size)
        scaled = (labels - self.mean) / self.scale
        self.known = tf.constant(np.isfinite(scaled), tf.float32)
        self.truth = tf.constant(np.nan_to_num(scaled), tf.float32)
        self.rows = Rows(fingerprints)
        shape = (fingerprints.shape[1], settings.widths[0])
        # Columns without an entry are never updated: they start, and stay, at zero.
        occurs = np.bincount(fingerprints.indices, minlength=shape[0])[:, None] > 0
        self.first = SparseKernel(tf.where(occurs, _initializer(settings, initial)(shape), 0.0))
        self.bias = keras.Variable(np.zeros(shape[1], np.float32))
        self.upper = _upper_layers(settings, labels.shape[1], initial, seed)
        self.dense = [layer for layer in self.upper.layers if hasattr(layer, "kernel")]
        self.variables = [self.bias, *self.upper.trainable_variables]
        self.moments = [
            (tf.Variable(tf.zeros(variable.shape)), tf.Variable(tf.zeros(variable.shape)))
            for variable in self.variables
        ]
        self.step = tf.Variable(0.0)
        self._epoch = tf.function(self._trace_epoch)

    def go_on_from(self, start: list[np.ndarray]) -> None:
        """Set the weights to those of a network with an output in eV, for the target alone."""
        kernel, *below, last, shift = start
        self.first.kernel.assign(kernel)
        mean, scale = self.mean[0], self.scale[0]
        for variable, weights in zip(
            self.variables, [*below, last / scale, (shift - mean) / scale], strict=True
        ):
            variable.assign(weights)

    def run_epoch(self, random: np.random.Generator, epoch: int, epochs: int) -> float:
        """Train for one epoch, with the rows in a new random order; return the target's MAE in eV.

        The MAE is that on the training rows, with dropout active. `epoch` is the number of this
        epoch, from 1; `epochs` is the number of epochs of the whole training.
        """
        first = (epoch - 1) * self.steps
        progress = (first + np.arange(self.steps)) / (self.steps * epochs)
        rates = tf.constant([rate(self.settings, share, epochs) for share in progress], tf.float32)
        order = tf.constant(random.permutation(self.n), tf.int64)
        return float(self._epoch(order, rates)) * float(self.scale[0])

    def weights(self, outputs: int) -> list[np.ndarray]:
        """Return kernel and bias of each layer, without the outputs after the first `outputs`."""
        kernel = self.first.kernel.numpy()
        *below, last, shift = [variable.numpy() for variable in self.variables]
        return [kernel, *below, last[:, :outputs], shift[:outputs]]

    def _trace_epoch(self, order: Any, rates: Any) -> Any:
        error = tf.constant(0.0)
        for step in tf.range(self.steps):
            chosen = order[step * self.size : (step + 1) * self.size]
            error += self._step(chosen, rates[step])
        return error / self.n

    def _step(self, chosen: Any, rate: Any) -> Any:
        """Train on one batch; return the sum of the target's absolute errors over the batch.

        The errors are in units of the scaled labels. `chosen` holds the numbers of the rows in the
        batch; `rate` is the learning rate.
        """
        l2 = self.settings.l2
        truth, known = tf.gather(self.truth, chosen), tf.gather(self.known, chosen)
        used, batch = self.rows.compact(chosen)
        kernel = self.first.rows(used)
        with tf.GradientTape() as tape:
            tape.watch(kernel)
            output = self.upper(batch @ kernel + self.bias, training=True)
            error = (output - truth) * known
            loss = tf.reduce_sum(self._loss(error)) / tf.reduce_sum(known)
            if l2:
                loss += l2 * tf.reduce_sum(tf.square(kernel))
                for layer in self.dense[:-1]:  # the output layer is not regularised, as usual
                    loss += l2 * tf.reduce_sum(tf.square(layer.kernel))
        of_kernel, *others = tape.gradient(loss, [kernel, *self.variables])
        count = self.step.assign_add(1.0)
        corrected = rate * tf.sqrt(1 - BETA_2**count) / (1 - BETA_1**count)
        self.first.update(used, kernel, of_kernel, corrected)
        for variable, moments, gradient in zip(self.variables, self.moments, others, strict=True):
            # One fused operation; Keras's Adam needs a dozen, a tenth of the time of a step.
            tf.raw_ops.ResourceApplyAdam(
                var=variable.value.handle, m=moments[0].handle, v=moments[1].handle, grad=gradient,
                beta1_power=BETA_1**count, beta2_power=BETA_2**count,
                lr=rate, beta1=BETA_1, beta2=BETA_2, epsilon=EPSILON,
            )  # fmt: skip
        return tf.reduce_sum(tf.abs(error[:, 0]))

    def _loss(self, error: Any) -> Any:
        if self.settings.loss == "mse":
            return tf.square(error)
        size = tf.abs(error)
        return tf.where(size < BEND, tf.square(error) / (2 * BEND), size - BEND / 2)


def scaling(settings: NetworkSettings, labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return `mean` and `scale` of each column of labels, eV, shape (t,) each.

    The network learns ``(label − mean) / scale``. `mean` is the mean label and `scale` the standard
    deviation; with the protocol ``thesis``, `mean` is the smallest label and `scale` the difference
    between the largest and the smallest. `labels`, in eV, has shape (n, t) and is NaN where a label
    is unknown.
    """
    if settings.protocol == "thesis":
        low, high = np.nanmin(labels, axis=0), np.nanmax(labels, axis=0)
        mean, scale = low, high - low
    else:
        mean, scale = np.nanmean(labels, axis=0), np.nanstd(labels, axis=0)
    return mean, np.where(scale > 0, scale, 1.0)


def rate(settings: NetworkSettings, progress: float, epochs: int) -> float:
    """Return the learning rate of a training step.

    Parameters
    ----------
    settings : NetworkSettings
        Settings, of which `protocol` and `learning_rate` (the highest rate) are used.
    progress : float
        Share of all training steps that are done, 0 to 1.
    epochs : int
        Number of epochs of the whole training.
    """
    if settings.protocol == "thesis":
        epoch = int(progress * epochs + 1e-9)
        if epoch < CONSTANT:
            return settings.learning_rate
        return settings.learning_rate * float(np.exp(3 * (CONSTANT - epoch) / (epochs - CONSTANT)))
    fall = 0.5 * (1 + np.cos(np.pi * progress))
    return settings.learning_rate * float(fall * min(1.0, (progress + 1e-3) / WARM_UP))


def _initializer(settings: NetworkSettings, seed: int) -> Any:
    if settings.protocol == "thesis":
        return keras.initializers.RandomNormal(stddev=SPREAD, seed=seed)
    return keras.initializers.HeNormal(seed)


def _upper_layers(settings: NetworkSettings, outputs: int, initial: int, seed: int) -> Any:
    """Return all layers after the first as a Keras model.

    For b molecules the output of the model has shape (b, outputs). `initial` seeds the initial
    weights, `seed` the dropout.
    """
    layers = [keras.Input((settings.widths[0],))]
    for number, width in enumerate([*settings.widths[1:], outputs], start=1):
        layers += [
            keras.layers.Activation("relu"),
            keras.layers.Dropout(settings.dropout, seed=seed + number),
            keras.layers.Dense(width, kernel_initializer=_initializer(settings, initial + number)),
        ]
    return keras.Sequential(layers)
