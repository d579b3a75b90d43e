"""What a training of a network is, by one of two protocols, whatever computes it.

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

from itertools import pairwise
from typing import Any

import numpy as np

from organode.models.network.backend import keras, tf
from organode.models.network.network import NetworkSettings, Part

BEND = 0.1  # threshold of the Huber loss, in units of the scaled label
WARM_UP = 0.05  # share of the steps during which the learning rate rises (protocol ``organode``)
CONSTANT = 500  # epochs with a constant learning rate (protocol ``thesis``)
SPREAD = 0.05  # standard deviation of initial weights (protocol ``thesis``): the default of Keras


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


def batches(settings: NetworkSettings, n: int) -> tuple[int, int]:
    """Return the rows of a batch, and the steps of an epoch, of a training on n rows.

    The last batch of an epoch has fewer rows if n is no multiple of the others'.
    """
    size = min(settings.batch_size, n)
    return size, -(-n // size)


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


def rates(settings: NetworkSettings, epoch: int, epochs: int, steps: int) -> np.ndarray:
    """Return the learning rate of each step of an epoch, shape (steps,).

    `epoch` is the number of the epoch, from 1, of `epochs`; each epoch has so many `steps`.
    """
    progress = ((epoch - 1) * steps + np.arange(steps)) / (steps * epochs)
    return np.array([rate(settings, share, epochs) for share in progress])


def keeps(settings: NetworkSettings, epochs: int, valid_mae: list[float]) -> bool:
    """Return whether to keep the weights of the epoch that the last of the errors belongs to.

    `valid_mae` holds the validation errors of the epochs so far, of `epochs`. The weights of an
    epoch that is kept replace those that were kept before.
    """
    if settings.protocol == "organode":
        return len(valid_mae) == epochs
    return valid_mae[-1] == min(valid_mae)


def initial_weights(settings: NetworkSettings, train: Part, seed: int, fold: int) -> list[Any]:
    """Return kernel and bias of each layer before the training on the rows `train`.

    The sum of `seed` and `fold` seeds the weights; with the protocol ``thesis``, `seed` alone.
    Input columns without an entry in `train` are never updated: they start, and stay, at zero.
    """
    fingerprints, labels = train
    first = seed if settings.protocol == "thesis" else seed + fold
    widths = [fingerprints.shape[1], *settings.widths, labels.shape[1]]
    weights: list[Any] = []
    for number, shape in enumerate(pairwise(widths)):
        kernel = _initializer(settings, first + number)(shape).numpy()
        weights += [kernel, np.zeros(shape[1], np.float32)]
    weights[0][np.bincount(fingerprints.indices, minlength=widths[0]) == 0] = 0.0
    return weights


def scaled_weights(
    weights: list[np.ndarray], mean: np.ndarray, scale: np.ndarray
) -> list[np.ndarray]:
    """Return weights whose output is ``(energy − mean) / scale``, of those with an output in eV.

    The network has one output, that for the target: the first of `mean` and `scale`, both of shape
    (t,), is used.
    """
    *below, last, shift = weights
    return [*below, last / scale[0], (shift - mean[0]) / scale[0]]


def losses(settings: NetworkSettings, error: Any) -> Any:
    """Return the loss of each error, of any shape; errors are in units of the scaled labels."""
    if settings.loss == "mse":
        return tf.square(error)
    size = tf.abs(error)
    return tf.where(size < BEND, tf.square(error) / (2 * BEND), size - BEND / 2)


def _initializer(settings: NetworkSettings, seed: int) -> Any:
    if settings.protocol == "thesis":
        return keras.initializers.RandomNormal(stddev=SPREAD, seed=seed)
    return keras.initializers.HeNormal(seed)
