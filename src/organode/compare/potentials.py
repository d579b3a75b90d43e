"""Table columns that compare predicted potentials with the potential of a reference molecule."""

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
    "too unlike the reference for errors to cancel: the potential from `predict` is more accurate"
)
NOT_MEASURED = "the reference was not measured: a difference of predictions"
IRREVERSIBLE = "the reference's wave was irreversible"


def comparison_columns(target: str) -> list[str]:
    """Return the names of the columns that compare a potential with that of a reference molecule.

    In each name, `N` stands for ``E_ox`` if the target is ``IE`` (oxidation), and for ``E_red`` if
    the target is ``EA`` (reduction). `_lower` and `_upper` mark the ends of an error bar. The
    following columns are in V, vs the electrode and in the solvent that the user chose:

    - `N`, `N_lower`, `N_upper`: potential predicted for the molecule;
    - `N_reference`: potential predicted for the reference;
    - `N_difference`, `N_difference_lower`, `N_difference_upper`: `N` minus `N_reference`;
    - `N_measured`: potential measured for the reference, NaN if there is no measurement;
    - `N_anchored`, `N_anchored_lower`, `N_anchored_upper`: `N_measured` plus `N_difference`.

    Other columns: `N_contributions`, the contribution of each fragment to the difference, a list of
    dictionaries with `of`, `fragment`, `atom` and `volts` (attributes of
    `organode.compare.contributions.Contribution`); `N_anchor`, how the reference was measured and
    where the measurement was published; `N_remark`, why the numbers may be wrong, mostly empty.
    """
    name = POTENTIALS[target]
    numbers = [
        f"{name}{part}{end}"
        for part in ("", "_reference", "_difference", "_measured", "_anchored")
        for end in (ENDS if part in WITH_ENDS else ("",))
    ]
    return [*numbers, *(f"{name}_{what}" for what in ("contributions", "anchor", "remark"))]


def potentials(
    answer: Answer,
    anchor: Anchor | None,
    similarity: np.ndarray,
    level: float,
    electrode: str,
    solvent: str,
) -> pd.DataFrame:
    """Return a table that compares the potentials of n molecules with that of the first of them.

    The first molecule is the reference. The columns are those of `comparison_columns`, except
    `N_contributions`; each molecule has a row.

    Parameters
    ----------
    answer : Answer
        Predictions for the molecules by the model of oxidations or by the model of reductions.
    anchor : Anchor or None
        Measured potential of the reference; None if it was not measured.
    similarity : numpy.ndarray
        Shape (n,): Tanimoto similarity of each molecule to the reference.
    level : float
        Share of true values that are to lie inside the error bars, 0 to 1.
    electrode, solvent : str
        Reference electrode and code of the solvent of the potentials in the table.
    """
    n = len(similarity)
    first_wave, _ = answer.measured(electrode, solvent)
    lower, upper = first_wave.interval(level)
    difference = first_wave.volts - first_wave.volts[0]
    # Both molecules are in the same solvent: the uncertainty of its effect cancels.
    spread = answer.potential.spread
    reference_spread = np.repeat(spread[0], n)
    if anchor is not None:
        # The scores of `Differences` are from pairs of which the fit had seen neither molecule. A
        # measured reference is in the fit, so its predicted spread is too small for these scores.
        reference_spread = np.maximum(spread, reference_spread)
    bars = Differences.of(answer.model.scale)
    half = bars.half_width(spread, reference_spread, similarity, level)
    measured = np.nan if anchor is None else anchor.volts
    converted = 0.0 if anchor is None else anchor.spread
    wider = bars.half_width(spread, np.hypot(reference_spread, converted), similarity, level)
    anchored = measured + difference
    numbers = [
        *(first_wave.volts, lower, upper, np.repeat(first_wave.volts[0], n)),
        *(difference, difference - half, difference + half, np.repeat(measured, n)),
        *(anchored, anchored - wider, anchored + wider),
    ]
    narrower = 2 * wider < upper - lower
    remarks = [
        "; ".join(filter(None, (remark, *_remarks(anchor, helps=helps))))
        for remark, helps in zip(first_wave.remarks, narrower.tolist(), strict=True)
    ]
    *columns, _, source, remark = comparison_columns(answer.model.target)
    table = pd.DataFrame(dict(zip(columns, numbers, strict=True)))
    table[source] = pd.array([anchor.source if anchor else ""] * n, "str")
    return table.assign(**{remark: pd.array(remarks, "str")})


def _remarks(anchor: Anchor | None, *, helps: bool) -> list[str]:
    if anchor is None:
        return [NOT_MEASURED]
    return [IRREVERSIBLE] * (anchor.reversible == "no") + [NO_HELP] * (not helps)
