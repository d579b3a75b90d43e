"""Networks from which a training goes on, instead of from random weights.

Networks that have learned other labels know much chemistry that the labels at hand share, and need
fewer of them. What differs is mostly the zero and the scale of the energies, which a line corrects
before the training goes on.
"""

from __future__ import annotations

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from organode.chem.features import NetworkFeatures
from organode.models.input_columns import InputColumns
from organode.models.network.network import NetworkSettings, Part, forward
from organode.utils.code import code_digest

FEW = 10  # molecules; for fewer, only the zero of the energies is corrected
SLOPES = 0.5, 2.0  # limits of the line's slope
COMPARED = 2_000  # molecules, at most, with which networks are compared and lines are fitted


class Start(ABC):
    """Base class of earlier networks of one target, from which a training goes on."""

    @property
    @abstractmethod
    def name(self) -> str:
        """Name of the earlier networks, for parameters of runs and for messages."""

    @property
    @abstractmethod
    def settings(self) -> NetworkSettings:
        """Settings of the training: inputs and widths are those of the earlier networks."""

    @property
    @abstractmethod
    def columns(self) -> InputColumns:
        """Input columns of the earlier networks."""

    @abstractmethod
    def networks(self, fold: int) -> list[list[np.ndarray]]:
        """Return the networks from which that of a fold may go on, each with one output in eV.

        A network is a list of kernel and bias of each layer.
        """

    @abstractmethod
    def n_known(self, smiles: Sequence[str]) -> int:
        """Return how many of some molecules the earlier networks seem to have been trained on."""

    @abstractmethod
    def epochs(self, rows: int, least: int) -> int:
        """Return the number of epochs of a training on `rows` molecules, if `least` are set."""

    def inputs(self, features: NetworkFeatures, rows: np.ndarray) -> InputColumns:
        """Return the earlier networks' input columns, and one for each new environment.

        Parameters
        ----------
        features : NetworkFeatures
            Features of n molecules.
        rows : numpy.ndarray
            Positions of the training molecules among the n molecules, without the test set.
        """
        own = InputColumns.choose(self.settings, features, rows)
        return replace(
            self.columns,
            settings=self.settings,
            identifiers=np.union1d(self.columns.identifiers, own.identifiers),
        )

    def weights(self, fold: int, inputs: InputColumns, train: Part) -> list[np.ndarray]:
        """Return the weights from which the network of a validation fold goes on.

        Of several earlier networks it is the one that comes nearest to the labels.

        Parameters
        ----------
        fold : int
            The validation fold.
        inputs : InputColumns
            The columns of the network's input matrix, from the method `inputs`.
        train : tuple of (scipy.sparse.csr_matrix, numpy.ndarray)
            Training molecules: inputs, and labels in eV, whose first column is the target's.

        Returns
        -------
        list of numpy.ndarray
            Kernel and bias of each layer. The output is an energy in eV, corrected to the labels
            by a line or, for fewer than `FEW` labels, by a constant.
        """
        every = slice(None, None, -(-len(train[1]) // COMPARED))
        columns, label = inputs.parted(train[0][every]), train[1][every, 0]
        fitted = []
        for kernel, *rest in self.networks(fold):
            weights = [self._placed(kernel, inputs), *rest]
            predicted = forward(weights, *columns)
            slope, constant = _line(predicted, label)
            error = float(np.abs(predicted * slope + constant - label).mean())
            weights[-2], weights[-1] = weights[-2] * slope, weights[-1] * slope + constant
            fitted.append((error, [each.astype(np.float32) for each in weights]))
        return min(fitted, key=lambda each: each[0])[1]

    def digest(self, n_folds: int) -> str:
        """Return the SHA-256 of the networks of all folds, and of the code that goes on."""
        total = hashlib.sha256(code_digest(type(self).__module__).encode())
        columns = self.columns
        inputs = (columns.identifiers, columns.sites, columns.mean, columns.scale)
        for each in (*inputs, *self.arrays(n_folds)):
            total.update(np.ascontiguousarray(each).tobytes())
        return total.hexdigest()

    def arrays(self, n_folds: int) -> list[np.ndarray]:
        """Return the weights of the networks of all folds."""
        networks = [network for fold in range(n_folds) for network in self.networks(fold)]
        return [each for network in networks for each in network]

    def _placed(self, kernel: np.ndarray, inputs: InputColumns) -> np.ndarray:
        """Return the first kernel with a row for each of the new input columns; new rows are 0."""
        earlier = self.columns
        new = np.searchsorted(inputs.identifiers, earlier.identifiers)
        added = len(inputs.identifiers) - len(earlier.identifiers)
        placed = np.zeros((len(kernel) + added, kernel.shape[1]), np.float32)
        placed[new] = kernel[: len(new)]
        placed[len(inputs.identifiers) :] = kernel[len(new) :]
        return placed


def one_output(weights: list[np.ndarray], place: int) -> list[np.ndarray]:
    """Return a network with only the output `place` of a network that has several."""
    *below, kernel, bias = weights
    return [*below, kernel[:, [place]], bias[[place]]]


def _line(predicted: np.ndarray, label: np.ndarray) -> tuple[float, float]:
    """Return slope and constant of the least-squares line from predicted to known energies, eV."""
    if len(label) < FEW or np.ptp(predicted) == 0:
        return 1.0, float(np.mean(label - predicted))
    slope = float(np.clip(np.polyfit(predicted, label, 1)[0], *SLOPES))
    return slope, float(np.mean(label - slope * predicted))
