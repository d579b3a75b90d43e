"""Rank candidates by stability tier and score; find Pareto fronts and a diverse subset.

The better tier (fine, caution, fatal) comes first, and within a tier the larger score. The score is
the probability that the ion is stable, times the expected specific energy against the partner
electrode, in which each electron's energy is weighted by the probability that its potential is
inside the window.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from rdkit import Chem
from rdkit.Chem import rdFingerprintGenerator
from rdkit.SimDivFilters.rdSimDivPickers import LeaderPicker

from organode.chem.similarity import N_BITS, RADIUS
from organode.screening.criteria.measured import MeasuredMolecules
from organode.screening.criteria.properties import details
from organode.screening.criteria.stability import TIER_ORDER

SIMILAR = 0.6  # Tanimoto similarity; a pick is less similar than this to every earlier pick
# Properties of the Pareto fronts, and whether more is better.
OBJECTIVES = {"energy_Wh_kg": True, "capacity_mAh_g": True, "P_inside": True, "SA_score": False}


def score(candidates: pd.DataFrame) -> pd.Series:
    """Return the score of candidates in one role, Wh/kg: expected energy times P(ion is stable)."""
    stable = candidates["P_stable"].fillna(1.0)  # NaN for all if there is no stability model
    return candidates["expected_Wh_kg"] * stable


def top(candidates: pd.DataFrame, n: int) -> pd.DataFrame:
    """Return the best n candidates: by stability tier, then by `score`, then by row number.

    `candidates` has the columns `tier`, `score` and `row`.
    """
    ordered = candidates.assign(order=candidates["tier"].map(TIER_ORDER).astype(int))
    ordered = ordered.sort_values(["order", "score", "row"], ascending=[True, False, True])
    return ordered.drop(columns="order").head(n)


def rank(candidates: pd.DataFrame, n_picks: int, measured: MeasuredMolecules) -> pd.DataFrame:
    """Rank candidates in one role and add their properties.

    Parameters
    ----------
    candidates : pandas.DataFrame
        Candidates in the order that `top` returns, with `structure` (SMILES), `similarity` to the
        nearest training molecule, and energies and probabilities.
    n_picks : int
        Largest size of the diverse subset.
    measured : MeasuredMolecules
        Molecules whose potential was measured; the one most similar to each candidate is named.

    Returns
    -------
    pandas.DataFrame
        The same rows with more columns: formula, accessibility, novelty and others (see `details`);
        `rank`, from 1; `front`, the number of the Pareto front over energy, capacity, probability
        and accessibility (`OBJECTIVES`), from 1; and `pick`, the number in the diverse subset, from
        1 in the order of rank, missing for molecules that are not in it.
    """
    molecules = [Chem.MolFromSmiles(smiles) for smiles in candidates["structure"]]
    properties = details(molecules, candidates["similarity"].to_numpy(float), measured)
    table = pd.concat([candidates.reset_index(drop=True), properties], axis=1)
    table["rank"] = np.arange(1, len(table) + 1)
    signs = np.where(list(OBJECTIVES.values()), 1.0, -1.0)
    table["front"] = fronts(table[list(OBJECTIVES)].to_numpy(float) * signs)
    picks = pd.array([pd.NA] * len(table), "Int64")
    for number, place in enumerate(diverse_subset(molecules, n_picks), 1):
        picks[place] = number
    table["pick"] = picks
    return table


def fronts(values: np.ndarray) -> np.ndarray:
    """Return the number of each row's Pareto front, shape (n,); front 1 is dominated by no row.

    `values` has shape (n, d); in each column larger is better. Front 2 is dominated only by rows of
    front 1, and so on:

    Deb et al., IEEE Trans. Evol. Comput. 6 (2002) 182, doi 10.1109/4235.996017.
    """
    front = np.zeros(len(values), np.int64)
    # A row that dominates another has a larger sum, so every row comes after all that dominate it.
    order = np.argsort(-values.sum(axis=1), kind="stable")
    for position, place in enumerate(order):
        before = order[:position]
        others, own = values[before], values[place]
        dominating = (others >= own).all(axis=1) & (others > own).any(axis=1)
        front[place] = 1 + front[before[dominating]].max(initial=0)
    return front


def diverse_subset(molecules: Sequence[Chem.Mol], n: int) -> list[int]:
    """Return the positions of up to n molecules, each dissimilar to all that were picked before.

    The first molecule is always picked, then the next whose Tanimoto similarity to every earlier
    pick is below `SIMILAR`, and so on.
    """
    if not molecules or n < 1:
        return []
    generator = rdFingerprintGenerator.GetMorganGenerator(radius=RADIUS, fpSize=N_BITS)
    bits = generator.GetFingerprints(molecules)
    return list(
        LeaderPicker().LazyBitVectorPick(bits, len(bits), 1 - SIMILAR, pickSize=min(n, len(bits)))
    )
