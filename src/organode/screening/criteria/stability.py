"""Stability of a candidate's radical ion: verdicts of rules, probabilities of a fitted model."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pandas as pd

from organode.electrochemistry.cells import N, P
from organode.electrochemistry.stability import (
    CAUTION,
    FATAL,
    FINE,
    OXIDISED,
    REDUCED,
    Verdict,
)
from organode.electrochemistry.stability.chance import Chance, Stability
from organode.electrochemistry.stability.inputs import StabilityInputs
from organode.screening.columns import STABILITY, STABLE_ELECTRONS

FORM = {P: OXIDISED, N: REDUCED}  # for each role, the form of the molecule that has to be stable
TIER_ORDER = {FINE: 0, CAUTION: 1, FATAL: 2}
UNSTABLE = "{} form does not last: {}"
IN_DOUBT = "whether the {} form lasts is in doubt: {}"


def stability_verdicts(
    inputs: StabilityInputs, roles: Sequence[str], stability: Stability | None
) -> pd.DataFrame:
    """Assess the ions of n molecules by rules, and by a fitted model if one is given.

    Parameters
    ----------
    inputs : StabilityInputs
        What is read of the n molecules.
    roles : sequence of str
        The roles that each molecule fills: ``p`` (its oxidised form has to be stable), ``n`` (its
        reduced form has to be stable), or both roles, in which case the worse verdict counts.
    stability : Stability or None
        The fitted model, which predicts probabilities; without it `P_stable` is NaN.

    Returns
    -------
    pandas.DataFrame
        n rows: `tier`, the verdict of the rules (``fine``, ``caution`` or ``fatal``);
        `tier_reason`, why the molecule has this tier, and for two roles also of which form this is
        said; `core`, the groups in the molecule that are known to be stable as ions, empty if there
        are none; `P_stable`, the probability that the ions of all roles are stable;
        `stable_electrons`, how many electrons (1 or 2) the molecule is known to exchange in all
        roles while its ion stays stable; `tier_remark`, the reason that is given if a screening
        does not accept this tier and refuses the molecule.
    """
    by_role = [_chances(inputs, FORM[role], stability) for role in roles]
    rows = []
    for chances in zip(*by_role, strict=True):
        worst = max(chances, key=lambda chance: TIER_ORDER[chance.verdict.tier]).verdict
        reasons = [
            f"{chance.verdict.side} form: {chance.reason}" if len(chances) > 1 else chance.reason
            for chance in chances
            if chance.verdict.tier == worst.tier
        ]
        cores = dict.fromkeys(chance.verdict.core for chance in chances if chance.verdict.core)
        stable = math.prod(chance.stable for chance in chances)
        electrons = min(chance.verdict.electrons for chance in chances)
        reason, core = "; ".join(reasons), "; ".join(cores)
        rows.append((worst.tier, reason, core, stable, electrons, _tier_remark(worst)))
    table = pd.DataFrame(rows, columns=[*STABILITY, STABLE_ELECTRONS, "tier_remark"])
    # Set explicitly, since the types of a table without rows cannot be inferred.
    texts = dict.fromkeys(("tier", "tier_reason", "core", "tier_remark"), "str")
    return table.astype({**texts, "P_stable": float, STABLE_ELECTRONS: np.int8})


def _chances(inputs: StabilityInputs, form: str, stability: Stability | None) -> list[Chance]:
    """Return the stability of one form, oxidised or reduced, of each molecule.

    Parameters
    ----------
    inputs : StabilityInputs
        What is read of the n molecules.
    form : str
        `OXIDISED` or `REDUCED`.
    stability : Stability or None
        The fitted model; without it the probability of each result is NaN.
    """
    if stability is not None:
        return stability.chances(inputs, form)
    return [Chance(math.nan, each.reason, each) for each in inputs.verdicts(form)]


def _tier_remark(worst: Verdict) -> str:
    """Return the remark on a molecule that is refused because of its stability tier.

    `worst` is the worst verdict of the rules on the molecule's ions.
    """
    if worst.tier == FATAL:
        return UNSTABLE.format(worst.side, worst.rules[0])
    return IN_DOUBT.format(worst.side, worst.rules[0] if worst.rules else "no core that is known")
