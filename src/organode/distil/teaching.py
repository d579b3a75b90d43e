"""Train a student: one small network that predicts what every member of an ensemble predicts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from scipy.sparse import csr_matrix

from organode.distil.narrowing import most_common
from organode.models.ensemble import Ensemble
from organode.models.network.network import NetworkSettings
from organode.models.network.protocol import scaling
from organode.models.network.training import fit
from organode.models.student import Student

ENVIRONMENTS = 2_600  # the most common ones; columns of others would double the student's size
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
    """Train a small network, the student, to predict what each of k ensemble members predicts.

    The student is trained on n molecules, which need no labels. It reads the most common of their
    environments.

    Parameters
    ----------
    ensemble : Ensemble
        The ensemble whose predictions the student learns.
    settings : NetworkSettings
        Settings of the student. The settings of the input features must be those of the ensemble.
    inputs : scipy.sparse.csr_matrix
        Shape (n, n_columns): the ensemble's input matrix for the molecules.
    predictions : numpy.ndarray
        Shape (n, k), eV: prediction of each ensemble member for each molecule.
    epochs : int
        Passes over the molecules.
    seed : int
        Seeds the order of molecules and the initial weights.
    on_epoch : callable
        Called after each epoch with the number of the epoch, from 1, and the mean absolute
        difference between student and first ensemble member, eV. The difference is that for every
        `HELD_OUT`-th (50th) molecule; the student is not trained on these molecules.
    """
    columns, kept = most_common(ensemble.inputs, inputs, ENVIRONMENTS)
    ensemble, inputs = replace(ensemble, inputs=columns), inputs[:, kept]
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
