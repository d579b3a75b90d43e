"""Estimate the results for some rows of a long library by a fast surrogate of the full models."""

from __future__ import annotations

import numpy as np

from organode.electrochemistry.cells import ROLES, N, P
from organode.library.protocols import AnyChunk
from organode.screening.columns import PROBABILITIES, STABLE_ELECTRONS
from organode.screening.criteria.assessment import assess
from organode.screening.criteria.criteria import Criteria
from organode.screening.criteria.potentials import check_potentials, computed_potentials
from organode.screening.criteria.stability import TIER_ORDER
from organode.screening.engine.scoring import (
    Tables,
    parsed_structures,
    scored_structure,
    table_of_rows,
)
from organode.screening.engine.surrogate import Surrogate

PLAUSIBLE = 0.005  # molecules less likely to be a candidate are not assessed
NOT_SCORED = "not scored: ranked too low by the surrogate"
# The surrogate predicts no probabilities: every wave counts as inside the window.
CERTAIN = dict.fromkeys((*PROBABILITIES[P], *PROBABILITIES[N]), 1.0)


def estimate_chunk(chunk: AnyChunk, criteria: Criteria, surrogate: Surrogate) -> Tables:
    """Estimate energies, potentials and chances of being a candidate for the rows of a chunk.

    The same rows and surrogate give the same result in any process.

    Parameters
    ----------
    chunk : AnyChunk
        Some rows of the library.
    criteria : Criteria
        The conditions that make a molecule a candidate.
    surrogate : Surrogate
        Fast model, fitted to the full models' predictions for a sample of the library.

    Returns
    -------
    dict of pandas.DataFrame
        ``{"rows": table}``, with one row for each row of the chunk: estimated energies and
        potentials; `p_remark` and `n_remark`, why the molecule is no candidate as p-type (giving
        off electrons) or n-type (taking up electrons), or that the full models have not scored it;
        and the columns `SURROGATE_ONLY` of `organode.screening.columns`, such as `chance_p`, the
        probability that the molecule is a p-type candidate.
    """
    parsed = chunk.fingerprinted()
    estimate = surrogate.estimate(parsed.counts)
    checked = check_potentials(estimate.table, criteria)
    table = estimate.table + surrogate.widening
    table = table.join(computed_potentials(table, criteria.settings.absolute_li)).join(checked)
    table["molar_mass"] = parsed.molar_mass
    table["key"] = parsed.key
    for role in ROLES:
        table[f"chance_{role}"] = np.float32(0)
        table[f"tier_{role}"] = np.int8(0)
        table[f"stable_{role}"] = np.float32(1)
        table[f"{STABLE_ELECTRONS}_{role}"] = np.int8(1)
    for role in criteria.listed_roles:
        chance = surrogate.chance(estimate, role)
        plausible = np.flatnonzero(chance >= PLAUSIBLE)
        structures = [
            scored_structure(parsed.smiles[row], parsed.notes[row], chunk.cap)
            for row in parsed.good[plausible].tolist()
        ]
        refused, assessed = assess(
            criteria,
            structures,
            parsed_structures(structures),
            table.iloc[plausible].assign(**CERTAIN),
            parsed.molar_mass[plausible],
            role,
        )
        reasons = np.full(len(table), NOT_SCORED, object)
        reasons[plausible] = np.where(refused == "", NOT_SCORED, refused)
        chance[plausible[refused != ""]] = 0
        tier = np.zeros(len(table), np.int8)
        tier[plausible] = assessed["tier"].map(TIER_ORDER)
        stable = np.ones(len(table), np.float32)
        stable[plausible] = assessed["P_stable"].fillna(1.0)
        electrons = np.ones(len(table), np.int8)
        electrons[plausible] = assessed[STABLE_ELECTRONS]
        table[f"tier_{role}"] = tier
        table[f"stable_{role}"] = stable
        table[f"{STABLE_ELECTRONS}_{role}"] = electrons
        table[f"chance_{role}"] = chance.astype(np.float32)
        for each in criteria.filled_roles(role):
            remark = table[f"{each}_remark"]
            table[f"{each}_remark"] = np.where(remark == "", reasons, remark)
    return {"rows": table_of_rows(parsed, table)}
