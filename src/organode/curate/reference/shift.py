"""Search for two groups of rows whose energy references differ, by the same shift in IE and EA.

The energy reference of a row is the zero of its IE and EA, such as the vacuum or Li/Li⁺. Energies
that refer to the "lower" of two references are lower by the shift.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from organode.curate.reference.assignment import Evidence
from organode.curate.reference.likelihood import log_density, probability_of_shift
from organode.curate.robust import robust_sd

START_SHIFTS = (0.6, 1.0, 1.4, 2.0)  # eV
MIN_SHIFT = 0.3  # eV: smaller shifts cannot be told from the model's errors
MIN_ROWS = 30  # of each reference
MAX_ROUNDS = 12
OUTLIER = 3.0  # robust standard deviations; a row beyond does not count in the estimate of a shift


@dataclass(frozen=True)
class TwoReferences:
    """Assignment of n rows to two energy references, the zeros of their IE and EA.

    Energies that refer to the "lower" reference are lower by `shift` than if they referred to the
    "higher" reference.

    Attributes
    ----------
    low : numpy.ndarray of bool
        Shape (n,): whether the row's energies refer to the lower reference.
    probability : numpy.ndarray
        Shape (n,): probability that the row has the lower reference.
    shift, error : float
        By how much the energies of rows with the lower reference are lower, eV, and the standard
        error of this shift.
    by_target : tuple of float
        The shift from IE alone and from EA alone, eV.
    residuals : numpy.ndarray
        Shape (n, 2): IE and EA as in the source minus their out-of-fold predictions, eV. The model
        that predicts was fitted to energies that were all converted to the higher reference.
    likelihood : float
        Log likelihood of all rows under this assignment.
    in_blocks : bool
        Whether consecutive rows form blocks of the same reference.
    """

    low: np.ndarray
    probability: np.ndarray
    shift: float
    error: float
    by_target: tuple[float, float]
    residuals: np.ndarray
    likelihood: float
    in_blocks: bool


def first_guesses(offset: np.ndarray, regular: np.ndarray) -> list[np.ndarray]:
    """Guess which rows have the lower of two energy references, from one number for each row.

    The energy reference is the zero of a row's energies, such as the vacuum or Li/Li⁺. Energies
    that refer to the "lower" reference are lower by a shift.

    Parameters
    ----------
    offset : numpy.ndarray
        Shape (n,): a quantity that is lower by the shift for rows with the lower reference, such as
        (IE + EA) / 2 minus the xTB reference, eV.
    regular : numpy.ndarray of bool
        Shape (n,): the rows from which the typical offset for each reference is estimated.

    Returns
    -------
    list of numpy.ndarray
        Different assignments from several starting values, the likeliest first; each of shape (n,),
        True for the lower reference. The list is empty if no starting value led to two groups of at
        least `MIN_ROWS` regular rows each.
    """
    centre = float(np.median(offset[regular]))
    guesses: dict[bytes, tuple[float, np.ndarray]] = {}
    for start in START_SHIFTS:
        # Most rows may have the higher reference, the lower one, or half of them each.
        for top in (centre, centre + start, centre + start / 2):
            guess = _first_guess(offset, regular, top, start)
            if guess is not None:
                guesses.setdefault(guess[1].tobytes(), guess)
    return [low for _, low in sorted(guesses.values(), key=lambda guess: -guess[0])]


def _first_guess(
    offset: np.ndarray, regular: np.ndarray, high: float, shift: float
) -> tuple[float, np.ndarray] | None:
    """Divide rows into two groups by their offset, and repeat with the groups' median offsets.

    `offset` and `regular` are those of `first_guesses`. The search starts with groups around the
    offsets `high` and `high` − `shift`, in eV, and ends when no row changes its group any more, or
    after `MAX_ROUNDS` rounds. Return the log likelihood and, for each row, whether it is in the
    group with the lower offset; None if a group has fewer than `MIN_ROWS` regular rows.
    """
    low = np.zeros(len(offset), bool)
    for _ in range(MAX_ROUNDS):
        logp = log_density((offset - high)[:, None], shift, regular)
        probability, likelihood, _ = probability_of_shift(logp)
        before, low = low, probability > 0.5
        if min((low & regular).sum(), (~low & regular).sum()) < MIN_ROWS:
            return None
        high = float(np.median(offset[regular & ~low]))
        shift = high - float(np.median(offset[regular & low]))
        if (low == before).all():
            break
    return likelihood, low


def refine(evidence: Evidence, low: np.ndarray) -> TwoReferences | None:
    """Fit a model, estimate the shift and assign the rows to two references, again and again.

    A reference is the zero of a row's IE and EA; energies with the "lower" reference are lower by
    the shift. The rounds end when an assignment of the rows occurs again, when the shift is too
    small to be told from the model's errors, when a reference has too few rows, or after
    `MAX_ROUNDS` rounds.

    Parameters
    ----------
    evidence : Evidence
        Energies of the rows, and the model to fit.
    low : numpy.ndarray of bool
        Shape (n,): a first guess of which rows have the lower reference.

    Returns
    -------
    TwoReferences or None
        The last assignment; None if the first guess gives one of the references to fewer than
        `MIN_ROWS` of the rows in `evidence.regular`.
    """
    state: TwoReferences | None = None
    seen: set[bytes] = set()
    regular = evidence.regular
    for _ in range(MAX_ROUNDS):
        counted = low & regular
        if counted.sum() < MIN_ROWS or (regular & ~low).sum() < MIN_ROWS:
            return state
        columns = np.column_stack([evidence.energies, low.astype(float)])
        predicted = evidence.model.predict(columns)
        by_target, errors = _estimate(columns - predicted, regular)
        shift, error = weighted_mean(by_target, errors)
        # Predictions are linear in the labels, so the model of energies brought to the higher
        # reference needs no second fit.
        residuals = evidence.energies - (predicted[:, :2] + shift * predicted[:, 2:])
        logp = log_density(residuals, shift, regular)
        probability, likelihood, in_blocks = probability_of_shift(logp)
        low = probability > 0.5
        state = TwoReferences(
            low, probability, shift, error, by_target, residuals, likelihood, in_blocks
        )
        if shift < MIN_SHIFT or low.tobytes() in seen:
            break
        seen.add(low.tobytes())
    return state


def _estimate(
    residuals: np.ndarray, regular: np.ndarray
) -> tuple[tuple[float, float], tuple[float, float]]:
    """Estimate the shift from IE and from EA; return both shifts, and both standard errors, in eV.

    Rows have one of two references, zeros of the energies. Energies with the "lower" reference are
    lower by the shift.

    Parameters
    ----------
    residuals : numpy.ndarray
        Shape (n, 3): IE, EA (eV) and the assignment (1 for the lower reference, else 0) minus their
        out-of-fold predictions.
    regular : numpy.ndarray of bool
        Shape (n,): rows to use. Rows whose residual, after the shift is taken into account, exceeds
        `OUTLIER` robust standard deviations are left out.
    """
    shifts, errors = [], []
    assignment = residuals[:, 2]
    for target in (0, 1):
        rows = regular.copy()
        shift = 0.0
        for _ in range(10):
            shift = -float(
                residuals[rows, target] @ assignment[rows] / (assignment[rows] @ assignment[rows])
            )
            rest = residuals[:, target] + shift * assignment
            rows = regular & (np.abs(rest) < OUTLIER * robust_sd(rest[regular]))
        rest = residuals[rows, target] + shift * assignment[rows]
        scale = float(assignment[rows] @ assignment[rows])
        shifts.append(shift)
        errors.append(math.sqrt(float(np.square(rest * assignment[rows]).sum())) / scale)
    return (shifts[0], shifts[1]), (errors[0], errors[1])


def weighted_mean(values: Sequence[float], errors: Sequence[float]) -> tuple[float, float]:
    """Return the mean of `values` weighted by 1 / `errors`², and the standard error of the mean."""
    weights = 1 / np.square(errors)
    return float(np.average(values, weights=weights)), float(weights.sum() ** -0.5)
