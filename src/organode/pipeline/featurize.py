"""The stage `featurize`: compute Morgan environments and orbital descriptors of all molecules."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from organode.artifacts import CURATED, MORGAN, ORBITALS
from organode.chem.fingerprint import Environments
from organode.chem.orbitals.huckel import NAMES
from organode.models.stored_features import StoredFeatures
from organode.pipeline.tables.checks import check, check_features_cover
from organode.settings import Settings
from organode.utils.progress import bar
from organode.utils.tables import read_table, write_table


def featurize(
    settings: Settings, curated: Path = CURATED, folder: Path = MORGAN.parent
) -> pd.DataFrame:
    """Compute and write Morgan environments (ECFP) and orbital descriptors of curated molecules.

    Returns
    -------
    pandas.DataFrame
        One row for each environment of each molecule, up to the radius in the setting
        `featurize.max_radius`: `position` (of the molecule in the curated table, from 0), `radius`
        (bonds), `identifier` (hash of the environment, unfolded, 32 bits), `count` (how often the
        environment occurs in the molecule), and `HOMO` and `LUMO` (density, on the central atom, of
        one electron in that orbital, summed over all places where the environment occurs, in
        electrons). The rows are sorted by the first three columns. The orbital descriptors are
        written, but not returned.
    """
    smiles = read_table(curated, ["smiles"], "curate")["smiles"].tolist()
    with bar("featurize", len(smiles), "molecules") as progress:
        features = StoredFeatures.computed(smiles, settings.featurize.max_radius, progress.advance)
    table = as_table(features.unfolded)
    descriptors = pd.DataFrame(features.descriptors, columns=list(NAMES))
    check(table, "features")
    check_features_cover(table, len(smiles))
    check(descriptors, "orbitals")
    write_table(table, folder / MORGAN.name)
    write_table(descriptors, folder / ORBITALS.name)
    return table


def as_table(entries: Environments) -> pd.DataFrame:
    """Return Morgan environments as a table with the columns that `featurize` describes."""
    columns = {
        "position": entries.molecule,
        "radius": entries.radius,
        "identifier": entries.identifier,
        "count": entries.count,
        "HOMO": entries.density[:, 0],
        "LUMO": entries.density[:, 1],
    }
    return pd.DataFrame(columns)
