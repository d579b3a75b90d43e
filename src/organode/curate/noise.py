"""Label noise: how much labels of the same molecule differ, which bounds any model's error."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
from rdkit import Chem

from organode.artifacts import TARGETS
from organode.chem.fingerprint import keys

RADIUS = 2  # of the Morgan fingerprint that near duplicates share
KINDS = {
    "repeat": "the same structure, stereo included",
    "stereo": "the same structure except for stereo",
    "near duplicate": f"another structure with the same Morgan counts up to radius {RADIUS}",
}


def label_noise(rows: pd.DataFrame) -> pd.DataFrame:
    """Compare the labels of rows that the models here cannot, or can hardly, distinguish.

    If two labels of a molecule have independent normal errors of standard deviation σ, the mean
    of their absolute difference D is 2σ/√π; a perfect model then has the MAE σ·√(2/π) = D/√2.

    Parameters
    ----------
    rows : pandas.DataFrame
        `smiles` (flat), `exact` (with stereo), `IE`, `EA` (eV, absolute), before merging.

    Returns
    -------
    pandas.DataFrame
        `kind`, `what`, `target`, `pairs`, `median`, `mean` (of the absolute difference, eV),
        `sd` (σ) and `floor` (MAE of a perfect model), eV; one row for each kind and target that
        has a pair.
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
    """Return |difference| of IE and EA between neighbours in each group, shape (pairs, 2)."""
    groups = rows[rows[key].duplicated(keep=False)].groupby(key, sort=False)[list(TARGETS)]
    return groups.diff().abs().dropna(how="all").to_numpy()
