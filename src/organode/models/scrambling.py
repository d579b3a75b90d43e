"""Y-scrambling: a network trained on shuffled labels, as a control.

Such a network must not predict the true labels better than the mean label does (Rücker, Rücker and
Meringer, J. Chem. Inf. Model. 47 (2007) 2345, doi 10.1021/ci700157b).
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scipy.sparse import csr_matrix

from organode.models.metrics import errors
from organode.models.network.network import NetworkSettings, forward
from organode.models.training_data import Labelled

EPOCHS = 5  # a network trained on true labels is near its final error by then
FOLD = 0  # validation fold


def scrambled(
    data: Labelled, matrix: csr_matrix, settings: NetworkSettings, seed: int
) -> dict[str, float]:
    """Train one network on shuffled labels and evaluate it on true labels of its validation fold.

    Parameters
    ----------
    data : Labelled
        Training data of n rows; rows of the test set are not used.
    matrix : scipy.sparse.csr_matrix
        Shape (n, n_columns): the networks' input matrix for these rows.
    settings : NetworkSettings
        Settings of the ensemble's networks. The network learns only the target itself, even if
        `settings.joint` is true.
    seed : int
        Seed of the shuffling and of the training.

    Returns
    -------
    dict
        `mae` (eV) and `r2` on the true labels; `mae_of_the_mean` (eV), the MAE of predicting the
        mean training label for every row; `n`, the number of validation rows; `epochs`, the
        number of training epochs; `fold`, the validation fold.
    """
    from organode.models.network.training import fit  # TensorFlow

    train, valid = data.parts(matrix, FOLD, joint=False)
    shuffled = np.random.default_rng(seed).permutation(train[1])
    single = replace(settings, joint=False)
    fitted = fit(single, (train[0], shuffled), valid, epochs=EPOCHS, seed=seed, fold=FOLD)
    label = valid[1][:, 0]
    metrics = errors(label, forward(fitted.weights, valid[0]) * fitted.scale + fitted.mean)
    return {
        "mae": metrics["mae"],
        "r2": metrics["r2"],
        "mae_of_the_mean": round(float(np.abs(label - train[1].mean()).mean()), 6),
        "n": len(label),
        "epochs": EPOCHS,
        "fold": FOLD,
    }
