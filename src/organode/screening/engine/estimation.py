"""Estimate the results for some rows of a long library by a fast surrogate of the full models."""

from __future__ import annotations

import numpy as np
import pandas as pd

from organode.electrochemistry.cells import ROLES, N, P
from organode.electrochemistry.stability import CAUTION, FATAL
from organode.electrochemistry.stability.core_finder import core_finder
from organode.library.protocols import AnyChunk
from organode.library.read import FingerprintedChunk
from organode.screening.columns import OF_ROLE, PROBABILITIES, STABLE_ELECTRONS
from organode.screening.criteria.assessment import assess, energies_in_role
from organode.screening.criteria.criteria import Criteria
from organode.screening.criteria.filters import refusals
from organode.screening.criteria.potentials import check_potentials, computed_potentials
from organode.screening.criteria.stability import TIER_ORDER, stability_verdicts
from organode.screening.engine.answer_cache import CachedModel
from organode.screening.engine.scoring import (
    Tables,
    parsed_structures,
    score_chunk,
    scored_structure,
    table_of_rows,
)
from organode.screening.engine.surrogate import Surrogate

PLAUSIBLE = 0.005  # molecules less likely to be a candidate are not assessed
TINY = 1e-9
STABILITY_OF_SAMPLE = "stability"  # name of a table of a sampled chunk
NO_CORE = "no core that is known to last"  # where only the tier `fine` is accepted
NOT_SCORED = "not scored: ranked too low by the surrogate"
# The surrogate predicts no probabilities: every wave counts as inside the window.
CERTAIN = dict.fromkeys((*PROBABILITIES[P], *PROBABILITIES[N]), 1.0)


def estimate_chunk(chunk: AnyChunk, criteria: Criteria, surrogate: Surrogate) -> Tables:
    """Estimate energies, potentials and chances of being a candidate for the rows of a chunk.

    Only molecules with a core, a group whose ion is known to be stable, can be in the best
    stability tier. Rules and stability model judge these molecules; of all others the surrogate
    estimates what rules and model would say. The same rows and surrogate give the same result in
    any process.

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
    parsed = chunk.fingerprinted(core_finder().have_core)
    estimate = surrogate.estimate(parsed.counts)
    checked = check_potentials(estimate.table, criteria)
    table = estimate.table + surrogate.widening
    table = table.join(computed_potentials(table, criteria.settings.absolute_li)).join(checked)
    table["molar_mass"] = parsed.molar_mass
    table["key"] = parsed.key
    n = len(table)
    for role in ROLES:
        chance, fatal, stable, judged = *np.zeros((2, n)), np.ones(n), np.zeros(n, bool)
        tier = np.full(n, TIER_ORDER[CAUTION], np.int8)  # the best one without a core
        electrons = np.ones(n, np.int8)
        if role in criteria.listed_roles:
            filled = criteria.filled_roles(role)
            chance = surrogate.chance(estimate, role)
            plausible = chance >= PLAUSIBLE
            has_core = parsed.has_core[:, [ROLES.index(each) for each in filled]].all(axis=1)
            judged, others = plausible & has_core, plausible & ~has_core
            by_tier = {CAUTION: estimate.caution[role], FATAL: 1 - estimate.caution[role]}
            accepted = {each: p * (each in criteria.settings.tiers) for each, p in by_tier.items()}
            hopeless = others & (accepted[CAUTION] + accepted[FATAL] == 0)
            chance *= np.where(judged, 1.0, accepted[CAUTION] + accepted[FATAL])
            fatal[~judged] = (accepted[FATAL] / np.maximum(sum(accepted.values()), TINY))[~judged]
            stable[~judged] = estimate.stable[role][~judged]
            structures = _structures(parsed, judged, chunk.cap)
            refused, assessed = assess(
                criteria,
                structures,
                parsed_structures(structures),
                table[judged].assign(**CERTAIN),
                parsed.molar_mass[judged],
                role,
            )
            tier[judged] = assessed["tier"].map(TIER_ORDER)
            stable[judged] = assessed["P_stable"].fillna(1.0)
            electrons[judged] = assessed[STABLE_ELECTRONS]
            energies = energies_in_role(
                criteria,
                table[others].assign(**CERTAIN),
                parsed.molar_mass[others],
                role,
                electrons[others],
            )
            filtered = refusals(
                criteria.settings.filter, _structures(parsed, others, chunk.cap), energies
            )
            remarks = np.full(n, NOT_SCORED, object)
            remarks[hopeless] = NO_CORE
            for rows, reasons in ((judged, refused), (others, np.array(filtered, np.str_))):
                remarks[rows] = np.where(reasons == "", remarks[rows], reasons)
                chance[np.flatnonzero(rows)[reasons != ""]] = 0
            for each in filled:
                remark = table[f"{each}_remark"]
                table[f"{each}_remark"] = np.where(remark == "", remarks, remark)
        columns: tuple[np.ndarray, ...] = chance, tier, fatal, stable, electrons, judged
        named = {
            f"{name}_{role}": each.astype(np.float32) if each.dtype == float else each
            for name, each in zip(OF_ROLE, columns, strict=True)
        }
        table = table.assign(**named)
    return {"rows": table_of_rows(parsed, table)}


def score_sample(
    chunk: AnyChunk, models: tuple[CachedModel, CachedModel], criteria: Criteria
) -> Tables:
    """Score rows by the full models, and judge the stability of all molecules among them.

    The parameters are those of `organode.screening.engine.scoring.score_chunk`, which judges only
    molecules whose potentials suit the cell.

    Returns
    -------
    dict of pandas.DataFrame
        The tables of `score_chunk`, and ``stability``, a table with a row for each valid molecule:
        for each role with a list of candidates, `caution_…`, whether the tier is ``caution`` or
        better, and `stable_…`, the probability that the ion is stable, 1 without a stability model.
    """
    tables = score_chunk(chunk, models, criteria)
    rows = tables["rows"][tables["rows"]["status"] == "ok"]
    structures = [
        scored_structure(smiles, note, chunk.cap)
        for smiles, note in zip(rows["smiles"], rows["note"], strict=True)
    ]
    molecules = parsed_structures(structures)
    columns = {}
    for role in criteria.listed_roles:
        verdicts = stability_verdicts(molecules, criteria.filled_roles(role), criteria.stability)
        columns[f"caution_{role}"] = (verdicts["tier"] != FATAL).astype(float)
        columns[f"stable_{role}"] = verdicts["P_stable"].fillna(1.0)
    return tables | {STABILITY_OF_SAMPLE: pd.DataFrame(columns)}


def _structures(parsed: FingerprintedChunk, chosen: np.ndarray, cap: str) -> list[str]:
    """Return SMILES of the chosen of m valid molecules; `chosen`: shape (m,), bool."""
    return [
        scored_structure(parsed.smiles[row], parsed.notes[row], cap)
        for row in parsed.good[chosen].tolist()
    ]
