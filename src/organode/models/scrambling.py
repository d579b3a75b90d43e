"""What a network learns of labels that belong to other molecules: nothing, or something is wrong.

Y-scrambling: Rücker, Rücker and Meringer, J. Chem. Inf. Model. 47 (2007) 2345, doi
10.1021/ci700157b.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scipy.sparse import csr_matrix

from organode.models.metrics import errors
from organode.models.network.network import NetworkSettings, forward
from organode.models.training_data import Labelled

EPOCHS = 5  # after which a network on true labels is near its final error
FOLD = 0  # the one to judge on


def scrambled(
    data: Labelled, matrix: csr_matrix, settings: NetworkSettings, seed: int
) -> dict[str, float]:
    """Train one network on shuffled labels and judge it by the true ones of its fold.

    Parameters
    ----------
    data : Labelled
        n rows; the outer ones are not touched.
    matrix : scipy.sparse.csr_matrix
        Shape (n, n_columns): the networks' input.
    settings : NetworkSettings
        Of the ensemble's networks.
    seed : int
        Of the shuffling and the training.

    Returns
    -------
    dict
        `mae` (eV) and `r2` on the true labels, `mae_of_the_mean` (eV), what the mean label alone
        would give, `n`, and the `epochs` learned and the `fold` judged.
    """
    from organode.models.network.training import fit  # TensorFlow

    train, valid = data.parts(matrix, FOLD, joint=False)
    shuffled = np.random.default_rng(seed).permutation(train[1])
    alone = replace(settings, joint=False)
    fitted = fit(alone, (train[0], shuffled), valid, epochs=EPOCHS, seed=seed, fold=FOLD)
    label = valid[1][:, 0]
    found = errors(label, forward(fitted.weights, valid[0]) * fitted.scale + fitted.mean)
    return {
        "mae": found["mae"],
        "r2": found["r2"],
        "mae_of_the_mean": round(float(np.abs(label - train[1].mean()).mean()), 6),
        "n": len(label),
        "epochs": EPOCHS,
        "fold": FOLD,
    }
