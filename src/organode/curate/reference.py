"""Which zero each row's energies have: the vacuum, or Li/Li⁺.

A table put together from several sources may hold rows whose IE and EA are both lower by one
amount: they were referred to an electrode before they were stored. Nothing in the row says so.
The detector reads it from three things at once: both energies of the row disagree with a model of
the table by the same amount; so do its neighbours in the source's order; and so does the
electronegativity that tight binding gives.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from organode.artifacts import TARGETS
from organode.curate.crossfit import CrossFit
from organode.curate.robust import spread

# Absolute potentials of Li/Li⁺ in use, in V: that of SHE (4.44: Trasatti, Pure Appl. Chem. 58,
# 1986, 955, doi 10.1351/pac198658070955; 4.28: Kelly, Cramer, Truhlar, J. Phys. Chem. B 110, 2006,
# 16066, doi 10.1021/jp063552y) less 3.04 V.
CONVENTIONS = {"Li/Li⁺ with SHE at 4.44 V": 1.40, "Li/Li⁺ with SHE at 4.28 V": 1.24}
SAME_SHIFT = 0.05  # eV: an estimate as close as this to a convention is that convention

STARTS = (0.6, 1.0, 1.4, 2.0)  # eV
REFINED = 2  # first guesses of each kind that are followed up
SMALLEST_SHIFT = 0.3  # eV: below, it cannot be told from what the model does not know
FEWEST_ROWS = 30
FEWEST_SHARE = 0.01
SWITCH = 1e-3  # chance that the reference changes from one row to the next, in blocks
# Without blocks the row's own energies alone decide: the two references have to lie this many
# standard deviations apart, or correlated errors would pass for a shift.
APART = 4.0
STRAY = 1e-3  # chance that a row has another reference than the block it lies in
FREEDOM = 3.0  # degrees of freedom of the errors' t distribution: gross outliers are common
MOST_ROUNDS = 12
# Rows of another reference are other molecules too. What the model does not know of them is not
# in its standard error: on the Materials Project's table six models of different kind and
# flexibility, and molecules of different size, scattered by this much.
MODEL_ERROR = 0.03  # eV
FEWEST_ANCHORS = 8
FARTHEST = 0.55  # eV from the xTB reference: farther, a level is neither absolute nor Li/Li⁺


@dataclass(frozen=True)
class Table:
    """What the detector looks at: n rows in the source's order.

    Attributes
    ----------
    energies : numpy.ndarray
        Shape (n, 2): IE and EA in eV, as they came; NaN where missing.
    xtb_reference : numpy.ndarray
        Shape (n,): (IE + EA) / 2 on the absolute scale by xTB, eV.
    plain : numpy.ndarray of bool
        Shape (n,): closed-shell molecules in one piece, with both energies. The model learns
        from these alone; other rows get the reference of their block unless they contradict it.
    anchor : numpy.ndarray
        Shape (n, 2): IE and EA of the few molecules that were computed by density functional
        theory, eV, absolute; NaN elsewhere.
    model : CrossFit
        Of these n rows.
    """

    energies: np.ndarray
    xtb_reference: np.ndarray
    plain: np.ndarray
    anchor: np.ndarray
    model: CrossFit


@dataclass(frozen=True)
class Assignment:
    """The reference of each of n rows, and how it was found.

    Attributes
    ----------
    li : numpy.ndarray of bool
        Shape (n,): the row is referred to Li/Li⁺.
    confidence : numpy.ndarray
        Shape (n,): probability of what `li` says, given the model; 1 where nothing was in doubt.
    applied : float
        What was added to each row with `li`, eV.
    level : float
        How far (IE + EA) / 2 of the rows with the higher reference lies from the absolute scale
        of the anchors or, where these are too few, of the xTB reference, eV.
    scale : str
        ``absolute``: where the energies stand after `applied` was added; ``unknown`` where the
        xtb_reference contradicts that.
    residuals : numpy.ndarray
        Shape (n, 2): what the model leaves of the energies as they came; the model is one of
        absolute energies.
    verdict : str
        In words.
    shift, shift_error : float
        By how much the rows of the lower reference are lower, eV, and its standard error; NaN
        where there is one reference only.
    by_target : tuple of float
        The same from IE alone and from EA alone.
    ways : tuple of (str, float, float)
        Ways to estimate the shift: name, value and standard error in eV.
    """

    li: np.ndarray
    confidence: np.ndarray
    applied: float
    level: float
    scale: str
    residuals: np.ndarray
    verdict: str
    shift: float = math.nan
    shift_error: float = math.nan
    by_target: tuple[float, float] = (math.nan, math.nan)
    ways: tuple[tuple[str, float, float], ...] = ()

    @property
    def is_mixed(self) -> bool:
        """Two references were found."""
        return not math.isnan(self.shift)


@dataclass(frozen=True)
class _State:
    low: np.ndarray  # (n,) bool
    probability: np.ndarray  # (n,) of being low
    shift: float
    error: float
    by_target: tuple[float, float]
    residuals: np.ndarray
    likelihood: float
    ordered: bool  # the references lie in blocks


def detect(table: Table, absolute_li: float = 1.40) -> Assignment:
    """Assign each row its reference.

    Several shifts, against the xTB reference and against a model of the rows as they came, give
    first assignments; then, for the likeliest of these, until nothing changes: fit the model on the
    energies made absolute, estimate the shift, assign each row by the residuals of both its
    energies and by its neighbours (a hidden Markov model with heavy-tailed errors). The likeliest
    outcome counts. Size cannot hide the shift, since the model learns from energies that were
    made absolute, and the shift is estimated from what the model cannot predict of the assignment
    (double machine learning: Chernozhukov et al., Econom. J. 21, 2018, C1,
    doi 10.1111/ectj.12097).

    Parameters
    ----------
    table : Table
        The rows.
    absolute_li : float
        Absolute potential of Li/Li⁺ in V, for a table that is wholly referred to it: there the
        shift cannot be measured to better than the xTB reference.

    Returns
    -------
    Assignment
        With one reference for all rows, unless a second one is established.
    """
    plain = table.plain
    residuals = table.energies - table.model.predict(table.energies)
    if plain.sum() < 2 * FEWEST_ROWS:
        return _one_reference(
            table, residuals, absolute_li,
            f"only {int(plain.sum())} rows carry both energies, too few to look for a shift",
        )  # fmt: skip
    # Where the references lie with the chemistry, as molecules of one size do, only the xTB
    # reference shows them; where they do not, the model's own residuals are sharper.
    guesses = []
    for offset in (table.energies.mean(axis=1) - table.xtb_reference, residuals.mean(axis=1)):
        guesses += _first_guesses(offset, plain)[:REFINED]
    found = [state for guess in guesses if (state := _refine(table, guess)) is not None]
    best = max(found, key=lambda state: state.likelihood, default=None)
    without = float(_log_density(residuals, 0.0, plain)[:, 0].sum())
    doubt = _doubt(best, plain, without) if best else "no assignment is stable"
    if best is None or doubt:
        return _one_reference(table, residuals, absolute_li, doubt)
    level, scale_of = _level(table, plain & ~best.low)
    ways = _ways(best, table)
    _, shifts, errors = zip(*ways, strict=True)
    shift, error = _weighted(shifts, errors)
    name, applied = _convention(shift)
    verdict = (
        f"two references: {int(best.low.sum()):,} rows are lower by {shift:.3f} ± {error:.3f} eV "
        f"in both energies (model alone: IE {best.by_target[0]:.3f}, EA {best.by_target[1]:.3f}); "
        + (f"this is {name}, {applied:.2f} V" if name else "this is no convention known here")
    )
    scale = "absolute"
    verdict += f"; the higher reference lies {level:+.2f} eV from {scale_of}"
    if abs(level) > FARTHEST:
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
        ways=ways,
    )


def _ways(state: _State, table: Table) -> tuple[tuple[str, float, float], ...]:
    """Return the shift by the model and, where there are enough of them, by the anchors."""
    error = math.hypot(state.error, MODEL_ERROR)
    ways = [("what the model cannot predict of the assignment", state.shift, error)]
    off = table.energies - table.anchor
    for column, target in enumerate(TARGETS):
        known = np.isfinite(off[:, column])
        sides = [off[known & side, column] for side in (~state.low, state.low)]
        if min(map(len, sides)) < FEWEST_ANCHORS:
            continue
        # 1.2533: the standard error of a median is that much larger than that of a mean.
        errors = [1.2533 * spread(side) / math.sqrt(len(side)) for side in sides]
        counts = " and ".join(str(len(side)) for side in sides)
        ways.append((
            f"{target} of anchor molecules by density functional theory "
            f"({counts} of either reference)",
            float(np.median(sides[0]) - np.median(sides[1])),
            max(math.hypot(*errors), 1e-3),
        ))  # fmt: skip
    return tuple(ways)


def _level(table: Table, rows: np.ndarray) -> tuple[float, str]:
    """Return how far (IE + EA) / 2 of some rows lies from the absolute scale, and by what."""
    off = table.energies[rows] - table.anchor[rows]
    off = off[np.isfinite(off).all(axis=1)]
    if len(off) >= FEWEST_ANCHORS:
        what = f"the absolute scale of {len(off)} anchor molecules (density functional theory)"
        return float(np.median(off, axis=0).mean()), what
    against = table.energies[rows].mean(axis=1) - table.xtb_reference[rows]
    against = against[np.isfinite(against)]
    return (float(np.median(against)) if len(against) else math.nan), "xTB's absolute scale"


def _weighted(values: Sequence[float], errors: Sequence[float]) -> tuple[float, float]:
    """Return the mean, weighted by the inverse variances, and its standard error."""
    weights = 1 / np.square(errors)
    return float(np.average(values, weights=weights)), float(weights.sum() ** -0.5)


def _convention(shift: float) -> tuple[str, float]:
    """Return the convention that a shift is, and what to add for it."""
    name, value = min(CONVENTIONS.items(), key=lambda item: abs(item[1] - shift))
    return (name, value) if abs(value - shift) <= SAME_SHIFT else ("", shift)


def _one_reference(table: Table, residuals: np.ndarray, absolute_li: float, why: str) -> Assignment:
    """Give all rows one reference: the anchors or the xTB reference say which."""
    n = len(table.plain)
    level, scale_of = _level(table, table.plain)
    li = level < -absolute_li / 2  # false for NaN: nothing to go by
    if math.isnan(level):
        scale, so = "unknown", "nothing tells the zero of the energies, and nothing was changed"
    else:
        scale = "absolute" if abs(level + absolute_li * li) <= FARTHEST else "unknown"
        so = f"(IE + EA) / 2 is {level:+.2f} eV from {scale_of}, so " + (
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
        verdict=f"one reference: {why}; {so}",
    )


def _doubt(state: _State, plain: np.ndarray, without: float) -> str:
    """Return why two references are not established; empty if they are."""
    low = int((state.low & plain).sum())
    high = int(plain.sum()) - low
    fewest = max(FEWEST_ROWS, FEWEST_SHARE * int(plain.sum()))
    if state.shift < SMALLEST_SHIFT:
        return f"the largest common shift is {max(state.shift, 0):.2f} eV"
    if min(low, high) < fewest:
        return f"only {min(low, high)} rows agree on a common shift"
    apart = abs(state.by_target[0] - state.by_target[1])
    if apart > max(0.15, 0.2 * state.shift):
        return (
            f"the only groups of rows that differ do so by {state.by_target[0]:.2f} eV in IE but "
            f"{state.by_target[1]:.2f} eV in EA"
        )
    offset = state.residuals[plain].mean(axis=1) + state.shift * state.low[plain]
    if not state.ordered and state.shift < APART * spread(offset):
        return f"a shift of {state.shift:.2f} eV, in no order, cannot be told from errors"
    if state.likelihood < without + 10 * math.log(len(plain)):
        return "two references explain the rows no better than one"
    return ""


def _first_guesses(offset: np.ndarray, plain: np.ndarray) -> list[np.ndarray]:
    """Assign rows by one offset alone; different outcomes, shape (n,), the likeliest first."""
    centre = float(np.median(offset[plain]))
    guesses: dict[bytes, tuple[float, np.ndarray]] = {}
    for start in STARTS:
        # The bulk of the rows may have the higher reference or the lower one.
        for top in (centre, centre + start, centre + start / 2):
            guess = _first_guess(offset, plain, top, start)
            if guess is not None:
                guesses.setdefault(guess[1].tobytes(), guess)
    return [low for _, low in sorted(guesses.values(), key=lambda guess: -guess[0])]


def _first_guess(
    offset: np.ndarray, plain: np.ndarray, high: float, shift: float
) -> tuple[float, np.ndarray] | None:
    """Move two levels to the medians of the rows nearer to each, until no row moves.

    Returns the log likelihood and which rows are low; None where nearly all are on one side.
    """
    low = np.zeros(len(offset), bool)
    for _ in range(MOST_ROUNDS):
        logp = _log_density((offset - high)[:, None], shift, plain)
        probability, likelihood, _ = _assign(logp)
        before, low = low, probability > 0.5
        if min((low & plain).sum(), (~low & plain).sum()) < FEWEST_ROWS:
            return None
        high = float(np.median(offset[plain & ~low]))
        shift = high - float(np.median(offset[plain & low]))
        if (low == before).all():
            break
    return likelihood, low


def _refine(table: Table, low: np.ndarray) -> _State | None:
    """Fit, estimate, assign, until the assignment repeats itself."""
    state: _State | None = None
    seen: set[bytes] = set()
    for _ in range(MOST_ROUNDS):
        counted = low & table.plain
        if counted.sum() < FEWEST_ROWS or (table.plain & ~low).sum() < FEWEST_ROWS:
            return state
        columns = np.column_stack([table.energies, low.astype(float)])
        predicted = table.model.predict(columns)
        left = columns - predicted
        by_target, errors = _estimate(left, table.plain)
        shift, error = _weighted(by_target, errors)
        # The prediction of the absolute energies is linear in the labels.
        residuals = table.energies - (predicted[:, :2] + shift * predicted[:, 2:])
        logp = _log_density(residuals, shift, table.plain)
        probability, likelihood, ordered = _assign(logp)
        low = probability > 0.5
        state = _State(low, probability, shift, error, by_target, residuals, likelihood, ordered)
        if shift < SMALLEST_SHIFT or low.tobytes() in seen:
            break
        seen.add(low.tobytes())
    return state


def _estimate(
    left: np.ndarray, plain: np.ndarray
) -> tuple[tuple[float, float], tuple[float, float]]:
    """Return the shift by IE and by EA and their standard errors.

    `left`, shape (n, 3), is what the model cannot predict of IE, EA and the assignment. Rows
    beyond three robust standard deviations are left out.
    """
    shifts, errors = [], []
    surprise = left[:, 2]
    for target in (0, 1):
        rows = plain.copy()
        shift = 0.0
        for _ in range(10):
            shift = -float(left[rows, target] @ surprise[rows] / (surprise[rows] @ surprise[rows]))
            rest = left[:, target] + shift * surprise
            rows = plain & (np.abs(rest) < 3 * spread(rest[plain]))
        rest = left[rows, target] + shift * surprise[rows]
        scale = float(surprise[rows] @ surprise[rows])
        shifts.append(shift)
        errors.append(math.sqrt(float(np.square(rest * surprise[rows]).sum())) / scale)
    return (shifts[0], shifts[1]), (errors[0], errors[1])


def _log_density(residuals: np.ndarray, shift: float, plain: np.ndarray) -> np.ndarray:
    """Return the log density of each row's residuals without and with the shift.

    Parameters
    ----------
    residuals : numpy.ndarray
        Shape (n, t), eV; a missing one says nothing.
    shift : float
        In eV.
    plain : numpy.ndarray of bool
        Shape (n,): other rows have a width of their own.

    Returns
    -------
    numpy.ndarray
        Shape (n, 2).
    """
    total = np.zeros((len(residuals), 2))
    for column in residuals.T:
        nearer = np.where(np.abs(column) < np.abs(column + shift), column, column + shift)
        for kind in (plain, ~plain):
            known = kind & np.isfinite(column)
            if not known.any():
                continue
            width = spread(nearer[known])
            if kind is not plain:  # too few, or scattered so widely that the median lies
                width = max(width, 0.3)
            for state, values in enumerate((column[known], column[known] + shift)):
                total[known, state] -= math.log(width) + (FREEDOM + 1) / 2 * np.log1p(
                    np.square(values / width) / FREEDOM
                )
    return total


def _assign(logp: np.ndarray) -> tuple[np.ndarray, float, bool]:
    """Return each row's probability of the shifted reference, the log likelihood, and the order.

    Rows in blocks and rows without any order are both tried; the likelier counts.
    """
    blocks, shuffled = _in_blocks(logp), _shuffled(logp)
    ordered = blocks[1] >= shuffled[1]
    return *(blocks if ordered else shuffled), ordered


def _shuffled(logp: np.ndarray) -> tuple[np.ndarray, float]:
    """Return each row's probability of the shifted reference, and the log likelihood.

    Either reference is as likely as the other, row by row.
    """
    top = logp.max(axis=1)
    own = np.exp(logp - top[:, None])
    whole = own.sum(axis=1)
    return own[:, 1] / whole, float((top + np.log(whole / 2)).sum())


def _in_blocks(logp: np.ndarray) -> tuple[np.ndarray, float]:
    """Return each row's probability of the shifted reference, and the log likelihood.

    Blocks change with the chance `SWITCH` from row to row; within a block a row strays with the
    chance `STRAY`. Forward and backward recursion (Rabiner, Proc. IEEE 77, 1989, 257,
    doi 10.1109/5.18626) on the odds.

    Parameters
    ----------
    logp : numpy.ndarray
        Shape (n, 2): log density of each row in either state.
    """
    n = len(logp)
    own = np.exp(logp - logp.max(axis=1, keepdims=True))
    emission = (1 - STRAY) * own + STRAY * own[:, ::-1]
    first, second = emission[:, 0].tolist(), emission[:, 1].tolist()
    forward = np.empty(n)  # probability of the shifted block, given the rows up to this one
    at, likelihood = 0.5, float(logp.max(axis=1).sum())
    for row in range(n):
        ahead = at * (1 - SWITCH) + (1 - at) * SWITCH if row else 0.5
        low, high = ahead * second[row], (1 - ahead) * first[row]
        likelihood += math.log(low + high)
        at = low / (low + high)
        forward[row] = at
    backward = np.empty(n)  # the same from the rows after this one, as a share
    after = 0.5
    for row in range(n - 1, -1, -1):
        backward[row] = after
        low, high = after * second[row], (1 - after) * first[row]
        share = low / (low + high)
        after = share * (1 - SWITCH) + (1 - share) * SWITCH
    low, high = forward * backward, (1 - forward) * (1 - backward)
    block = low / (low + high)
    in_low = (1 - STRAY) * own[:, 1] / emission[:, 1]
    in_high = STRAY * own[:, 1] / emission[:, 0]
    return block * in_low + (1 - block) * in_high, likelihood


def to_absolute(energies: np.ndarray, found: Assignment) -> np.ndarray:
    """Return the energies with every row on the absolute scale; shape (n, 2), eV."""
    return energies + found.applied * found.li[:, None]


def declared(rows: Sequence[bool], absolute_li: float, verdict: str) -> Assignment:
    """Return the references that the user states, without a look at the energies."""
    li = np.asarray(rows, bool)
    n = len(li)
    return Assignment(
        li=li,
        confidence=np.ones(n),
        applied=absolute_li,
        level=math.nan,
        scale="absolute",
        residuals=np.full((n, 2), math.nan),
        verdict=verdict,
    )


def with_rows(found: Assignment, rows: np.ndarray, n: int) -> Assignment:
    """Return references of `n` rows, of which only `rows` were looked at.

    The others, whose structure cannot be read, get the reference of the row before them and no
    confidence.
    """
    position = np.clip(np.searchsorted(rows, np.arange(n), side="right") - 1, 0, None)
    li = found.li[position]
    confidence = np.full(n, math.nan)
    confidence[rows] = found.confidence
    residuals = np.full((n, 2), math.nan)
    residuals[rows] = found.residuals
    return replace(found, li=li, confidence=confidence, residuals=residuals)
