"""Training of the networks of several folds as one computation, for a GPU.

Every array has an axis for the networks in front. Each network takes the same steps, with the same
rows, learning rates and dropout, as if `organode.models.network.training.fit` trained it alone on
the CPU: the results differ by rounding only. No operation of a step needs the CPU.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from organode.models.network import adam, layers, protocol
from organode.models.network.backend import tf
from organode.models.network.network import Fit, NetworkSettings, Part
from organode.models.network.padded import PaddedRows

AT_ONCE = 1024  # validation rows of each network whose outputs are computed at once
# What TensorFlow says if data do not fit on a GPU: github.com/tensorflow/tensorflow/issues/7025
NO_ROOM = "Dst tensor is not initialized"


def fit_batched(
    settings: NetworkSettings,
    parts: Sequence[tuple[Part, Part]],
    folds: Sequence[int],
    *,
    epochs: int,
    seed: int,
    outputs: int = 1,
    start: Sequence[list[np.ndarray]] | None = None,
    on_epoch: Callable[[int, int, float], None] = lambda _fold, _epoch, _mae: None,
) -> list[Fit]:
    """Train one network for each of k folds, all at once.

    Parameters
    ----------
    settings : NetworkSettings
        Settings of input features, network and training.
    parts : sequence of tuple
        Training rows and validation rows of each fold, as `organode.models.network.training.fit`
        takes them. All have the same columns of inputs and of labels; the number of rows may
        differ.
    folds : sequence of int
        Number of each fold.
    epochs : int
        Passes over the training rows.
    seed : int
        The sum of seed and fold seeds the training of a fold's network.
    outputs : int
        Number of outputs of the returned networks, one for each of the first columns of the labels.
    start : sequence of list of numpy.ndarray, optional
        For each fold the weights from which its network goes on, with an output in eV.
    on_epoch : callable
        Called after each epoch of all folds, for each with the fold, the number of the epoch, from
        1, and the validation MAE of the target in eV.

    Returns
    -------
    list of Fit
        The trained network of each fold.

    Raises
    ------
    MemoryError
        If the data, the networks or a training step need more memory than the device has.
    """
    networks = range(len(folds))
    train_mae: list[list[float]] = [[] for _ in networks]
    valid_mae: list[list[float]] = [[] for _ in networks]
    kept = [0 for _ in networks]
    final: list[list[np.ndarray]] = [[] for _ in networks]
    try:
        batched = _Networks(settings, parts, folds, seed, start)
        for epoch in range(1, epochs + 1):
            learned, validated = batched.run_epoch(epoch, epochs), batched.validate()
            for place in networks:
                train_mae[place].append(learned[place])
                valid_mae[place].append(validated[place])
                if protocol.keeps(settings, epochs, valid_mae[place]):
                    kept[place], final[place] = epoch, batched.weights(place, outputs)
                on_epoch(folds[place], epoch, validated[place])
    except (tf.errors.ResourceExhaustedError, tf.errors.InternalError) as error:
        if isinstance(error, tf.errors.InternalError) and NO_ROOM not in str(error):
            raise
        raise MemoryError(str(error)) from error
    return [
        Fit(final[place], float(mean[0]), float(scale[0]), train_mae[place], valid_mae[place],
            kept[place])
        for place, (mean, scale) in enumerate(batched.scaling)
    ]  # fmt: skip


class _Networks:
    """k networks during their training: their weights, their data and their compiled epoch."""

    def __init__(
        self,
        settings: NetworkSettings,
        parts: Sequence[tuple[Part, Part]],
        folds: Sequence[int],
        seed: int,
        start: Sequence[list[np.ndarray]] | None,
    ) -> None:
        train, self.valid = [part for part, _ in parts], [part for _, part in parts]
        self.settings = settings
        self.n = [len(labels) for _, labels in train]
        self.scaling = [protocol.scaling(settings, labels) for _, labels in train]
        self.batches = [protocol.batches(settings, n) for n in self.n]
        self.random = [np.random.default_rng(seed + fold) for fold in folds]
        self.seeds = tf.constant([seed + fold for fold in folds], tf.int64)
        self.rows = PaddedRows([fingerprints for fingerprints, _ in train])
        self.valid_rows = PaddedRows([fingerprints for fingerprints, _ in self.valid])
        shape = (len(folds), self.rows.missing + 1, train[0][1].shape[1])
        truth, known = np.zeros(shape, np.float32), np.zeros(shape, np.float32)
        weights = []
        for place, (part, (mean, scale)) in enumerate(zip(train, self.scaling, strict=True)):
            scaled = (part[1] - mean) / scale
            known[place, : len(scaled)] = np.isfinite(scaled)
            truth[place, : len(scaled)] = np.nan_to_num(scaled)
            if start is None:
                weights.append(protocol.initial_weights(settings, part, seed, folds[place]))
            else:
                weights.append(protocol.scaled_weights(start[place], mean, scale))
        self.truth, self.known = tf.constant(truth), tf.constant(known)
        stacked = [np.stack(layer).astype(np.float32) for layer in zip(*weights, strict=True)]
        stacked[0] = np.pad(stacked[0], [(0, 0), (0, 1), (0, 0)])  # the column of the padding
        self.variables = [
            tf.Variable(each if number % 2 == 0 else each[:, None])  # a bias is a row
            for number, each in enumerate(stacked)
        ]
        self.moments = [
            (tf.Variable(tf.zeros_like(each)), tf.Variable(tf.zeros_like(each)))
            for each in self.variables
        ]
        self._epoch = tf.function(self._trace_epoch)
        self._outputs = tf.function(self._trace_outputs)

    def run_epoch(self, epoch: int, epochs: int) -> list[float]:
        """Train all networks for one epoch; return the MAE of each on its training rows, eV.

        The parameters, and the result for each network, are those of
        `organode.models.network.training`.
        """
        most = max(steps for _, steps in self.batches)
        widest = max(size for size, _ in self.batches)
        # A network with fewer steps than others is idle in their last ones: its rows are missing.
        chosen = np.full((most, len(self.n), widest), self.rows.missing)
        rates = np.zeros((most, len(self.n)))
        first = np.empty(len(self.n), np.int64)
        for place, (n, (size, steps)) in enumerate(zip(self.n, self.batches, strict=True)):
            order = np.full(steps * size, self.rows.missing)
            order[:n] = self.random[place].permutation(n)
            chosen[:steps, place, :size] = order.reshape(steps, size)
            first[place] = (epoch - 1) * steps + 1
            of_steps = protocol.rates(self.settings, epoch, epochs, steps)
            rates[:steps, place] = adam.corrected(of_steps, int(first[place]))
        errors = self._epoch(
            tf.constant(chosen, tf.int64), tf.constant(rates, tf.float32), tf.constant(first)
        )
        return [
            float(error) / n * float(scale[0])
            for error, n, (_, scale) in zip(errors.numpy(), self.n, self.scaling, strict=True)
        ]

    def validate(self) -> list[float]:
        """Return the MAE of the target on the validation rows of each network, eV."""
        missing = self.valid_rows.missing
        found = []
        for begin in range(0, missing, AT_ONCE):
            rows = np.minimum(np.arange(begin, begin + AT_ONCE), missing)
            found.append(self._outputs(tf.constant(rows, tf.int64)).numpy())
        outputs = np.concatenate(found, axis=1).astype(np.float64)
        return [
            float(np.abs(output[: len(labels)] * scale[0] + mean[0] - labels[:, 0]).mean())
            for output, (_, labels), (mean, scale) in zip(
                outputs, self.valid, self.scaling, strict=True
            )
        ]

    def weights(self, place: int, outputs: int) -> list[np.ndarray]:
        """Return kernel and bias of each layer of one network, as `training` does."""
        kernel, *between, last, shift = [
            np.array(variable[place].numpy()) for variable in self.variables
        ]
        between[::2] = [bias[0] for bias in between[::2]]
        return [kernel[:-1], *between, last[:, :outputs], shift[0, :outputs]]

    def _trace_epoch(self, chosen: Any, rates: Any, first: Any) -> Any:
        errors = tf.zeros(len(self.n))
        for step in tf.range(chosen.shape[0]):
            errors += self._step(chosen[step], rates[step], first + tf.cast(step, tf.int64))
        return errors

    def _step(self, chosen: Any, rates: Any, numbers: Any) -> Any:
        """Train on one batch; return the sum of the target's absolute errors for each network.

        The errors are in units of the scaled labels. `chosen` holds the numbers of the rows in the
        batch, shape (k, b); `rates` the learning rates with Adam's bias correction and `numbers`
        the numbers of the step, from 1, of shape (k,) each.
        """
        settings = self.settings
        truth = tf.gather(self.truth, chosen, batch_dims=1)
        known = tf.gather(self.known, chosen, batch_dims=1)
        batch, used = self.rows.batch(chosen)
        each = [
            layers.dropout(
                chosen.shape[1], settings.widths, settings.dropout, self.seeds[place],
                numbers[place],
            )
            for place in range(len(self.n))
        ]  # fmt: skip
        masks = [tf.stack(of_layer) for of_layer in zip(*each, strict=True)]
        with tf.GradientTape() as tape:
            kernel, bias, *upper = self.variables
            output = layers.outputs(batch @ kernel + bias, upper, masks)
            error = (output - truth) * known
            # An idle network has no known label.
            n_known = tf.maximum(tf.reduce_sum(known, axis=[1, 2]), 1.0)
            losses = tf.reduce_sum(protocol.losses(settings, error), axis=[1, 2])
            loss = tf.reduce_sum(losses / n_known)
            if settings.l2:
                # Rows of the kernel that are not used are not updated, whatever their gradient.
                for regularised in (kernel, *upper[:-2:2]):
                    loss += settings.l2 * tf.reduce_sum(tf.square(regularised))
        gradients = tape.gradient(loss, self.variables)
        trained = tf.reduce_any(known > 0, axis=[1, 2])[:, None, None]
        changed = [used[:, :, None], *[trained for _ in gradients[1:]]]
        for variable, moments, gradient, where in zip(
            self.variables, self.moments, gradients, changed, strict=True
        ):
            moved = adam.moved(variable, moments, gradient, rates[:, None, None])
            for old, new in zip((variable, *moments), moved, strict=True):
                old.assign(tf.where(where, new, old))
        return tf.reduce_sum(tf.abs(error[:, :, 0]), axis=1)

    def _trace_outputs(self, rows: Any) -> Any:
        """Return the first output for validation rows, the same numbers for each network."""
        chosen = tf.broadcast_to(rows, [len(self.n), rows.shape[0]])
        batch, _ = self.valid_rows.batch(chosen)
        kernel, bias, *upper = self.variables
        return layers.outputs(batch @ kernel + bias, upper)[:, :, 0]
