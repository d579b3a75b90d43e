"""Rank candidates by stability tier and score; find Pareto fronts and a diverse subset.

The stability tier says whether the candidate's ion is stable: fine, caution or fatal, from best to
worst. Candidates of a better tier come first, and within a tier those with the larger score. The
score is the probability that the ion is stable, times the expected specific energy against the
partner electrode, in which each electron's energy is weighted by the probability that its potential
is inside the cell's stability window.
"""

from __future__ import annotations

import math
from collections import Counter
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
SHARE = 5  # one in SHARE picks may have the same stable core: of 50, 10 quinones
# Properties of the Pareto fronts, and whether more is better.
OBJECTIVES = {"energy_Wh_kg": True, "capacity_mAh_g": True, "P_inside": True, "SA_score": False}


def score(candidates: pd.DataFrame) -> pd.Series:
    """Return the score of each candidate, Wh/kg: expected specific energy times P(ion is stable).

    Parameters
    ----------
    candidates : pandas.DataFrame
        Candidates in one role: `expected_Wh_kg`, and `P_stable`, which counts as 1 where it is NaN.
    """
    return candidates["expected_Wh_kg"] * stable(candidates)


def stable(candidates: pd.DataFrame) -> pd.Series:
    """Return the probability that each candidate's ion is stable, 1 where `P_stable` is NaN.

    It is NaN for all candidates if there is no stability model.
    """
    return candidates["P_stable"].fillna(1.0)


def top(candidates: pd.DataFrame, n: int) -> pd.DataFrame:
    """Return the best n candidates: by stability tier, then by score, then by row number.

    `candidates` has the columns `tier` (fine, caution or fatal), `score` and `row`.
    """
    ordered = candidates.assign(order=candidates["tier"].map(TIER_ORDER).astype(int))
    ordered = ordered.sort_values(["order", "score", "row"], ascending=[True, False, True])
    return ordered.drop(columns="order").head(n)


def rank(candidates: pd.DataFrame, n_picks: int, measured: MeasuredMolecules) -> pd.DataFrame:
    """Add rank, properties, Pareto front and place in a diverse subset to a table of candidates.

    Parameters
    ----------
    candidates : pandas.DataFrame
        Candidates in one role, best first, as `top` returns them, with `structure` (SMILES),
        `similarity` to the nearest training molecule, `core`, energies and probabilities.
    n_picks : int
        Largest size of the diverse subset.
    measured : MeasuredMolecules
        Molecules whose potential was measured. For each candidate, the most similar of these
        molecules is named in the result.

    Returns
    -------
    pandas.DataFrame
        The rows of `candidates` with more columns: formula, synthetic accessibility, novelty and
        others (see `organode.screening.criteria.properties.details`); `rank`, from 1; `front`, the
        number of the Pareto front, from 1, over specific energy, capacity, probability that the
        potential is inside the window, and synthetic accessibility; and `pick`, the number in the
        diverse subset, from 1 in the order of rank, missing for molecules outside the subset.
    """
    molecules = [Chem.MolFromSmiles(smiles) for smiles in candidates["structure"]]
    properties = details(molecules, candidates["similarity"].to_numpy(float), measured)
    table = pd.concat([candidates.reset_index(drop=True), properties], axis=1)
    table["rank"] = np.arange(1, len(table) + 1)
    signs = np.where(list(OBJECTIVES.values()), 1.0, -1.0)
    table["front"] = fronts(table[list(OBJECTIVES)].to_numpy(float) * signs)
    picks = pd.array([pd.NA] * len(table), "Int64")
    for number, place in enumerate(diverse_subset(molecules, table["core"].tolist(), n_picks), 1):
        picks[place] = number
    table["pick"] = picks
    return table


def fronts(values: np.ndarray) -> np.ndarray:
    """Return the number of each row's Pareto front, from 1; shape (n,).

    `values` has shape (n, d); in each of the d columns a larger value is better. A row dominates
    another if it is at least as good in every column and better in one. Rows of front 1 are
    dominated by no row, rows of front 2 only by rows of front 1, and so on:

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


def diverse_subset(molecules: Sequence[Chem.Mol], cores: Sequence[str], n: int) -> list[int]:
    """Return the positions of up to n molecules, each dissimilar to all molecules picked before it.

    The first molecule is always picked. Each later molecule is picked, in the given order, if its
    Tanimoto similarity to every molecule picked so far is below `SIMILAR` (0.6); of these, at most
    one fifth of n, rounded up, have the same stable core, unless fewer than n would be picked.
    `cores` names the core of each molecule, with an empty text for those without one, of which any
    number is picked.
    """
    if not molecules or n < 1:
        return []
    generator = rdFingerprintGenerator.GetMorganGenerator(radius=RADIUS, fpSize=N_BITS)
    bits = generator.GetFingerprints(molecules)
    chosen: list[int] = []
    beyond: list[int] = []
    of_core = Counter[str]()
    for place in LeaderPicker().LazyBitVectorPick(bits, len(bits), 1 - SIMILAR):
        core = cores[place]
        of_core[core] += bool(core)
        (beyond if of_core[core] > math.ceil(n / SHARE) else chosen).append(place)
    return sorted(chosen[:n] + beyond[: max(n - len(chosen), 0)])
