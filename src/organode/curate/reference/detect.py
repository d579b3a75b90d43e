"""Detect which zero each row's energies have: the vacuum, or Li/Li⁺.

A table put together from several sources may hold rows whose IE and EA are both too low by the
same amount: they were referred to an electrode before they were stored, and no column says so.
Three observations together reveal such rows: both energies disagree with a model of the table by
the same amount; so do those of the neighbouring rows; and so does the electronegativity by tight
binding.
"""

from __future__ import annotations

import math

import numpy as np

from organode.artifacts import TARGETS
from organode.curate.reference.assignment import Assignment, Evidence
from organode.curate.reference.likelihood import log_density
from organode.curate.reference.shift import (
    MIN_ROWS,
    MIN_SHIFT,
    TwoReferences,
    first_guesses,
    refine,
    weighted_mean,
)
from organode.curate.robust import robust_sd

# Absolute potentials of Li/Li⁺ in use, in V: that of SHE (4.44: Trasatti, Pure Appl. Chem. 58,
# 1986, 955, doi 10.1351/pac198658070955; 4.28: Kelly, Cramer, Truhlar, J. Phys. Chem. B 110, 2006,
# 16066, doi 10.1021/jp063552y) less 3.04 V.
CONVENTIONS = {"Li/Li⁺ with SHE at 4.44 V": 1.40, "Li/Li⁺ with SHE at 4.28 V": 1.24}
SAME_SHIFT = 0.05  # eV: an estimate as close as this to a convention is that convention

N_REFINED = 2  # first guesses from each offset that are refined
MIN_SHARE = 0.01  # of the regular rows
# Where the references do not lie in blocks, only the row's own energies decide: the two references
# have to be this many standard deviations apart, or correlated errors would pass for a shift.
MIN_SEPARATION = 4.0
# Rows of another reference are other molecules too. The model's errors for them are not in its
# standard error: on the Materials Project's table the estimates of six models of different kind and
# flexibility, and of molecules of different size, scattered by this much.
MODEL_ERROR = 0.03  # eV
MIN_ANCHORS = 8
MAX_LEVEL = 0.55  # eV from the absolute scale: a level beyond is neither absolute nor Li/Li⁺


def detect(evidence: Evidence, absolute_li: float = 1.40) -> Assignment:
    """Assign each row its reference.

    Several shifts, of the offset to the xTB reference and of the model's residuals, give first
    assignments. The likeliest of these are refined until nothing changes: fit the model to the
    energies made absolute, estimate the shift, assign each row by the residuals of both its
    energies and by its neighbours (a hidden Markov model with heavy-tailed errors). The likeliest
    result is taken. The model cannot absorb the shift, since it learns from energies that were made
    absolute, and the shift is estimated from the part of the assignment that the model cannot
    predict (double machine learning: Chernozhukov et al., Econom. J. 21, 2018, C1,
    doi 10.1111/ectj.12097).

    Parameters
    ----------
    evidence : Evidence
        The rows.
    absolute_li : float
        Absolute potential of Li/Li⁺ in V, used where all rows are referred to Li/Li⁺: there the
        shift cannot be measured more precisely than the xTB reference allows.

    Returns
    -------
    Assignment
        One reference for all rows, unless a second reference is established.
    """
    regular = evidence.regular
    residuals = evidence.energies - evidence.model.predict(evidence.energies)
    if regular.sum() < 2 * MIN_ROWS:
        reason = f"only {int(regular.sum())} rows have both energies, too few to look for a shift"
        return _one_reference(evidence, residuals, absolute_li, reason)
    # Where the reference goes with the chemistry, such as with the size of the molecules, only the
    # xTB reference shows it; elsewhere the model's own residuals are sharper.
    guesses = []
    for offset in (evidence.energies.mean(axis=1) - evidence.xtb_reference, residuals.mean(axis=1)):
        guesses += first_guesses(offset, regular)[:N_REFINED]
    states = [state for guess in guesses if (state := refine(evidence, guess)) is not None]
    best = max(states, key=lambda state: state.likelihood, default=None)
    if best is None:
        return _one_reference(evidence, residuals, absolute_li, "no assignment is stable")
    without = float(log_density(residuals, 0.0, regular)[:, 0].sum())
    objection = _objection(best, regular, without)
    if objection:
        return _one_reference(evidence, residuals, absolute_li, objection)
    return _two_references(evidence, best)


def _two_references(evidence: Evidence, best: TwoReferences) -> Assignment:
    """Describe an established pair of references."""
    level, scale_name = _level(evidence, evidence.regular & ~best.low)
    estimates = _estimates(best, evidence)
    _, shifts, errors = zip(*estimates, strict=True)
    shift, error = weighted_mean(shifts, errors)
    name, applied = _convention(shift)
    verdict = (
        f"two references: {int(best.low.sum()):,} rows are lower by {shift:.3f} ± {error:.3f} eV "
        f"in both energies (model alone: IE {best.by_target[0]:.3f}, EA {best.by_target[1]:.3f}); "
        + (f"this is {name}, {applied:.2f} V" if name else "this is no known convention")
    )
    scale = "absolute"
    verdict += f"; the higher reference lies {level:+.2f} eV from {scale_name}"
    if abs(level) > MAX_LEVEL:
        scale = "unknown"
        verdict += ", too far to be absolute"
    return Assignment(
        li=best.low,
        confidence=np.where(best.low, best.probability, 1 - best.probability),
        applied=applied,
        level=level,
        scale=scale,
        residuals=best.residuals,
        verdict=verdict,
        shift=shift,
        shift_error=error,
        by_target=best.by_target,
        estimates=estimates,
    )


def _estimates(state: TwoReferences, evidence: Evidence) -> tuple[tuple[str, float, float], ...]:
    """Return the shift by the model and, where there are enough of them, by the anchors."""
    error = math.hypot(state.error, MODEL_ERROR)
    estimates = [("the part of the assignment that the model cannot predict", state.shift, error)]
    off = evidence.energies - evidence.anchor
    for column, target in enumerate(TARGETS):
        known = np.isfinite(off[:, column])
        sides = [off[known & side, column] for side in (~state.low, state.low)]
        if min(map(len, sides)) < MIN_ANCHORS:
            continue
        # 1.2533: the standard error of a median is that much larger than that of a mean.
        errors = [1.2533 * robust_sd(side) / math.sqrt(len(side)) for side in sides]
        counts = " and ".join(str(len(side)) for side in sides)
        estimates.append(
            (
                f"{target} of anchor molecules by density functional theory "
                f"({counts} with the higher and the lower reference)",
                float(np.median(sides[0]) - np.median(sides[1])),
                max(math.hypot(*errors), 1e-3),
            )
        )
    return tuple(estimates)


def _level(evidence: Evidence, rows: np.ndarray) -> tuple[float, str]:
    """Return the distance of (IE + EA) / 2 of some rows from the absolute scale, and whose scale.

    NaN where no row of these has an anchor or both energies.
    """
    off = evidence.energies[rows] - evidence.anchor[rows]
    off = off[np.isfinite(off).all(axis=1)]
    if len(off) >= MIN_ANCHORS:
        name = f"the absolute scale of {len(off)} anchor molecules (density functional theory)"
        return float(np.median(off, axis=0).mean()), name
    against = evidence.energies[rows].mean(axis=1) - evidence.xtb_reference[rows]
    against = against[np.isfinite(against)]
    return (float(np.median(against)) if len(against) else math.nan), "xTB's absolute scale"


def _convention(shift: float) -> tuple[str, float]:
    """Return the convention nearest to a shift and its value, or no name and the shift itself."""
    name, value = min(CONVENTIONS.items(), key=lambda item: abs(item[1] - shift))
    return (name, value) if abs(value - shift) <= SAME_SHIFT else ("", shift)


def _one_reference(
    evidence: Evidence, residuals: np.ndarray, absolute_li: float, reason: str
) -> Assignment:
    """Give all rows the same reference, by their level on the absolute scale."""
    n = len(evidence.regular)
    level, scale_name = _level(evidence, evidence.regular)
    li = level < -absolute_li / 2  # false for NaN: no evidence
    if math.isnan(level):
        scale = "unknown"
        conclusion = "the zero of the energies cannot be determined, and nothing was changed"
    else:
        scale = "absolute" if abs(level + absolute_li * li) <= MAX_LEVEL else "unknown"
        conclusion = f"(IE + EA) / 2 is {level:+.2f} eV from {scale_name}, so " + (
            f"all rows are referred to Li/Li⁺ ({absolute_li:.2f} V added)"
            if li
            else "all rows are absolute and nothing was changed"
        )
    return Assignment(
        li=np.full(n, li),
        confidence=np.full(n, math.nan if math.isnan(level) else 1.0),
        applied=absolute_li if li else 0.0,
        level=level,
        scale=scale,
        residuals=residuals,
        verdict=f"one reference: {reason}; {conclusion}",
    )


def _objection(state: TwoReferences, regular: np.ndarray, without: float) -> str:
    """Return why two references are not established; empty if they are.

    `without` is the log likelihood of a single reference.
    """
    low = int((state.low & regular).sum())
    high = int(regular.sum()) - low
    fewest = max(MIN_ROWS, MIN_SHARE * int(regular.sum()))
    if state.shift < MIN_SHIFT:
        return f"the largest common shift is {max(state.shift, 0):.2f} eV"
    if min(low, high) < fewest:
        return f"only {min(low, high)} rows agree on a common shift"
    apart = abs(state.by_target[0] - state.by_target[1])
    if apart > max(0.15, 0.2 * state.shift):
        return (
            f"the only groups of rows that differ do so by {state.by_target[0]:.2f} eV in IE but "
            f"{state.by_target[1]:.2f} eV in EA"
        )
    offset = state.residuals[regular].mean(axis=1) + state.shift * state.low[regular]
    if not state.in_blocks and state.shift < MIN_SEPARATION * robust_sd(offset):
        return (
            f"a shift of {state.shift:.2f} eV in rows that form no blocks cannot be told from "
            "errors"
        )
    if state.likelihood < without + 10 * math.log(len(regular)):
        return "two references explain the rows no better than one"
    return ""
