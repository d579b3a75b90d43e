"""Label noise: how much labels of the same molecule differ, which limits a model's accuracy."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
from rdkit import Chem

from organode.artifacts import TARGETS
from organode.chem.fingerprint import keys

RADIUS = 2  # bonds; near duplicates have the same Morgan environments up to this radius
KINDS = {
    "repeat": "the same structure, stereo included",
    "stereo": "the same structure except for stereo",
    "near duplicate": f"another structure with the same Morgan counts up to radius {RADIUS}",
}


def label_noise(rows: pd.DataFrame) -> pd.DataFrame:
    """Compare labels of rows whose molecules a model cannot, or can hardly, distinguish.

    If two labels of a molecule have independent normal errors of standard deviation σ, the mean D
    of the absolute difference of the labels is 2σ/√π. Even a perfect model then has the mean
    absolute error (MAE) σ·√(2/π) = D/√2 against such labels.

    Parameters
    ----------
    rows : pandas.DataFrame
        Rows before repeated structures are merged: `smiles` and `exact` (canonical, without and
        with stereo), `IE`, `EA` (eV vs vacuum).

    Returns
    -------
    pandas.DataFrame
        One row for each kind of pair and target with at least one pair: `kind` (a key of `KINDS`),
        `what` (the kind in words), `target` (``IE`` or ``EA``), `pairs` (number of pairs), `median`
        and `mean` of the absolute difference, `sd` (σ) and `floor` (MAE of a perfect model), the
        last four in eV.
    """
    first = rows.drop_duplicates("smiles")
    molecules = [Chem.MolFromSmiles(smiles) for smiles in first["smiles"]]
    near = first.assign(key=keys(molecules, RADIUS, counts=True))
    pairs = {
        "repeat": _pairs(rows, "exact"),
        "stereo": _pairs(rows.drop_duplicates("exact"), "smiles"),
        "near duplicate": _pairs(near, "key"),
    }
    noise = []
    for kind, differences in pairs.items():
        for index, target in enumerate(TARGETS):
            values = differences[:, index]
            values = values[np.isfinite(values)]
            if not len(values):
                continue
            mean = float(values.mean())
            noise.append(
                {
                    "kind": kind,
                    "what": KINDS[kind],
                    "target": target,
                    "pairs": len(values),
                    "median": float(np.median(values)),
                    "mean": mean,
                    "sd": mean * math.sqrt(math.pi) / 2,
                    "floor": mean / math.sqrt(2),
                }
            )
    columns = ["kind", "what", "target", "pairs", "median", "mean", "sd", "floor"]
    return pd.DataFrame(noise, columns=columns)


def _pairs(rows: pd.DataFrame, key: str) -> np.ndarray:
    """Return |difference| of IE and EA, shape (pairs, 2), eV, between rows with the same key.

    `key` is the name of a column. Each row is compared with the previous row that has the same
    value in this column, so that n rows with the same value give n − 1 pairs.
    """
    groups = rows[rows[key].duplicated(keep=False)].groupby(key, sort=False)[list(TARGETS)]
    return groups.diff().abs().dropna(how="all").to_numpy()
