"""Which candidates come first: by a score, by what no other beats, and by being different.

First come molecules whose ion is known to last. Among them, and among those of which that is in
doubt, the score decides: P(the ion lasts) × the energy that a gram of the molecule is expected to
store against the partner electrode, each electron's times P(its potential is inside the window).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from rdkit import Chem

from organode.chem.similarity import nearest, packed_bits
from organode.screen.criteria.lasting import ORDER
from organode.screen.criteria.measured import Known
from organode.screen.criteria.properties import details

ALIKE = 0.6  # Tanimoto; a pick is less like every earlier one than this
# What a candidate is compared by, and whether more of it is better.
OBJECTIVES = {"energy_Wh_kg": True, "capacity_mAh_g": True, "P_inside": True, "SA_score": False}


def score(candidates: pd.DataFrame) -> pd.Series:
    """Return the default score, Wh/kg, of candidates in one role."""
    lasting = candidates["P_stable"].fillna(1.0)  # not known: of any
    return candidates["expected_Wh_kg"] * lasting


def best(candidates: pd.DataFrame, n: int) -> pd.DataFrame:
    """Return the first n candidates: by tier, then the highest `score` first, ties by row."""
    order = candidates.assign(order=candidates["tier"].map(ORDER).astype(int))
    order = order.sort_values(["order", "score", "row"], ascending=[True, False, True])
    return order.drop(columns="order").head(n)


def ranked(candidates: pd.DataFrame, n_picks: int, measured: Known) -> pd.DataFrame:
    """Rank candidates in one role.

    Parameters
    ----------
    candidates : pandas.DataFrame
        As `best` returns them.
    n_picks : int
        How many to pick that are unlike one another.
    measured : Known
        Molecules that each is compared with.

    Returns
    -------
    pandas.DataFrame
        The same rows with their `details`, `rank` (from 1, by tier and score), `front` (Pareto: 1
        is beaten by none in all of `OBJECTIVES`, 2 only by those of 1, and so on) and `pick` (from
        1, in the order of rank, each unlike all before it; empty for the rest).
    """
    molecules = [Chem.MolFromSmiles(smiles) for smiles in candidates["structure"]]
    described = details(molecules, candidates["similarity"].to_numpy(float), measured)
    table = pd.concat([candidates.reset_index(drop=True), described], axis=1)
    table["rank"] = np.arange(1, len(table) + 1)
    signs = np.where(list(OBJECTIVES.values()), 1.0, -1.0)
    table["front"] = fronts(table[list(OBJECTIVES)].to_numpy(float) * signs)
    picks = pd.array([pd.NA] * len(table), "Int64")
    for number, place in enumerate(diverse_subset(molecules, n_picks), 1):
        picks[place] = number
    table["pick"] = picks
    return table


def fronts(values: np.ndarray) -> np.ndarray:
    """Return the Pareto front of each of n rows, from 1; values, shape (n, d): more is better.

    Deb et al., IEEE Trans. Evol. Comput. 6 (2002) 182, doi 10.1109/4235.996017.
    """
    front = np.zeros(len(values), np.int64)
    # Who is better in all has the larger sum: in this order every row comes after all that beat it.
    order = np.argsort(-values.sum(axis=1), kind="stable")
    for position, place in enumerate(order):
        before = order[:position]
        others, one = values[before], values[place]
        beat_it = (others >= one).all(axis=1) & (others > one).any(axis=1)
        front[place] = 1 + front[before[beat_it]].max(initial=0)
    return front


def diverse_subset(molecules: Sequence[Chem.Mol], n: int) -> list[int]:
    """Return the places of up to n molecules, the first first, each unlike all before it."""
    bits = packed_bits(molecules)
    picked: list[int] = []
    for place in range(len(molecules)):
        if len(picked) == n:
            break
        one = bits[place : place + 1]
        if not picked or nearest(one, bits[picked], 1).similarity[0, 0] < ALIKE:
            picked.append(place)
    return picked
