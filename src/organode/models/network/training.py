"""Training of one network, on one core or on a GPU."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from organode.models.network import adam, layers, protocol
from organode.models.network.backend import gpus, tf
from organode.models.network.batched import fit_batched
from organode.models.network.network import Fit, NetworkSettings, Part, forward
from organode.models.network.sparse import Rows, SparseKernel


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

    Where a GPU is present, it trains there, as `organode.models.network.batched` does several.

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
    if gpus():
        return fit_batched(
            settings, [(train, valid)], [fold], epochs=epochs, seed=seed, outputs=outputs,
            start=None if start is None else [start],
            on_epoch=lambda _fold, epoch, mae: on_epoch(epoch, mae),
        )[0]  # fmt: skip
    network = _Network(settings, train, seed, fold, start)
    random = np.random.default_rng(seed + fold)
    train_mae: list[float] = []
    valid_mae: list[float] = []
    for epoch in range(1, epochs + 1):
        try:
            train_mae.append(network.run_epoch(random, epoch, epochs))
        except tf.errors.ResourceExhaustedError as error:
            raise MemoryError(str(error)) from error
        output = forward(network.present(1), valid[0]) * network.scale[0] + network.mean[0]
        valid_mae.append(float(np.abs(output - valid[1][:, 0]).mean()))
        if protocol.keeps(settings, epochs, valid_mae):
            kept, final = epoch, network.weights(outputs)
        on_epoch(epoch, valid_mae[-1])
    mean, scale = float(network.mean[0]), float(network.scale[0])
    return Fit(final, mean, scale, train_mae, valid_mae, kept)


class _Network:
    """A network during its training: its weights, its training data and its compiled epoch."""

    def __init__(
        self,
        settings: NetworkSettings,
        train: Part,
        seed: int,
        fold: int,
        start: list[np.ndarray] | None,
    ) -> None:
        fingerprints, labels = train
        self.settings, self.n = settings, len(labels)
        self.mean, self.scale = protocol.scaling(settings, labels)
        self.size, self.steps = protocol.batches(settings, self.n)
        scaled = (labels - self.mean) / self.scale
        self.known = tf.constant(np.isfinite(scaled), tf.float32)
        self.truth = tf.constant(np.nan_to_num(scaled), tf.float32)
        self.rows = Rows(fingerprints)
        if start is None:
            kernel, *others = protocol.initial_weights(settings, train, seed, fold)
        else:
            kernel, *others = protocol.scaled_weights(start, self.mean, self.scale)
        self.first = SparseKernel(np.asarray(kernel, np.float32))
        self.variables = [tf.Variable(each, dtype=tf.float32) for each in others]
        self.moments = [
            (tf.Variable(tf.zeros_like(each)), tf.Variable(tf.zeros_like(each)))
            for each in self.variables
        ]
        self.seed = tf.constant(seed + fold, tf.int64)
        self._epoch = tf.function(self._trace_epoch)

    def run_epoch(self, random: np.random.Generator, epoch: int, epochs: int) -> float:
        """Train for one epoch, with the rows in a new random order; return the target's MAE in eV.

        The MAE is that on the training rows, with dropout active. `epoch` is the number of this
        epoch, from 1; `epochs` is the number of epochs of the whole training.
        """
        first = (epoch - 1) * self.steps + 1
        rates = adam.corrected(protocol.rates(self.settings, epoch, epochs, self.steps), first)
        error = self._epoch(
            tf.constant(random.permutation(self.n), tf.int64),
            tf.constant(rates, tf.float32),
            tf.constant(first, tf.int64),
        )
        return float(error) * float(self.scale[0])

    def weights(self, outputs: int) -> list[np.ndarray]:
        """Return kernel and bias of each layer, without the outputs after the first `outputs`."""
        return [np.array(each) for each in self.present(outputs)]

    def present(self, outputs: int) -> list[np.ndarray]:
        """Return the same arrays, without copying: the next step may change them."""
        variables = [self.first.kernel, *self.variables]
        *below, last, shift = [np.asarray(variable.read_value()) for variable in variables]
        return [*below, last[:, :outputs], shift[:outputs]]

    def _trace_epoch(self, order: Any, rates: Any, first: Any) -> Any:
        error = tf.constant(0.0)
        for step in tf.range(self.steps):
            chosen = order[step * self.size : (step + 1) * self.size]
            error += self._step(chosen, rates[step], first + tf.cast(step, tf.int64))
        return error / self.n

    def _step(self, chosen: Any, rate: Any, number: Any) -> Any:
        """Train on one batch; return the sum of the target's absolute errors over the batch.

        The errors are in units of the scaled labels. `chosen` holds the numbers of the rows in the
        batch; `rate` is the learning rate with Adam's bias correction; `number` is that of the
        step, from 1.
        """
        settings = self.settings
        truth, known = tf.gather(self.truth, chosen), tf.gather(self.known, chosen)
        used, batch = self.rows.compact(chosen)
        kernel = self.first.rows(used)
        masks = layers.dropout(
            tf.size(chosen), settings.widths, settings.dropout, self.seed, number
        )
        with tf.GradientTape() as tape:
            tape.watch(kernel)
            bias, *upper = self.variables
            output = layers.outputs(batch @ kernel + bias, upper, masks)
            error = (output - truth) * known
            loss = tf.reduce_sum(protocol.losses(settings, error)) / tf.reduce_sum(known)
            if settings.l2:
                # The output layer is not regularised, as usual.
                for each in (kernel, *upper[:-2:2]):
                    loss += settings.l2 * tf.reduce_sum(tf.square(each))
        of_kernel, *others = tape.gradient(loss, [kernel, *self.variables])
        self.first.update(used, kernel, of_kernel, rate)
        for variable, moments, gradient in zip(self.variables, self.moments, others, strict=True):
            # One fused operation; that of `adam.moved` needs a dozen, a tenth of a step's time.
            # The powers are zero because the rate has its bias correction already.
            tf.raw_ops.ResourceApplyAdam(
                var=variable.handle, m=moments[0].handle, v=moments[1].handle, grad=gradient,
                beta1_power=0.0, beta2_power=0.0, lr=rate, beta1=adam.BETA_1, beta2=adam.BETA_2,
                epsilon=adam.EPSILON,
            )  # fmt: skip
        return tf.reduce_sum(tf.abs(error[:, 0]))
