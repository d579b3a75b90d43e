"""The layers after the first, of one network or of several that are trained at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from organode.models.network.backend import tf


def outputs(hidden: Any, upper: Sequence[Any], masks: Sequence[Any] = ()) -> Any:
    """Return the outputs of the last layer, shape (…, b, t).

    Parameters
    ----------
    hidden : tensor
        Shape (…, b, w): the units of the first layer for b molecules, before the activation (ReLU).
    upper : sequence of tensor
        Kernel and bias of each further layer, of shapes (…, w, v) and (…, 1, v), or (v,).
    masks : sequence of tensor
        Factors of the units of each hidden layer, shape (…, b, w), as `dropout` returns them;
        empty: all are 1.
    """
    for number, (kernel, bias) in enumerate(zip(upper[::2], upper[1::2], strict=True)):
        hidden = tf.nn.relu(hidden)
        if masks:
            hidden *= masks[number]
        hidden = tf.matmul(hidden, kernel) + bias
    return hidden


def dropout(rows: Any, widths: Sequence[int], share: float, seed: Any, step: Any) -> list[Any]:
    """Return the factor of each unit of each hidden layer in a training step, shape (rows, width).

    A share `share` of the units has the factor 0, the others ``1 / (1 − share)``. The random
    numbers depend on seed, step and layer alone, and those of a molecule on its place in the batch
    too: a network has the same ones alone and beside others, also if the batch is filled up with
    further rows.

    Parameters
    ----------
    rows : int or tensor
        Molecules in the batch.
    widths : sequence of int
        Units of each hidden layer.
    share : float
        Share of dropped units. If 0, no factors are returned.
    seed, step : tensor of int64
        Seed of the network; number of the training step.
    """
    if not share:
        return []
    masks = []
    for layer, width in enumerate(widths):
        # Philox has kernels for CPU and GPU, and draws the same numbers on both.
        drawn = tf.random.stateless_uniform(
            [rows, width], tf.stack([seed, step * len(widths) + layer]), alg="philox"
        )
        masks.append(tf.where(drawn < share, 0.0, 1 / (1 - share)))
    return masks
