"""The stage `featurize`: Morgan environments and orbitals of every curated molecule."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
from rdkit import Chem

from organode.artifacts import CURATED, MORGAN, ORBITALS
from organode.chem.fingerprint import Environments, environments
from organode.chem.orbitals.huckel import NAMES, orbitals
from organode.pipeline.schemas import check, check_features_cover
from organode.settings import Settings
from organode.utils.progress import bar
from organode.utils.tables import read_table, write_table

CHUNK = 2_000


def featurize(
    settings: Settings, curated: Path = CURATED, folder: Path = MORGAN.parent
) -> pd.DataFrame:
    """Compute environments up to `featurize.max_radius` and orbitals, and write them once.

    Returns
    -------
    pandas.DataFrame
        The environments: columns `position` (in the curated table), `radius`, `identifier`,
        `count`, `HOMO` and `LUMO` (density on the environment's centres, in electrons); sorted
        by the first three.
    """
    smiles = read_table(curated, ["smiles"], "curate")["smiles"].tolist()
    parts, described = [], []
    with bar("featurize", len(smiles), "molecules") as progress:
        for start in range(0, len(smiles), CHUNK):
            molecules = [Chem.MolFromSmiles(one) for one in smiles[start : start + CHUNK]]
            frontier = orbitals(molecules)
            found = environments(molecules, settings.featurize.max_radius, frontier.densities)
            parts.append(as_table(found, start))
            described.append(pd.DataFrame(frontier.descriptors, columns=list(NAMES)))
            progress.advance(len(molecules))
    table = pd.concat(parts, ignore_index=True)
    descriptors = pd.concat(described, ignore_index=True)
    check(table, "features")
    check_features_cover(table, len(smiles))
    check(descriptors, "orbitals")
    write_table(table, folder / MORGAN.name)
    write_table(descriptors, folder / ORBITALS.name)
    return table


def as_table(found: Environments, first: int = 0) -> pd.DataFrame:
    """Return environments as the stored table, with `first` added to each molecule's number."""
    return pd.DataFrame({
        "position": found.molecule + np.int32(first),
        "radius": found.radius,
        "identifier": found.identifier,
        "count": found.count,
        "HOMO": found.density[:, 0],
        "LUMO": found.density[:, 1],
    })  # fmt: skip
