"""What predicts energies with their spread: an ensemble, or a student that stands for one."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence

import numpy as np
from scipy.sparse import csr_matrix

from organode.models.input_columns import InputColumns
from organode.models.network.network import NetworkSettings


class Networks(ABC):
    """Predicts an energy k times, once for each cross-validation fold.

    Attributes
    ----------
    target : str
        ``IE`` or ``EA``.
    inputs : InputColumns
        The columns of the input matrix.
    """

    target: str
    inputs: InputColumns

    @property
    @abstractmethod
    def folds(self) -> Sequence[int]:
        """The k folds, in the order of the predictions, each of which has not seen its fold."""

    @abstractmethod
    def predict(self, matrix: csr_matrix) -> np.ndarray:
        """Return k predictions in eV, shape (k, n), for inputs of shape (n, n_columns)."""

    @property
    def settings(self) -> NetworkSettings:
        """Settings of input features and networks."""
        return self.inputs.settings

    def out_of_fold(self, predictions: np.ndarray, fold: np.ndarray) -> np.ndarray:
        """Return for each row the prediction that had not seen it.

        Parameters
        ----------
        predictions : numpy.ndarray
            Shape (k, n), eV, as from `predict`.
        fold : numpy.ndarray
            Shape (n,): fold of each row; −1 for a row of no fold, which no network has seen.

        Returns
        -------
        numpy.ndarray
            Shape (n,), eV; NaN for rows of no fold.
        """
        prediction = np.full(predictions.shape[1], np.nan)
        for of, of_fold in zip(self.folds, predictions, strict=True):
            prediction[fold == of] = of_fold[fold == of]
        return prediction
