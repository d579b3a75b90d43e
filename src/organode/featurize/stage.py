"""The stage `featurize`: Morgan environments and orbitals of every curated molecule."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
from rdkit import Chem

from organode.chem.fingerprint import environments
from organode.chem.orbitals import NAMES, orbitals
from organode.curate import CURATED
from organode.expectations import check, check_features_cover
from organode.featurize import COLUMNS, MORGAN, ORBITALS
from organode.progress import bar
from organode.settings import Settings
from organode.tables import read_table, write_table

CHUNK = 2_000


def featurize(
    settings: Settings, curated: Path = CURATED, folder: Path = MORGAN.parent
) -> pd.DataFrame:
    """Compute environments up to `featurize.max_radius` and orbitals, and write them once.

    Returns
    -------
    pandas.DataFrame
        The environments: columns `position` (in the curated table), `radius` (the smallest at
        which the environment appears), `identifier`, `count`; sorted by the first three.
    """
    smiles = read_table(curated, ["smiles"], "curate")["smiles"].tolist()
    parts, described = [], []
    with bar("featurize", len(smiles), "molecules") as progress:
        for start in range(0, len(smiles), CHUNK):
            molecules = [Chem.MolFromSmiles(one) for one in smiles[start : start + CHUNK]]
            parts.append(levels(molecules, settings.featurize.max_radius, start))
            described.append(orbitals(molecules))
            progress.advance(len(molecules))
    table = pd.concat(parts, ignore_index=True)
    check(table, "features")
    check_features_cover(table, len(smiles))
    write_table(table, folder / MORGAN.name)
    write_table(pd.DataFrame(np.vstack(described), columns=list(NAMES)), folder / ORBITALS.name)
    return table


def levels(molecules: list[Chem.Mol], max_radius: int, first: int = 0) -> pd.DataFrame:
    """Return each environment under the smallest radius at which it appears.

    The environments of radius r are those of radius r − 1 and some more, so only what is new
    at each radius is kept: the difference of the counts.

    Parameters
    ----------
    molecules : list of Chem.Mol
        Of the curated table from position `first` on.
    max_radius : int
        The largest radius in bonds.
    first : int
        Added to each molecule's number.
    """
    new = []
    smaller: dict[tuple[int, int], int] = {}
    for radius in range(max_radius + 1):
        found = environments(molecules, radius)
        keys = zip(found.molecule.tolist(), found.identifier.tolist(), strict=True)
        current = dict(zip(keys, found.count.tolist(), strict=True))
        for (molecule, identifier), count in current.items():
            more = count - smaller.get((molecule, identifier), 0)
            if more:
                new.append((first + molecule, radius, identifier, more))
        smaller = current
    table = pd.DataFrame(sorted(new), columns=COLUMNS)
    return table.astype(dict(zip(COLUMNS, (np.int32, np.uint8, np.uint32, np.uint16), strict=True)))
