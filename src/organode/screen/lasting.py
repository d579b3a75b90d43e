"""Whether a candidate's ion lasts, by rules, and what a screening makes of it."""

from __future__ import annotations

from collections.abc import Sequence

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

SIDES = {P: OXIDISED, N: REDUCED}  # what a role makes of a molecule
ORDER = {FINE: 0, CAUTION: 1, FATAL: 2}
COLUMNS = ("tier", "tier_reason", "core")
DOES_NOT_LAST = "{} form does not last: {}"
IN_DOUBT = "whether the {} form lasts is in doubt: {}"


def verdicts(structures: Sequence[str], roles: Sequence[str]) -> pd.DataFrame:
    """Judge candidates by the rules on radical ions.

    Parameters
    ----------
    structures : sequence of str
        SMILES of n molecules.
    roles : sequence of str
        In which each of them has to last; the worst verdict counts.

    Returns
    -------
    pandas.DataFrame
        n rows: `tier`, `tier_reason` (what decides, in words; of several roles also in which
        form), `core` (what argues for the molecule), and `why_not`, the remark of one that is left
        out for its tier.
    """
    found = []
    for smiles in structures:
        molecule = Chem.MolFromSmiles(smiles)
        each = [verdict(molecule, SIDES[role]) for role in roles]
        worst = max(each, key=lambda one: ORDER[one.tier])
        reasons = [
            f"{one.side} form: {one.reason}" if len(each) > 1 else one.reason
            for one in each
            if one.tier == worst.tier
        ]
        cores = dict.fromkeys(one.core for one in each if one.core)
        found.append((worst.tier, "; ".join(reasons), "; ".join(cores), _why_not(worst)))
    return pd.DataFrame(found, columns=[*COLUMNS, "why_not"], dtype="str")


def _why_not(found: Verdict) -> str:
    if found.tier == FATAL:
        return DOES_NOT_LAST.format(found.side, found.rules[0])
    return IN_DOUBT.format(found.side, found.rules[0] if found.rules else "no core that is known")
