"""One potential of n molecules beside the reference's: difference, anchored value, error bars."""

from __future__ import annotations

import numpy as np
import pandas as pd

from organode.compare.differences import Differences
from organode.compare.reference import Anchor
from organode.electrochemistry.scale.potential import POTENTIALS
from organode.models.predictor import Answer

ENDS = ("", "_lower", "_upper")
WITH_ENDS = ("", "_difference", "_anchored")
NO_HELP = (
    "too unlike the reference for errors to cancel: `predict` is the surer answer for the potential"
)
NOT_MEASURED = "the reference was not measured: a difference of predictions"
IRREVERSIBLE = "the reference's wave was irreversible"


def comparison_columns(target: str) -> list[str]:
    """Return the columns of a target's potential, `N` being ``E_ox`` or ``E_red``.

    V vs the electrode in the solvent: `N`, `N_lower`, `N_upper` as `predict` answers;
    `N_reference`, as predicted of the reference; `N_difference`, `_lower`, `_upper`: the molecule's
    less the reference's; `N_measured`: what was measured of the reference, missing if nothing was;
    `N_anchored`, `_lower`, `_upper`: that and the difference. `N_contributions`: the fragments'
    shares of the difference, a list of dictionaries of `of`, `fragment`, `atom` and `volts`
    (`organode.compare.contributions.Contribution`). `N_anchor`: how the reference was measured,
    and where that was published. `N_remark`: what speaks against the numbers.
    """
    name = POTENTIALS[target]
    numbers = [
        f"{name}{part}{end}"
        for part in ("", "_reference", "_difference", "_measured", "_anchored")
        for end in (ENDS if part in WITH_ENDS else ("",))
    ]
    return [*numbers, *(f"{name}_{what}" for what in ("contributions", "anchor", "remark"))]


def potentials(
    answer: Answer, anchor: Anchor | None, similarity: np.ndarray, level: float, electrode: str,
    solvent: str,
) -> pd.DataFrame:  # fmt: skip
    """Return n rows of the numbers and texts of `comparison_columns`, but for the contributions.

    The reference is the first of the n molecules.

    Parameters
    ----------
    answer : Answer
        Of the molecules.
    anchor : Anchor or None
        What was measured of the reference.
    similarity : numpy.ndarray
        Shape (n,): to the reference.
    level : float
        Of the intervals.
    electrode, solvent : str
        What potentials are given against and in.
    """
    n = len(similarity)
    here, _ = answer.measured(electrode, solvent)
    lower, upper = here.interval(level)
    difference = here.volts - here.volts[0]
    # Of both in one solvent: how well the solvent's effect is known does not matter.
    own = answer.potential.spread
    its = np.repeat(own[0], n)
    if anchor is not None:
        # Pairs that error bars come from are of molecules that no fit has seen. A measured
        # reference is in the fit, where its spread is smaller than what its error is worth.
        its = np.maximum(own, its)
    bars = Differences.of(answer.model.scale)
    half = bars.half_width(own, its, similarity, level)
    measured = np.nan if anchor is None else anchor.volts
    moved = 0.0 if anchor is None else anchor.spread
    wider = bars.half_width(own, np.hypot(its, moved), similarity, level)
    anchored = measured + difference
    numbers = [
        here.volts, lower, upper, np.repeat(here.volts[0], n),
        difference, difference - half, difference + half, np.repeat(measured, n),
        anchored, anchored - wider, anchored + wider,
    ]  # fmt: skip
    narrower = 2 * wider < upper - lower
    said = [
        "; ".join(filter(None, (why, *_remarks(anchor, helps=helps))))
        for why, helps in zip(here.remarks, narrower.tolist(), strict=True)
    ]
    *columns, _, source, remark = comparison_columns(answer.model.target)
    table = pd.DataFrame(dict(zip(columns, numbers, strict=True)))
    table[source] = pd.array([anchor.source if anchor else ""] * n, "str")
    return table.assign(**{remark: pd.array(said, "str")})


def _remarks(anchor: Anchor | None, *, helps: bool) -> list[str]:
    if anchor is None:
        return [NOT_MEASURED]
    return [IRREVERSIBLE] * (anchor.reversible == "no") + [NO_HELP] * (not helps)
