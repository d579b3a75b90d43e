"""Known organic electrode materials: what a candidate is compared with."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np
import pandas as pd
from rdkit import Chem

from organode.chem import MoleculeError, parse_flat, structure
from organode.chem.similarity import packed_bits


@dataclass(frozen=True)
class Known:
    """The materials of `known.csv`.

    Attributes
    ----------
    names : list of str
        Length n.
    bits : numpy.ndarray
        Shape (n, words): `packed_bits`.
    """

    names: list[str]
    bits: np.ndarray


def read_known() -> pd.DataFrame:
    """Return the list: a row each, with its potential in V vs Li/Li+ and where that is from."""
    with (files("organode.screen") / "known.csv").open(encoding="utf-8") as stream:
        return pd.read_csv(stream, keep_default_na=False, dtype={"volts_vs_Li": float})


@cache
def known_materials() -> Known:
    """Return the list as a search needs it."""
    table = read_known()
    molecules = [_known(smiles) for smiles in table["smiles"]]
    return Known(table["name"].tolist(), packed_bits(molecules))


def _known(smiles: str) -> Chem.Mol:
    """Return a material as candidates are read, or, if models could not predict it, flat."""
    try:
        return structure(smiles)[0]
    except MoleculeError:
        return parse_flat(smiles)
