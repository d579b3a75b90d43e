"""Known organic electrode materials: what a candidate is compared with."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np
import pandas as pd
from rdkit import Chem

from organode.chem import MoleculeError, flatten, parse_smiles, structure
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
    return Known(table["name"].tolist(), packed_bits([*map(_flat, table["smiles"])]))


def _flat(smiles: str) -> Chem.Mol:
    """Return a known material as models know it; ions and radicals, which they do not, as it is."""
    try:
        return structure(smiles)[0]
    except MoleculeError:
        return flatten(parse_smiles(smiles))
