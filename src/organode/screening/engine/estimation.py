"""Estimate the results for some rows of a long library by a fast surrogate of the full models."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from organode.electrochemistry.cells import ROLES, N, P
from organode.electrochemistry.stability import CAUTION, FATAL
from organode.electrochemistry.stability.core_finder import core_finder
from organode.electrochemistry.stability.inputs import StabilityInputs
from organode.library.protocols import AnyChunk, Estimable
from organode.library.read import FingerprintedChunk
from organode.screening.columns import OF_ROLE, PROBABILITIES, STABLE_ELECTRONS
from organode.screening.criteria.assessment import assess, energies_in_role
from organode.screening.criteria.criteria import Criteria
from organode.screening.criteria.filters import looks_at_structures, refusals
from organode.screening.criteria.potentials import check_potentials, computed_potentials
from organode.screening.criteria.stability import TIER_ORDER, stability_verdicts
from organode.screening.engine.answer_cache import CachedModel
from organode.screening.engine.scoring import (
    Tables,
    parsed_structures,
    score_featurized,
    scored_structures,
    stability_inputs,
    table_of_rows,
)
from organode.screening.engine.surrogate import Estimate, Surrogate

PLAUSIBLE = 0.005  # molecules less likely to be a candidate are not assessed
TINY = 1e-9
STABILITY_OF_SAMPLE = "stability"  # name of a table of a sampled chunk
NO_CORE = "no core that is known to last"  # where only the tier `fine` is accepted
NOT_SCORED = "not scored: ranked too low by the surrogate"
# The columns `OF_ROLE` in a role without a list; the tier is the best one without a core.
UNLISTED = {
    **dict.fromkeys(("chance", "stable"), np.float32(0)),
    **{"tier": np.int8(TIER_ORDER[CAUTION]), "fatal": np.float32(1)},
    **{STABLE_ELECTRONS: np.int8(1), "judged": False},
}
# The surrogate predicts no probabilities: every wave counts as inside the window.
CERTAIN = dict.fromkeys((*PROBABILITIES[P], *PROBABILITIES[N]), 1.0)


def estimate_chunk(chunk: Estimable, criteria: Criteria, surrogate: Surrogate) -> Tables:
    """Estimate energies, potentials and chances of being a candidate for the rows of a chunk.

    Only molecules with a core, a group whose ion is known to be stable, can be in the best
    stability tier. Rules and stability model judge these molecules; of all others the surrogate
    estimates what rules and model would say. The same rows and surrogate give the same result in
    any process.

    Parameters
    ----------
    chunk : Estimable
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
    chances = {role: surrogate.chance(estimate, role) for role in criteria.listed_roles}
    judged = {}
    for role, chance in chances.items():
        forms = [ROLES.index(each) for each in criteria.filled_roles(role)]
        judged[role] = (chance >= PLAUSIBLE) & parsed.has_core[:, forms].all(axis=1)
    described = Described.of(parsed, np.any([*judged.values()], axis=0), chunk.cap)
    molecules = Estimated(parsed, table, estimate, described, criteria, chunk.cap)
    for role in ROLES:
        columns: Mapping[str, Any] = UNLISTED
        if role in criteria.listed_roles:
            columns, remarks = molecules.in_role(role, chances[role], judged[role])
            for each in criteria.filled_roles(role):
                remark = table[f"{each}_remark"]
                table[f"{each}_remark"] = np.where(remark == "", remarks, remark)
        table = table.assign(**{f"{name}_{role}": columns[name] for name in OF_ROLE})
    return {"rows": table_of_rows(parsed, table)}


class Described(NamedTuple):
    """Some of m valid molecules, with what is read of them to judge the stability of their ions.

    Attributes
    ----------
    places : numpy.ndarray
        Indices of the molecules among the m, sorted ascending.
    structures : list of str
        Their SMILES.
    inputs : StabilityInputs
        What is read of them.
    """

    places: np.ndarray
    structures: list[str]
    inputs: StabilityInputs

    @classmethod
    def of(cls, parsed: FingerprintedChunk, chosen: np.ndarray, cap: str) -> Described:
        """Parse and describe the chosen of m molecules; `chosen`: shape (m,), bool."""
        structures = _structures(parsed, chosen, cap)
        return cls(np.flatnonzero(chosen), structures, parsed_structures(structures))

    def select(self, chosen: np.ndarray) -> tuple[list[str], StabilityInputs]:
        """Return SMILES and inputs of those that are chosen of the m molecules; (m,), bool."""
        among = np.searchsorted(self.places, np.flatnonzero(chosen)).tolist()
        return [self.structures[place] for place in among], self.inputs.select(among)


class Estimated(NamedTuple):
    """The m valid molecules of a chunk, with the surrogate's estimates.

    Attributes
    ----------
    parsed : FingerprintedChunk
        The rows with the molecules.
    table : pandas.DataFrame
        m rows: estimated energies and potentials.
    estimate : Estimate
        The surrogate's estimates.
    described : Described
        At least the molecules that rules and model judge in a role.
    criteria : Criteria
        The conditions that make a molecule a candidate.
    cap : str
        End group for polymers' repeat units: ``H``, ``methyl``, or empty for none.
    """

    parsed: FingerprintedChunk
    table: pd.DataFrame
    estimate: Estimate
    described: Described
    criteria: Criteria
    cap: str

    def in_role(
        self, role: str, chance: np.ndarray, judged: np.ndarray
    ) -> tuple[dict[str, np.ndarray], np.ndarray]:
        """Return what is estimated of the molecules in one role that has a list of candidates.

        Parameters
        ----------
        role : str
            ``p`` or ``n``.
        chance : numpy.ndarray
            Shape (m,): the probability that the potentials suit the cell, as the surrogate says.
        judged : numpy.ndarray
            Shape (m,), bool: the plausible molecules with a core, which rules and model judge.

        Returns
        -------
        columns : dict of numpy.ndarray
            The columns `OF_ROLE` of `organode.screening.columns`, shape (m,) each.
        remarks : numpy.ndarray
            Shape (m,), str: why each molecule is no candidate, or has not been scored.
        """
        criteria, table, mass = self.criteria, self.table, self.parsed.molar_mass
        m = len(table)
        others = (chance >= PLAUSIBLE) & ~judged
        tier = np.full(m, TIER_ORDER[CAUTION], np.int8)
        electrons, remarks = np.ones(m, np.int8), np.full(m, NOT_SCORED, object)

        # Molecules with a core: what rules and stability model say.
        structures, inputs = self.described.select(judged)
        volts = table[judged].assign(**CERTAIN)
        refused, assessed = assess(criteria, structures, inputs, volts, mass[judged], role)
        tier[judged] = assessed["tier"].map(TIER_ORDER)
        electrons[judged] = assessed[STABLE_ELECTRONS]
        stable = self.estimate.stable[role].copy()
        stable[judged] = assessed["P_stable"].fillna(1.0)

        # All others: what the surrogate says, and the filters.
        tiers, of_caution = criteria.settings.tiers, self.estimate.caution[role]
        worst = (1 - of_caution) * (FATAL in tiers)
        accepted = np.where(judged, 1.0, of_caution * (CAUTION in tiers) + worst)
        chance = chance * accepted
        fatal = np.where(judged, 0.0, worst / np.maximum(accepted, TINY))
        volts = table[others].assign(**CERTAIN)
        energies = energies_in_role(criteria, volts, mass[others], role, electrons[others])
        limits = criteria.settings.filter
        structures = [""] * int(others.sum())
        if looks_at_structures(limits):
            structures = _structures(self.parsed, others, self.cap)
        filtered = np.array(refusals(limits, structures, energies), np.str_)

        remarks[others & (accepted == 0)] = NO_CORE
        for rows, reasons in ((judged, refused), (others, filtered)):
            remarks[rows] = np.where(reasons == "", remarks[rows], reasons)
            chance[np.flatnonzero(rows)[reasons != ""]] = 0
        columns = (
            *(chance.astype(np.float32), tier, fatal.astype(np.float32), stable.astype(np.float32)),
            *(electrons, judged),
        )
        return dict(zip(OF_ROLE, columns, strict=True)), remarks


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
    featurized = chunk.featurized()
    tables = score_featurized(featurized, models, criteria, chunk.cap)
    inputs = stability_inputs(featurized)
    columns = {}
    for role in criteria.listed_roles:
        verdicts = stability_verdicts(inputs, criteria.filled_roles(role), criteria.stability)
        columns[f"caution_{role}"] = (verdicts["tier"] != FATAL).astype(float)
        columns[f"stable_{role}"] = verdicts["P_stable"].fillna(1.0)
    return tables | {STABILITY_OF_SAMPLE: pd.DataFrame(columns)}


def _structures(parsed: FingerprintedChunk, chosen: np.ndarray, cap: str) -> list[str]:
    """Return SMILES of the chosen of m valid molecules; `chosen`: shape (m,), bool."""
    rows = parsed.good[chosen].tolist()
    smiles, notes = ([texts[row] for row in rows] for texts in (parsed.smiles, parsed.notes))
    return scored_structures(smiles, notes, cap)
