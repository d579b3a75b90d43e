"""Whether a candidate's ion lasts, and what a screening makes of it."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pandas as pd
from rdkit import Chem

from organode.electrochemistry.cells import N, P
from organode.electrochemistry.stability import (
    CAUTION,
    FATAL,
    FINE,
    OXIDISED,
    REDUCED,
    Verdict,
    verdict,
)
from organode.electrochemistry.stability.chance import Chance, Stability
from organode.electrochemistry.stability.verdict import Examined

SIDES = {P: OXIDISED, N: REDUCED}  # what a role makes of a molecule
ORDER = {FINE: 0, CAUTION: 1, FATAL: 2}
COLUMNS = ("tier", "tier_reason", "core", "P_stable")
HELD = "held"  # electrons that its cores are known to exchange
DOES_NOT_LAST = "{} form does not last: {}"
IN_DOUBT = "whether the {} form lasts is in doubt: {}"


def verdicts(
    structures: Sequence[str], roles: Sequence[str], stability: Stability | None
) -> pd.DataFrame:
    """Judge candidates by the rules on radical ions, and by what is learned of them.

    Parameters
    ----------
    structures : sequence of str
        SMILES of n molecules.
    roles : sequence of str
        In which each of them has to last; the worst verdict counts.
    stability : Stability or None
        Gives probabilities; without it there are none.

    Returns
    -------
    pandas.DataFrame
        n rows: `tier`, `tier_reason` (what decides, in words; of several roles also in which
        form), `core` (what argues for the molecule), `P_stable` (that it lasts in all roles; NaN
        if that is not known), `HELD` (1 or 2, in all roles), and `why_not`, the remark of one that
        is left out for its tier.
    """
    examined = [_flat(smiles) for smiles in structures]
    by_role = [_scored(examined, SIDES[role], stability) for role in roles]
    found = []
    for each in zip(*by_role, strict=True):
        worst = max(each, key=lambda one: ORDER[one.verdict.tier]).verdict
        reasons = [
            f"{one.verdict.side} form: {one.reason}" if len(each) > 1 else one.reason
            for one in each
            if one.verdict.tier == worst.tier
        ]
        cores = dict.fromkeys(one.verdict.core for one in each if one.verdict.core)
        stable = math.prod(one.stable for one in each)
        held = min(one.verdict.electrons for one in each)
        row = worst.tier, "; ".join(reasons), "; ".join(cores), stable, held, _why_not(worst)
        found.append(row)
    table = pd.DataFrame(found, columns=[*COLUMNS, HELD, "why_not"])
    texts = dict.fromkeys(("tier", "tier_reason", "core", "why_not"), "str")
    return table.astype({**texts, "P_stable": float, HELD: np.int8})  # of no molecule, too


def _flat(smiles: str) -> Examined:
    molecule = Chem.MolFromSmiles(smiles)
    Chem.RemoveStereochemistry(molecule)
    return Examined(molecule)


def _scored(examined: Sequence[Examined], side: str, stability: Stability | None) -> list[Chance]:
    if stability is not None:
        return stability.chances(examined, side)
    said = [verdict(one, side) for one in examined]
    return [Chance(math.nan, one.reason, one) for one in said]


def _why_not(found: Verdict) -> str:
    if found.tier == FATAL:
        return DOES_NOT_LAST.format(found.side, found.rules[0])
    return IN_DOUBT.format(found.side, found.rules[0] if found.rules else "no core that is known")
