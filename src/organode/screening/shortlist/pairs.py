"""Pairs of a candidate for the positive and one for the negative electrode: the best cells."""

from __future__ import annotations

import numpy as np
import pandas as pd

from organode.electrochemistry.cells import N, P
from organode.screening.columns import FIRST_WAVE, SECOND_WAVE
from organode.screening.criteria.properties import FARADAY_MAH

MOST_PAIRS = 3  # pairs that contain the same molecule
COLUMNS = (
    *("positive", "positive_smiles", "negative", "negative_smiles"),
    *("voltage_V", "voltage_lower_V", "voltage_upper_V", "energy_Wh_kg"),
)


def best_pairs(positive: pd.DataFrame, negative: pd.DataFrame, n: int) -> pd.DataFrame:
    """Combine candidates into the cells that store most energy per mass of both molecules.

    Parameters
    ----------
    positive, negative : pandas.DataFrame
        Candidates for each electrode: `id`, `structure` (SMILES), first and second potentials with
        bounds (V), `electrons` (1 or 2) and `g_per_mol_e`, the molar mass per electron.
    n : int
        Largest number of pairs; each molecule is in at most `MOST_PAIRS` of them.

    Returns
    -------
    pandas.DataFrame
        One row for each pair, the most energy first; no row if either table is empty. `positive`
        and `negative` are the ids, `positive_smiles` and `negative_smiles` the structures,
        `voltage_V` has the bounds `voltage_lower_V` and `voltage_upper_V`, and `energy_Wh_kg` is
        per mass of both. A potential is the mean over the electrons that its molecule exchanges;
        both electrodes exchange the same number of electrons. Errors of the two electrodes are
        taken as independent, since two models predict two quantities; errors of the first and
        second potential of one molecule are not.
    """
    if positive.empty or negative.empty:
        return pd.DataFrame(columns=list(COLUMNS))
    positive, negative = (table.reset_index(drop=True) for table in (positive, negative))
    plus_V, minus_V = _mean_potentials(positive, P), _mean_potentials(negative, N)
    volts = plus_V[:, 0, None] - minus_V[:, 0]
    mass = positive["g_per_mol_e"].to_numpy()[:, None] + negative["g_per_mol_e"].to_numpy()
    energy = FARADAY_MAH * volts / mass
    n_plus, n_minus = np.zeros(len(positive), int), np.zeros(len(negative), int)
    rows: list[tuple[object, ...]] = []
    for flat in np.argsort(-energy, axis=None, kind="stable"):
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


def _error_bar(plus: np.ndarray, minus: np.ndarray) -> tuple[float, float]:
    """Return how far the error bar of a voltage reaches below and above it, V.

    `plus` and `minus` are potential, lower and upper bound of the electrodes, V.
    """
    down = np.hypot(plus[0] - plus[1], minus[2] - minus[0])
    up = np.hypot(plus[2] - plus[0], minus[0] - minus[1])
    return float(down), float(up)


def _mean_potentials(table: pd.DataFrame, role: str) -> np.ndarray:
    """Return potential, lower and upper bound, means over each molecule's electrons; (n, 3), V."""
    ends = ("", "_lower", "_upper")
    waves = [
        table[[f"{wave}{end}" for end in ends]].to_numpy()
        for wave in (FIRST_WAVE[role], SECOND_WAVE[role])
    ]
    both = (table["electrons"] == 2).to_numpy()[:, None]
    return np.where(both, np.mean(waves, axis=0), waves[0])
