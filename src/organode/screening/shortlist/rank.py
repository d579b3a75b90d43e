"""Rank candidates by tier and score; find Pareto fronts and a diverse subset.

The better stability tier comes first. Within a tier the score decides: P(the ion lasts) × the
energy that a gram of the molecule is expected to store against the partner electrode, each
electron's times P(its potential is inside the window).
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
    """Return the score of candidates in one role, Wh/kg."""
    stable = candidates["P_stable"].fillna(1.0)  # unknown for all, where no model predicts it
    return candidates["expected_Wh_kg"] * stable


def top(candidates: pd.DataFrame, n: int) -> pd.DataFrame:
    """Return the first n candidates: the better tier first, then the higher `score`, then row."""
    ordered = candidates.assign(order=candidates["tier"].map(TIER_ORDER).astype(int))
    ordered = ordered.sort_values(["order", "score", "row"], ascending=[True, False, True])
    return ordered.drop(columns="order").head(n)


def rank(candidates: pd.DataFrame, n_picks: int, measured: MeasuredMolecules) -> pd.DataFrame:
    """Rank candidates in one role and add their properties.

    Parameters
    ----------
    candidates : pandas.DataFrame
        As `top` returns them.
    n_picks : int
        Size of the diverse subset.
    measured : MeasuredMolecules
        Molecules to compare with.

    Returns
    -------
    pandas.DataFrame
        The same rows with `details`; `rank`, from 1; `front`, the Pareto front over `OBJECTIVES`,
        from 1; and `pick`, numbers of the diverse subset in the order of rank, from 1, empty for
        the rest.
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
    """Return the Pareto front of each of n rows, from 1.

    Values, shape (n, d), are compared column by column; larger is better.

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
    """Return the positions of up to n molecules, each dissimilar to all that were picked before."""
    if not molecules or n < 1:
        return []
    generator = rdFingerprintGenerator.GetMorganGenerator(radius=RADIUS, fpSize=N_BITS)
    bits = generator.GetFingerprints(molecules)
    return list(
        LeaderPicker().LazyBitVectorPick(bits, len(bits), 1 - SIMILAR, pickSize=min(n, len(bits)))
    )
