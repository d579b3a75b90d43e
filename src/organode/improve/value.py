r"""The value of a label: by how much it is expected to improve a decision on a molecule.

The decision is whether a potential lies inside a range, the window. Let the potential be normally
distributed with mean :math:`\mu` and variance :math:`s^2 + (k \sigma)^2`, from the spread
:math:`s` of the laboratory scale (V) and the error :math:`\sigma` of the model's energy (eV), with
:math:`k` volts for an electronvolt. It is inside the window with a probability :math:`p`, and the
better one of the two decisions is right with the probability :math:`\max(p, 1 - p)`. A label with
the error :math:`\sigma_l` moves :math:`\mu` by a normal deviation of variance
:math:`k^2 (\sigma^2 - \sigma_l^2)`, and leaves the variance :math:`s^2 + (k \sigma_l)^2`. The value
is the expectation of :math:`\max(p', 1 - p')` after the label minus :math:`\max(p, 1 - p)` before.
This is the expected value of sample information (Raiffa and Schlaifer, Applied Statistical Decision
Theory, Harvard 1961), also known as the knowledge gradient of a measurement.
"""

from __future__ import annotations

import numpy as np
from scipy.special import ndtr

NODES, WEIGHTS = np.polynomial.hermite_e.hermegauss(41)
WEIGHTS = WEIGHTS / WEIGHTS.sum()


def chance_inside(mean: np.ndarray, spread: np.ndarray, low: float, high: float) -> np.ndarray:
    """Return the probability that normally distributed potentials lie between `low` and `high`.

    `mean` and `spread` (standard deviation) have the same shape and are in V.
    """
    return np.asarray(ndtr((high - mean) / spread) - ndtr((low - mean) / spread))


def value_of_label(
    mean: np.ndarray,
    scale: np.ndarray,
    model: np.ndarray,
    label: np.ndarray | float,
    low: float,
    high: float,
) -> np.ndarray:
    """Return the value of a label of n molecules: the expected rise of the chance to decide right.

    Parameters
    ----------
    mean : numpy.ndarray
        Shape (n,): predicted potentials, V.
    scale : numpy.ndarray
        Shape (n,): standard deviation of the laboratory scale alone, V, which no label reduces.
    model, label : numpy.ndarray or float
        Shape (n,): standard deviation of the model's and of the label's error, in V.
    low, high : float
        Ends of the window, V.

    Returns
    -------
    numpy.ndarray
        Shape (n,), 0 to 0.5. It is 0 where the label is no better than the model.

    Examples
    --------
    >>> at = np.array([0.0, 0.3, 3.0])
    >>> value_of_label(at, np.full(3, 0.1), np.full(3, 0.2), 0.05, 0.0, 9.0).round(3).tolist()
    [0.322, 0.027, 0.0]
    """
    shift = np.sqrt(np.maximum(np.square(model) - np.square(label), 0.0))
    spread = np.sqrt(np.square(scale) + np.square(np.minimum(label, model)))
    after = chance_inside(
        mean[:, None] + shift[:, None] * NODES, np.broadcast_to(spread, mean.shape)[:, None],
        low, high,
    )  # fmt: skip
    # The chance before, by the same nodes: the value is then never negative.
    before = after @ WEIGHTS
    gain = np.maximum(after, 1 - after) @ WEIGHTS - np.maximum(before, 1 - before)
    return np.asarray(np.where(shift > 0, np.maximum(gain, 0.0), 0.0))
