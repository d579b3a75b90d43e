"""The common base class of an ensemble of networks, and of a student that imitates an ensemble."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from scipy.sparse import csr_matrix

from organode.models.input_columns import InputColumns
from organode.models.network.network import NetworkSettings


class Networks(ABC):
    """Base class of what predicts an energy k times, once for each cross-validation fold.

    It is either an ensemble of k networks or a student: one small network with k outputs that was
    trained to predict what the k networks of an ensemble predict.

    Attributes
    ----------
    target : str
        ``IE`` (ionisation energy) or ``EA`` (electron affinity).
    inputs : InputColumns
        The columns of the input matrix.
    """

    target: str
    inputs: InputColumns

    @property
    @abstractmethod
    def folds(self) -> Sequence[int]:
        """The validation folds of the k networks, in the order of the predictions.

        The network that makes a prediction was not trained on the rows of its validation fold. An
        output of a student imitates such a network.
        """

    @abstractmethod
    def predict(self, matrix: csr_matrix) -> np.ndarray:
        """Return the k predictions of the energy of n molecules, eV, shape (k, n).

        `matrix` is the input matrix, shape (n, n_columns), as from `InputColumns.matrix`.
        """

    @abstractmethod
    def save(self, folder: Path) -> None:
        """Write the networks to a folder, from which `load_networks` reads them."""

    @property
    def settings(self) -> NetworkSettings:
        """Settings of the input features and of the networks."""
        return self.inputs.settings

    def out_of_fold(self, predictions: np.ndarray, fold: np.ndarray) -> np.ndarray:
        """Return for each row the prediction by the network that was not trained on the row.

        Parameters
        ----------
        predictions : numpy.ndarray
            Shape (k, n), eV, as from `predict`.
        fold : numpy.ndarray
            Shape (n,): fold of each row; −1 for a row in no fold, such as a row of the test set.

        Returns
        -------
        numpy.ndarray
            Shape (n,), eV; NaN for a row in no fold.
        """
        prediction = np.full(predictions.shape[1], np.nan)
        for of, of_fold in zip(self.folds, predictions, strict=True):
            prediction[fold == of] = of_fold[fold == of]
        return prediction
