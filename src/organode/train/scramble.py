"""What a network learns of labels that belong to other molecules: nothing, or something is wrong.

Y-scrambling: Rücker, Rücker and Meringer, J. Chem. Inf. Model. 47 (2007) 2345, doi
10.1021/ci700157b.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scipy.sparse import csr_matrix

from organode.labelled import Labelled
from organode.network import NetworkSettings, forward

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
        would give, and `n`.
    """
    from organode.network.training import fit  # TensorFlow

    train, valid = data.parts(matrix, FOLD, joint=False)
    shuffled = np.random.default_rng(seed).permutation(train[1])
    alone = replace(settings, joint=False)
    fitted = fit(alone, (train[0], shuffled), valid, epochs=EPOCHS, seed=seed, fold=FOLD)
    label = valid[1][:, 0]
    residual = forward(fitted.weights, valid[0]) * fitted.scale + fitted.mean - label
    total = np.square(label - label.mean()).sum()
    return {
        "mae": round(float(np.abs(residual).mean()), 4),
        "r2": round(float(1 - np.square(residual).sum() / total), 4),
        "mae_of_the_mean": round(float(np.abs(label - train[1].mean()).mean()), 4),
        "n": len(label),
    }
