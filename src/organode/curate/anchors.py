"""Anchor molecules: IE and EA vs vacuum by density functional theory, to find a table's zero."""

from __future__ import annotations

from importlib.resources import files

import numpy as np
import pandas as pd


def anchor_energies(smiles: pd.Series) -> np.ndarray:
    """Return computed IE and EA vs vacuum of those of the given molecules that are anchors.

    The file ``anchors.csv`` beside this module holds IE and EA of the anchors, small molecules, by
    B3LYP/6-31+G(d) with relaxed ions in IEF-PCM water, the level of theory of the Materials
    Project's table. These energies were computed by `organode label --level b3lyp --adiabatic
    --solvent water`. The mean of IE and EA hardly depends on the medium (see
    `organode.curate.xtb_reference`), so the anchors show the zero of tables in other media, too.

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
