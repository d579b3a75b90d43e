"""Find the best cells of a candidate for the positive and one for the negative electrode."""

from __future__ import annotations

import numpy as np
import pandas as pd

from organode.electrochemistry.cells import N, P
from organode.screening.columns import FIRST_WAVE, SECOND_WAVE
from organode.screening.criteria.properties import FARADAY_MAH
from organode.screening.criteria.stability import TIER_ORDER
from organode.screening.shortlist.rank import stable

MOST_PAIRS = 3  # pairs that contain the same molecule
COLUMNS = (
    *("positive", "positive_smiles", "negative", "negative_smiles"),
    *("voltage_V", "voltage_lower_V", "voltage_upper_V", "energy_Wh_kg"),
)


def best_pairs(positive: pd.DataFrame, negative: pd.DataFrame, n: int) -> pd.DataFrame:
    """Combine candidates into the cells that store most energy per mass of both molecules.

    Only candidates of the best stability tier that an electrode has are combined. Energies are
    weighted by the probability that both ions are stable.

    Parameters
    ----------
    positive, negative : pandas.DataFrame
        Candidates for the positive electrode (p-type molecules) and for the negative electrode
        (n-type molecules): `id`, `structure` (SMILES), first and second potentials with
        bounds (V), `electrons` (1 or 2), `g_per_mol_e`, the molar mass per electron, `tier`, and
        `P_stable`, which counts as 1 where it is NaN.
    n : int
        Largest number of pairs; each molecule is in at most `MOST_PAIRS` pairs.

    Returns
    -------
    pandas.DataFrame
        One row for each pair, the pair with the largest weighted energy first; only pairs with a
        positive voltage. `positive` and `negative` are the ids of the two molecules,
        `positive_smiles` and `negative_smiles` their structures. `voltage_V` is the cell voltage,
        with the bounds `voltage_lower_V` and `voltage_upper_V`; `energy_Wh_kg` is the energy per
        mass of both molecules.

    Notes
    -----
    The potential of an electrode is the mean over the one or two electrons that its molecule
    exchanges. The masses are balanced: both electrodes exchange the same number of electrons.
    Errors of the two electrodes are taken as independent, since two models predict the two
    potentials. Errors of the first and second potential of one molecule are not taken as
    independent.
    """
    if positive.empty or negative.empty:
        return pd.DataFrame(columns=list(COLUMNS))
    positive, negative = _of_best_tier(positive), _of_best_tier(negative)
    plus_V, minus_V = _mean_potentials(positive, P), _mean_potentials(negative, N)
    volts = plus_V[:, 0, None] - minus_V[:, 0]
    mass = positive["g_per_mol_e"].to_numpy()[:, None] + negative["g_per_mol_e"].to_numpy()
    energy = FARADAY_MAH * volts / mass
    lasting = stable(positive).to_numpy()[:, None] * stable(negative).to_numpy()
    n_plus, n_minus = np.zeros(len(positive), int), np.zeros(len(negative), int)
    rows: list[tuple[object, ...]] = []
    for flat in np.argsort(-energy * lasting, axis=None, kind="stable"):
        plus, minus = divmod(int(flat), len(negative))
        if len(rows) == n:
            break
        if volts[plus, minus] <= 0 or max(n_plus[plus], n_minus[minus]) >= MOST_PAIRS:
            continue
        n_plus[plus] += 1
        n_minus[minus] += 1
        voltage, (down, up) = volts[plus, minus], _error_bar(plus_V[plus], minus_V[minus])
        names = (
            *positive.loc[plus, ["id", "structure"]],
            *negative.loc[minus, ["id", "structure"]],
        )
        rows.append((*names, voltage, voltage - down, voltage + up, energy[plus, minus]))
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _of_best_tier(table: pd.DataFrame) -> pd.DataFrame:
    """Return the candidates of the best stability tier in a table, numbered from 0."""
    order = table["tier"].map(TIER_ORDER)
    return table[order == order.min()].reset_index(drop=True)


def _error_bar(plus: np.ndarray, minus: np.ndarray) -> tuple[float, float]:
    """Return how far the error bar of a cell voltage reaches below and above the voltage, V.

    `plus` and `minus`, for the positive and the negative electrode, hold three numbers each: the
    potential, its lower bound and its upper bound, V.
    """
    down = np.hypot(plus[0] - plus[1], minus[2] - minus[0])
    up = np.hypot(plus[2] - plus[0], minus[0] - minus[1])
    return float(down), float(up)


def _mean_potentials(table: pd.DataFrame, role: str) -> np.ndarray:
    """Return each molecule's potential, averaged over its electrons, with bounds; shape (n, 3), V.

    Parameters
    ----------
    table : pandas.DataFrame
        n molecules with first and second potentials and their bounds, and `electrons`, 1 or 2.
    role : str
        ``p`` for oxidation potentials, ``n`` for reduction potentials.

    Returns
    -------
    numpy.ndarray
        Potential, lower bound and upper bound in each row.
    """
    ends = ("", "_lower", "_upper")
    waves = [
        table[[f"{wave}{end}" for end in ends]].to_numpy()
        for wave in (FIRST_WAVE[role], SECOND_WAVE[role])
    ]
    both = (table["electrons"] == 2).to_numpy()[:, None]
    return np.where(both, np.mean(waves, axis=0), waves[0])
