"""Pairs of a positive and a negative candidate that make the best cells."""

from __future__ import annotations

import numpy as np
import pandas as pd

from organode.electrochemistry.cells import N, P
from organode.screening.columns import FIRST_WAVE, SECOND_WAVE
from organode.screening.criteria.properties import FARADAY_MAH

MOST_PAIRS = 3  # that a molecule is in
COLUMNS = (
    *("positive", "positive_smiles", "negative", "negative_smiles"),
    *("voltage_V", "voltage_lower_V", "voltage_upper_V", "energy_Wh_kg"),
)


def best_pairs(positive: pd.DataFrame, negative: pd.DataFrame, n: int) -> pd.DataFrame:
    """Combine candidates into the cells that store most energy per mass of both molecules.

    Parameters
    ----------
    positive, negative : pandas.DataFrame
        Candidates with `id`, `smiles`, both waves' potentials with bounds, `electrons` and
        `g_per_mol_e`.
    n : int
        How many pairs; each molecule is in at most `MOST_PAIRS` of them.

    Returns
    -------
    pandas.DataFrame
        `positive`, `positive_smiles`, `negative`, `negative_smiles`, `voltage_V` with
        `voltage_lower_V` and `voltage_upper_V`, and `energy_Wh_kg`; the most energy first.
        Potentials are means over the electrons that each molecule exchanges; the numbers of
        molecules balance their electrons. Errors of the two electrodes are taken as independent,
        since two models predict two quantities; errors of two waves of one molecule are not.
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
    """Return by how much a voltage may be lower and higher; from two potentials with bounds, V."""
    down = np.hypot(plus[0] - plus[1], minus[2] - minus[0])
    up = np.hypot(plus[2] - plus[0], minus[0] - minus[1])
    return float(down), float(up)


def _mean_potentials(table: pd.DataFrame, role: str) -> np.ndarray:
    """Return the mean potential over a molecule's electrons and its bounds, shape (n, 3), V."""
    ends = ("", "_lower", "_upper")
    waves = [
        table[[f"{wave}{end}" for end in ends]].to_numpy()
        for wave in (FIRST_WAVE[role], SECOND_WAVE[role])
    ]
    both = (table["electrons"] == 2).to_numpy()[:, None]
    return np.where(both, np.mean(waves, axis=0), waves[0])
