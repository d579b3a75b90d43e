"""Positive and negative candidates as a cell."""

from __future__ import annotations

import numpy as np
import pandas as pd

from organode.screen.properties import FARADAY_MAH


def best_pairs(
    positive: pd.DataFrame, negative: pd.DataFrame, electrons: int, n: int
) -> pd.DataFrame:
    """Combine candidates and keep the cells that store most per mass of both molecules.

    Parameters
    ----------
    positive, negative : pandas.DataFrame
        Candidates with `id`, `smiles`, potentials with bounds, and molar mass.
    electrons : int
        That each molecule exchanges.
    n : int
        How many pairs; each molecule is in at most three of them.

    Returns
    -------
    pandas.DataFrame
        `positive`, `positive_smiles`, `negative`, `negative_smiles`, `voltage_V` with
        `voltage_lower_V` and `voltage_upper_V`, and `energy_Wh_kg`; the most energy first. The two
        errors are taken as independent: they are of two models of two quantities.
    """
    if positive.empty or negative.empty:
        return pd.DataFrame(columns=list(COLUMNS))
    high, low = (one.reset_index(drop=True) for one in (positive, negative))
    volts = high["E_ox"].to_numpy()[:, None] - low["E_red"].to_numpy()
    mass = high["molar_mass_g_mol"].to_numpy()[:, None] + low["molar_mass_g_mol"].to_numpy()
    energy = FARADAY_MAH * electrons * volts / mass
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
        down = np.hypot(plus.E_ox - plus.E_ox_lower, minus.E_red_upper - minus.E_red)
        up = np.hypot(plus.E_ox_upper - plus.E_ox, minus.E_red - minus.E_red_lower)
        values = (
            plus.id, plus.structure, minus.id, minus.structure,
            voltage, voltage - down, voltage + up, energy[left, right],
        )  # fmt: skip
        rows.append(dict(zip(COLUMNS, values, strict=True)))
    return pd.DataFrame(rows, columns=list(COLUMNS))


COLUMNS = (
    "positive", "positive_smiles", "negative", "negative_smiles", "voltage_V", "voltage_lower_V",
    "voltage_upper_V", "energy_Wh_kg",
)  # fmt: skip
