"""Detect for each row whether its energies are vs vacuum or vs Li/Li⁺.

A table put together from several sources may hold rows whose IE and EA are both too low by the
same amount: these energies were referred to the electrode Li/Li⁺ before they were stored, and no
column says so. Three observations together reveal such a row: a model of the table predicts both
energies too high by the same amount; the energies of neighbouring rows are lower than predicted by
this amount, too; and (IE + EA) / 2 is lower by this amount than its value by the tight-binding
method xTB.
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

# Potentials of Li/Li⁺ vs vacuum in use, in V: that of the standard hydrogen electrode SHE (4.44:
# Trasatti, Pure Appl. Chem. 58, 1986, 955, doi 10.1351/pac198658070955; 4.28: Kelly, Cramer,
# Truhlar, J. Phys. Chem. B 110, 2006, 16066, doi 10.1021/jp063552y) minus 3.04 V.
CONVENTIONS = {"Li/Li⁺ with SHE at 4.44 V": 1.40, "Li/Li⁺ with SHE at 4.28 V": 1.24}
SAME_SHIFT = 0.05  # eV: an estimate as close as this to a convention is that convention

N_REFINED = 2  # first guesses from each offset that are refined
MIN_SHARE = 0.01  # of the regular rows; a reference of fewer rows is not accepted
# Where the references do not lie in blocks, only the row's own energies decide: the two references
# have to be this many standard deviations apart, or correlated errors would pass for a shift.
MIN_SEPARATION = 4.0
# The rows of the two references are different molecules. The model may be wrong by different
# amounts for them, which the standard error of the shift does not contain: on the Materials
# Project's table the shifts by six models of different kind and flexibility, and from molecules of
# different size, scattered by this much.
MODEL_ERROR = 0.03  # eV
MIN_ANCHORS = 8  # anchor molecules for an estimate from them
MAX_LEVEL = 0.55  # eV; energies that are further from both vacuum and Li/Li⁺ refer to neither


def detect(evidence: Evidence, absolute_li: float = 1.40) -> Assignment:
    """Assign an energy reference, vacuum or Li/Li⁺, to each row.

    Guessed assignments come from two quantities: (IE + EA) / 2 minus its value by xTB, and the
    errors of a model of the table; each is tried with several starting values of the shift between
    the two references. The likeliest assignments are refined until nothing changes: fit the model
    to the energies, converted to one reference; estimate the shift; assign each row by the errors
    of the model for IE and EA and by the neighbouring rows (a hidden Markov model with heavy-tailed
    errors). The likeliest result is taken. The model cannot absorb the shift, since it learns from
    energies of one reference, and the shift is estimated from the part of the assignment that the
    model cannot predict (double machine learning: Chernozhukov et al., Econom. J. 21, 2018, C1,
    doi 10.1111/ectj.12097).

    Parameters
    ----------
    evidence : Evidence
        Energies of the rows, and the model, xTB values and anchor molecules to compare them with.
    absolute_li : float
        Potential of Li/Li⁺ vs vacuum in V. It is used only if all rows have the same reference, to
        decide whether this reference is Li/Li⁺ and to convert the energies: in this case the table
        contains no shift to measure, and values by xTB are less precise than this potential.

    Returns
    -------
    Assignment
        One reference for all rows, unless the evidence for a second reference passes all tests.
    """
    regular = evidence.regular
    residuals = evidence.energies - evidence.model.predict(evidence.energies)
    if regular.sum() < 2 * MIN_ROWS:
        reason = f"only {int(regular.sum())} rows have both energies, too few to look for a shift"
        return _one_reference(evidence, residuals, absolute_li, reason)
    # Where the reference correlates with the chemistry, such as with the size of the molecules, the
    # model learns the shift, and only the xTB reference shows it. Elsewhere the model's residuals
    # separate the rows better.
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
    """Return the result for a table whose rows have two different energy references."""
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
    """Return estimates of the shift between two references, by the model and by anchor molecules.

    Anchor molecules, whose energies vs vacuum are known, give an estimate if each reference has at
    least 8 (`MIN_ANCHORS`) of them. Each estimate is a tuple of method, value and standard error in
    eV.
    """
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
    """Return by how much (IE + EA) / 2 of some rows differs from the vacuum scale, and which scale.

    The difference, in eV, is the mean of the medians for IE and EA over the anchor molecules among
    `rows` or, if these are too few, the median of (IE + EA) / 2 minus its value by xTB over `rows`;
    NaN if none of the rows has both energies. The scale is a text that names the method.
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
    """Return name and potential (V) of the convention for Li/Li⁺ vs vacuum nearest to a shift (eV).

    If no convention in `CONVENTIONS` is within 0.05 eV (`SAME_SHIFT`), return "" and the shift
    itself.
    """
    name, value = min(CONVENTIONS.items(), key=lambda item: abs(item[1] - shift))
    return (name, value) if abs(value - shift) <= SAME_SHIFT else ("", shift)


def _one_reference(
    evidence: Evidence, residuals: np.ndarray, absolute_li: float, reason: str
) -> Assignment:
    """Give all rows the same energy reference, by comparison with anchor molecules or with xTB.

    `residuals` are the energies minus out-of-fold predictions, shape (n, 2), eV; `absolute_li` is
    the potential of Li/Li⁺ vs vacuum, V; `reason` says why no second reference was accepted.
    """
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
    """Return why two energy references are not accepted, as text for the report, or "" if they are.

    `state` is the assignment of the rows to the two references. `regular`, shape (n,), marks the
    rows that train the model. `without` is the log likelihood of the rows if all rows have the same
    reference.
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
