"""The optimiser Adam, Kingma and Ba, arXiv 1412.6980."""

from __future__ import annotations

from typing import Any

import numpy as np

from organode.models.network.backend import tf

BETA_1, BETA_2, EPSILON = 0.9, 0.999, 1e-7  # as in Keras


def corrected(rates: np.ndarray, first: int) -> np.ndarray:
    """Return learning rates times Adam's bias correction, shape (steps,).

    `rates` holds the learning rates of consecutive steps, of which the first has the number
    `first`, from 1.
    """
    steps = first + np.arange(len(rates))
    return np.asarray(rates * np.sqrt(1 - BETA_2**steps) / (1 - BETA_1**steps))


def moved(weights: Any, moments: tuple[Any, Any], gradient: Any, rate: Any) -> tuple[Any, Any, Any]:
    """Return weights and both moments after a step.

    Parameters
    ----------
    weights, gradient : tensor
        Weights and the gradient of the loss with respect to them, of the same shape.
    moments : tuple of tensor
        Running averages of the gradient and of its square, of the same shape as `weights`.
    rate : tensor
        Learning rate times bias correction, of a shape that is broadcast to that of `weights`.
    """
    first = BETA_1 * moments[0] + (1 - BETA_1) * gradient
    second = BETA_2 * moments[1] + (1 - BETA_2) * tf.square(gradient)
    return weights - rate * first / (tf.sqrt(second) + EPSILON), first, second
