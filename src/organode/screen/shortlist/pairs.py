"""Positive and negative candidates as a cell."""

from __future__ import annotations

import numpy as np
import pandas as pd

from organode.electrochemistry.cells import N, P
from organode.screen.criteria.decide import POTENTIALS, SECOND
from organode.screen.criteria.properties import FARADAY_MAH


def best_pairs(positive: pd.DataFrame, negative: pd.DataFrame, n: int) -> pd.DataFrame:
    """Combine candidates and keep the cells that store most per mass of both molecules.

    Parameters
    ----------
    positive, negative : pandas.DataFrame
        Candidates with `id`, `smiles`, both waves' potentials with bounds, `electrons` and
        `g_per_mol_e`.
    n : int
        How many pairs; each molecule is in at most three of them.

    Returns
    -------
    pandas.DataFrame
        `positive`, `positive_smiles`, `negative`, `negative_smiles`, `voltage_V` with
        `voltage_lower_V` and `voltage_upper_V`, and `energy_Wh_kg`; the most energy first.
        Potentials are means over the electrons that each molecule exchanges, and of a molecule that
        exchanges fewer there are the more. The two errors are taken as independent: they are of two
        models of two quantities; those of two waves of one molecule are not.
    """
    if positive.empty or negative.empty:
        return pd.DataFrame(columns=list(COLUMNS))
    high, low = (one.reset_index(drop=True) for one in (positive, negative))
    plus_V, minus_V = _mean(high, P), _mean(low, N)
    volts = plus_V[:, 0, None] - minus_V[:, 0]
    mass = high["g_per_mol_e"].to_numpy()[:, None] + low["g_per_mol_e"].to_numpy()
    energy = FARADAY_MAH * volts / mass
    taken = {"positive": np.zeros(len(high), int), "negative": np.zeros(len(low), int)}
    rows: list[dict[str, object]] = []
    for place in np.argsort(-energy, axis=None, kind="stable"):
        left, right = divmod(int(place), len(low))
        if len(rows) == n:
            break
        if volts[left, right] <= 0 or max(taken["positive"][left], taken["negative"][right]) >= 3:
            continue
        taken["positive"][left] += 1
        taken["negative"][right] += 1
        plus, minus = high.iloc[left], low.iloc[right]
        voltage = volts[left, right]
        own, its = plus_V[left], minus_V[right]
        down, up = (
            np.hypot(own[0] - own[1], its[2] - its[0]),
            np.hypot(own[2] - own[0], its[0] - its[1]),
        )
        values = (
            plus.id, plus.structure, minus.id, minus.structure,
            voltage, voltage - down, voltage + up, energy[left, right],
        )  # fmt: skip
        rows.append(dict(zip(COLUMNS, values, strict=True)))
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _mean(table: pd.DataFrame, role: str) -> np.ndarray:
    """Return the mean potential over a molecule's electrons and its bounds, shape (n, 3), V."""
    ends = ("", "_lower", "_upper")
    waves = [
        table[[f"{wave}{end}" for end in ends]].to_numpy()
        for wave in (POTENTIALS[role], SECOND[role])
    ]
    both = (table["electrons"] == 2).to_numpy()[:, None]
    return np.where(both, np.mean(waves, axis=0), waves[0])


COLUMNS = (
    "positive", "positive_smiles", "negative", "negative_smiles", "voltage_V", "voltage_lower_V",
    "voltage_upper_V", "energy_Wh_kg",
)  # fmt: skip
