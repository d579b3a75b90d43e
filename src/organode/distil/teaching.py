"""Teach a student: train one small network to predict what every member of an ensemble does."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.sparse import csr_matrix

from organode.models.ensemble import Ensemble
from organode.models.network.network import NetworkSettings
from organode.models.network.training import fit, scaling
from organode.models.student import Student

HELD_OUT = 50  # every so many-th molecule is for the progress bar, not for training


def teach(
    ensemble: Ensemble,
    settings: NetworkSettings,
    inputs: csr_matrix,
    predictions: np.ndarray,
    *,
    epochs: int,
    seed: int,
    on_epoch: Callable[[int, float], None] = lambda _epoch, _mae: None,
) -> Student:
    """Train a student of an ensemble of k members on n molecules.

    Parameters
    ----------
    ensemble : Ensemble
        The teacher.
    settings : NetworkSettings
        Settings of the student; those of the input features are the teacher's.
    inputs : scipy.sparse.csr_matrix
        Shape (n, n_columns): input matrix of the molecules.
    predictions : numpy.ndarray
        Shape (n, k), eV: what each member predicts for them.
    epochs : int
        Passes over the molecules.
    seed : int
        Seeds the order of molecules and the initial weights.
    on_epoch : callable
        Called after each epoch with its number, from 1, and the mean absolute difference from the
        first member for the held-out molecules, eV.
    """
    held_out = np.arange(len(predictions)) % HELD_OUT == 0
    taught = predictions[~held_out].astype(np.float64)
    fitted = fit(
        settings,
        (inputs[~held_out], taught),
        (inputs[held_out], predictions[held_out].astype(np.float64)),
        epochs=epochs,
        seed=seed,
        outputs=predictions.shape[1],
        on_epoch=on_epoch,
    )
    return Student.taught(ensemble, settings, fitted.weights, *scaling(settings, taught))
