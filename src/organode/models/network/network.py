"""A fully connected network on sparse fingerprints: settings, weights, forward pass.

Plain arrays, so that predicting needs no TensorFlow; `training` has the rest.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Any, Literal, get_args

import numpy as np
from scipy.sparse import csr_matrix

Loss = Literal["huber", "mse"]
Protocol = Literal["organode", "thesis"]
Part = tuple[csr_matrix, np.ndarray]  # inputs (n, n_columns) and labels in eV (n, t)


@dataclass(frozen=True)
class NetworkSettings:
    """Settings of features and network: what a trial tries and what `best.yaml` holds.

    Attributes
    ----------
    radius, n_bits, counts
        The Morgan fingerprint: radius in bonds, folded length (0: not folded, a column for each
        environment that at least two molecules have), counts or bits.
    orbitals : bool
        Whether the frontier orbitals of `chem.orbitals.huckel` are inputs too: descriptors, and
        the density of each orbital on each environment, never folded.
    widths : tuple of int
        Units of each hidden layer (ReLU).
    dropout : float
        Share of units dropped after each hidden layer.
    l2 : float
        Factor of the squared kernel weights in the loss, as in Keras's `L2`.
    loss : {'huber', 'mse'}
        Of the scaled labels; the threshold of the Huber loss is 0.1 standard deviations.
    joint : bool
        Whether the other target is learned too, from the same hidden layers.
    learning_rate : float
        Highest learning rate of Adam.
    batch_size : int
        Molecules in a training step.
    protocol : {'organode', 'thesis'}
        Scaling of labels, initial weights, schedule of the learning rate and choice of the epoch:
        see `organode.models.network.training`.
    """

    radius: int
    n_bits: int
    counts: bool
    orbitals: bool
    widths: tuple[int, ...]
    dropout: float
    l2: float
    loss: Loss = "huber"
    joint: bool = True
    learning_rate: float = 1e-3
    batch_size: int = 128
    protocol: Protocol = "organode"

    @property
    def features(self) -> str:
        """Describe the input features in words."""
        kind = "counts" if self.counts else "bits"
        length = f"folded to {self.n_bits:,}" if self.n_bits else "not folded"
        orbitals = ", and Hückel orbitals" if self.orbitals else ""
        return f"Morgan {kind} of radius {self.radius}, {length}{orbitals}"

    def as_dict(self) -> dict[str, Any]:
        """Return plain values, fit for YAML, JSON and MLflow."""
        return asdict(self) | {"widths": list(self.widths)}

    @classmethod
    def from_dict(cls, content: dict[str, Any]) -> NetworkSettings:
        """Return the settings that `as_dict` wrote.

        Raises
        ------
        KeyError, TypeError, ValueError
            If they are incomplete or out of range.
        """
        made = cls(**(content | {"widths": tuple(content["widths"])}))
        whole = (made.radius, made.n_bits, made.batch_size, *made.widths)
        numbers = (made.dropout, made.l2, made.learning_rate)
        if not all(type(value) is int for value in whole):
            raise TypeError("radius, n_bits, batch_size and widths are whole numbers")
        if not all(type(value) in (int, float) and math.isfinite(value) for value in numbers):
            raise TypeError("dropout, l2 and learning_rate are numbers")
        if not all(type(value) is bool for value in (made.counts, made.orbitals, made.joint)):
            raise TypeError("counts, orbitals and joint are true or false")
        if made.loss not in get_args(Loss) or made.protocol not in get_args(Protocol):
            raise ValueError(f"unknown loss '{made.loss}' or unknown protocol '{made.protocol}'")
        if min(made.radius, made.n_bits) < 0 or min(made.batch_size, *made.widths) < 1:
            raise ValueError("a size is too small")
        if not 0 <= made.dropout < 1 or made.l2 < 0 or made.learning_rate <= 0:
            raise ValueError("dropout, l2 or learning_rate is out of range")
        return made


@dataclass(frozen=True)
class Fit:
    """A trained network and its learning curves.

    Attributes
    ----------
    weights : list of numpy.ndarray
        Kernel and bias of each layer, in order.
    mean, scale : float
        The network predicts ``(label − mean) / scale``, labels in eV.
    train_mae, valid_mae : list of float
        MAE of each epoch in eV; the former with dropout active.
    kept : int
        The epoch, from 1, that the weights are from.
    """

    weights: list[np.ndarray]
    mean: float
    scale: float
    train_mae: list[float]
    valid_mae: list[float]
    kept: int

    @property
    def mae(self) -> float:
        """Validation MAE of the kept weights, eV."""
        return self.valid_mae[self.kept - 1]


def forward(
    weights: list[np.ndarray], fingerprints: csr_matrix, dense: np.ndarray | None = None
) -> np.ndarray:
    """Return the scaled predictions of a network, shape (n,).

    Parameters
    ----------
    weights : list of numpy.ndarray
        Kernel and bias of each layer, in order.
    fingerprints : csr_matrix
        Shape (n, n_columns): the cost of the first layer grows with the non-zero entries.
    dense : numpy.ndarray, optional
        Shape (n, d): the last input columns, where hardly an entry is zero.
    """
    kernels, biases = weights[::2], weights[1::2]
    columns = fingerprints.shape[1]
    hidden = np.asarray(fingerprints @ kernels[0][:columns]) + biases[0]
    if dense is not None:
        hidden += dense @ kernels[0][columns:]
    for kernel, bias in zip(kernels[1:], biases[1:], strict=True):
        np.maximum(hidden, 0, out=hidden)
        hidden = hidden @ kernel + bias
    return np.asarray(hidden[:, 0], dtype=np.float64)
