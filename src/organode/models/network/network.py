"""A fully connected network on sparse fingerprints: settings, weights, forward pass.

It uses NumPy arrays, so that predicting needs no TensorFlow; `organode.models.network.training`
trains with TensorFlow.
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
    """Settings of input features, network and training.

    Each trial of the hyperparameter search tries one set of these settings; the best set is stored
    in the file `best.yaml`.

    Attributes
    ----------
    radius : int
        Radius of the Morgan fingerprint, in bonds.
    n_bits : int
        Length to which the fingerprint is folded. If 0, the fingerprint is not folded: each
        environment that at least two training molecules have gets an input column of its own.
    counts : bool
        True: the input column of an environment holds ``log(1 + count)``, where `count` is how
        often the environment occurs in the molecule. False: it holds 1 if the environment occurs,
        otherwise 0.
    orbitals : bool
        Whether there are also inputs from the frontier orbitals of `organode.chem.orbitals.huckel`:
        descriptors of the orbitals, and the density of each orbital on each environment. The
        densities are never folded.
    widths : tuple of int
        Units of each hidden layer (ReLU).
    dropout : float
        Share of units dropped after each hidden layer.
    l2 : float
        Factor of the squared kernel weights in the loss, as in Keras's `L2`.
    loss : {'huber', 'mse'}
        Loss between scaled labels and outputs; the threshold of the Huber loss is 0.1 in units of
        the scaled label.
    joint : bool
        Whether the network also learns the other target (EA besides IE, or IE besides EA), with the
        same hidden layers and a second output.
    learning_rate : float
        Highest learning rate of the optimiser, Adam, during the training.
    batch_size : int
        Number of molecules in a training step.
    protocol : {'organode', 'thesis'}
        How labels are scaled, weights are initialised, the learning rate changes, and the epoch is
        chosen whose weights are kept: organode's way, or that of the 2020 thesis that the project
        began with. `organode.models.network.protocol` describes both.
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
        """The input features in words, such as ``Morgan counts of radius 1, not folded``."""
        kind = "counts" if self.counts else "bits"
        length = f"folded to {self.n_bits:,}" if self.n_bits else "not folded"
        orbitals = ", and Hückel orbitals" if self.orbitals else ""
        return f"Morgan {kind} of radius {self.radius}, {length}{orbitals}"

    def as_dict(self) -> dict[str, Any]:
        """Return the settings as a dictionary of plain values, for YAML, JSON and MLflow."""
        return asdict(self) | {"widths": list(self.widths)}

    @classmethod
    def from_dict(cls, content: dict[str, Any]) -> NetworkSettings:
        """Make the settings from a dictionary that `as_dict` returned.

        Raises
        ------
        KeyError, TypeError, ValueError
            If a setting is missing, unknown, of the wrong type or out of range.
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
        eV: the output of the network is ``(energy − mean) / scale``, where `energy` is the
        predicted energy in eV.
    train_mae, valid_mae : list of float
        MAE on the training rows and on the validation rows, one value for each epoch, eV. The
        training MAE is measured during the epoch, with dropout active; the validation MAE after it.
    kept : int
        The epoch, counted from 1, whose weights are kept.
    """

    weights: list[np.ndarray]
    mean: float
    scale: float
    train_mae: list[float]
    valid_mae: list[float]
    kept: int

    @property
    def mae(self) -> float:
        """Validation MAE of the network with the kept weights, eV."""
        return self.valid_mae[self.kept - 1]


def outputs(
    weights: list[np.ndarray], fingerprints: csr_matrix, dense: np.ndarray | None = None
) -> np.ndarray:
    """Return all k outputs of a network for n molecules, shape (n, k).

    The outputs are in the scaled units of the labels that the network was trained on.

    Parameters
    ----------
    weights : list of numpy.ndarray
        Kernel and bias of each layer, in order.
    fingerprints : csr_matrix
        Shape (n, n_columns): the sparse input columns. The cost of the first layer grows with the
        number of non-zero entries.
    dense : numpy.ndarray, optional
        Shape (n, d): the input columns that follow the sparse columns; hardly any of their entries
        is zero.
    """
    kernels, biases = weights[::2], weights[1::2]
    columns = fingerprints.shape[1]
    hidden = np.asarray(fingerprints @ kernels[0][:columns]) + biases[0]
    if dense is not None:
        hidden += dense @ kernels[0][columns:]
    for kernel, bias in zip(kernels[1:], biases[1:], strict=True):
        np.maximum(hidden, 0, out=hidden)
        hidden = hidden @ kernel + bias
    return np.asarray(hidden, dtype=np.float64)


def forward(
    weights: list[np.ndarray], fingerprints: csr_matrix, dense: np.ndarray | None = None
) -> np.ndarray:
    """Return the first output of a network for n molecules, shape (n,).

    The parameters are those of `outputs`.
    """
    return outputs(weights, fingerprints, dense)[:, 0]
