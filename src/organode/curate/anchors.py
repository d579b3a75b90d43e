"""Anchor molecules: computed by density functional theory, so their energies are vs vacuum."""

from __future__ import annotations

from importlib.resources import files

import numpy as np
import pandas as pd


def anchor_energies(smiles: pd.Series) -> np.ndarray:
    """Return IE and EA of the anchor molecules among the rows.

    ``anchors.csv`` beside this file holds small molecules by B3LYP/6-31+G(d) with relaxed ions in
    IEF-PCM water, the level of the Materials Project's table; they were computed by `organode label
    --level b3lyp --adiabatic --solvent water`. The mean of IE and EA hardly depends on the medium
    (see `organode.curate.xtb_reference`), so they show the zero of tables in other media too.

    Parameters
    ----------
    smiles : pandas.Series
        Canonical SMILES without stereo, length n.

    Returns
    -------
    numpy.ndarray
        Shape (n, 2): IE and EA, eV vs vacuum; NaN for molecules that are not anchors.
    """
    with (files("organode.curate") / "anchors.csv").open(encoding="utf-8") as stream:
        table = pd.read_csv(stream)
    return table.set_index("smiles")[["IE", "EA"]].reindex(smiles).to_numpy(float)
