"""Probability that a row has the lower of two energy references, alone or in blocks of rows.

The energy reference is the zero of a row's IE and EA. Energies that refer to the "lower" reference
are lower by a shift.
"""

from __future__ import annotations

import math

import numpy as np

from organode.curate.robust import robust_sd

SWITCH = 1e-3  # probability that a block with the other reference begins at a row
STRAY = 1e-3  # probability that a row has another reference than its block
DEGREES_OF_FREEDOM = 3.0  # of the errors' t distribution: gross outliers are common
# eV; least width of the errors of irregular rows, which may be too few to measure a width.
MIN_WIDTH = 0.3


def log_density(residuals: np.ndarray, shift: float, regular: np.ndarray) -> np.ndarray:
    """Return the log density of each row's residuals if the row has the higher or lower reference.

    The reference is the zero of the row's energies; energies with the lower reference are lower by
    `shift`. The residuals follow Student's t distribution.

    Parameters
    ----------
    residuals : numpy.ndarray
        Shape (n, t): t energies of each row minus their predictions for the higher reference, eV;
        missing residuals (NaN) contribute nothing.
    shift : float
        By how much the energies of rows with the lower reference are lower, eV.
    regular : numpy.ndarray of bool
        Shape (n,): the rows that train the model of the energies. These rows and all other rows
        have error distributions of different widths, which are estimated separately.

    Returns
    -------
    numpy.ndarray
        Shape (n, 2): log density, up to a constant, for the higher and for the lower reference.
    """
    total = np.zeros((len(residuals), 2))
    for column in residuals.T:
        nearer = np.where(np.abs(column) < np.abs(column + shift), column, column + shift)
        for group in (regular, ~regular):
            known = group & np.isfinite(column)
            if not known.any():
                continue
            width = robust_sd(nearer[known])
            if group is not regular:
                width = max(width, MIN_WIDTH)
            for state, values in enumerate((column[known], column[known] + shift)):
                total[known, state] -= math.log(width) + (DEGREES_OF_FREEDOM + 1) / 2 * np.log1p(
                    np.square(values / width) / DEGREES_OF_FREEDOM
                )
    return total


def probability_of_shift(logp: np.ndarray) -> tuple[np.ndarray, float, bool]:
    """Return the probability that each row has the lower reference, by the likelier of two models.

    A row has one of two energy references (zeros of its energies). In the first model, consecutive
    rows form blocks with the same reference; in the second model, the rows are independent.

    Parameters
    ----------
    logp : numpy.ndarray
        Shape (n, 2): log density for the higher and the lower reference, from `log_density`.

    Returns
    -------
    probability : numpy.ndarray
        Shape (n,): probability of the lower reference.
    likelihood : float
        Log likelihood of all rows under the likelier model.
    in_blocks : bool
        Whether the model with blocks is the likelier one.
    """
    blocks, independent = _in_blocks(logp), _independent(logp)
    in_blocks = blocks[1] >= independent[1]
    return *(blocks if in_blocks else independent), in_blocks


def _independent(logp: np.ndarray) -> tuple[np.ndarray, float]:
    """Return probabilities and log likelihood for independent rows.

    The probabilities, shape (n,), are those that a row has the lower of two energy references.
    Before its energies are known, both references are equally likely. `logp` is the result of
    `log_density`.
    """
    top = logp.max(axis=1)
    relative = np.exp(logp - top[:, None])
    total = relative.sum(axis=1)
    return relative[:, 1] / total, float((top + np.log(total / 2)).sum())


def _in_blocks(logp: np.ndarray) -> tuple[np.ndarray, float]:
    """Return probabilities and log likelihood for rows in blocks, by a hidden Markov model.

    The probabilities, shape (n,), are those that a row has the lower of two energy references;
    `logp` is the result of `log_density`. A row begins a block with the other reference with the
    probability `SWITCH`; a row has another reference than its block with the probability `STRAY`.
    The results are computed by the forward and backward recursion (Rabiner, Proc. IEEE 77, 1989,
    257, doi 10.1109/5.18626).
    """
    n = len(logp)
    relative = np.exp(logp - logp.max(axis=1, keepdims=True))
    emission = (1 - STRAY) * relative + STRAY * relative[:, ::-1]
    first, second = emission[:, 0].tolist(), emission[:, 1].tolist()
    forward = np.empty(n)  # probability of the shifted block, given the rows up to this row
    current, likelihood = 0.5, float(logp.max(axis=1).sum())
    for row in range(n):
        ahead = current * (1 - SWITCH) + (1 - current) * SWITCH if row else 0.5
        low, high = ahead * second[row], (1 - ahead) * first[row]
        likelihood += math.log(low + high)
        current = low / (low + high)
        forward[row] = current
    backward = np.empty(n)  # normalised likelihood of the rows after this row
    after = 0.5
    for row in range(n - 1, -1, -1):
        backward[row] = after
        low, high = after * second[row], (1 - after) * first[row]
        share = low / (low + high)
        after = share * (1 - SWITCH) + (1 - share) * SWITCH
    low, high = forward * backward, (1 - forward) * (1 - backward)
    block = low / (low + high)
    in_low = (1 - STRAY) * relative[:, 1] / emission[:, 1]
    in_high = STRAY * relative[:, 1] / emission[:, 0]
    return block * in_low + (1 - block) * in_high, likelihood
