"""Keep only one candidate of a substance that a library contains as several tautomers."""

from __future__ import annotations

import pandas as pd
from rdkit import Chem
from rdkit.Chem import rdMolHash
from rdkit.Chem.MolStandardize import rdMolStandardize

LISTED = "stands for its tautomer{} in row{} {} too"


def without_tautomers(candidates: pd.DataFrame) -> pd.DataFrame:
    """Keep one tautomer of each substance; its `note` gives the row numbers of those dropped.

    The tautomer with the highest RDKit score stays (Sitzmann, Ihlenfeldt and Nicklaus, J. Comput.
    Aided Mol. Des. 24 (2010) 521, doi 10.1007/s10822-010-9346-4); if scores are equal, the first
    tautomer stays. Molecules count as tautomers if RDKit's tautomer hash of them is equal: they
    differ only in the places of hydrogen atoms and double bonds, which may also lie between carbon
    atoms beside heteroatoms.

    Parameters
    ----------
    candidates : pandas.DataFrame
        Candidates from best to worst: `row` (number in the library), `structure` (SMILES) and
        `note`.
    """
    hashes = candidates["structure"].map(_tautomer_hash)
    scores = candidates["structure"].map(_tautomer_score).to_dict()
    dropped = []
    notes = candidates["note"].copy()
    for _, places in candidates.groupby(hashes, sort=False).groups.items():
        if len(places) == 1:
            continue
        stays = max(places, key=scores.__getitem__)
        others = [place for place in places if place != stays]
        dropped += others
        plural = "s" if len(others) > 1 else ""
        rows = ", ".join(str(row) for row in sorted(candidates.loc[others, "row"]))
        new = LISTED.format(plural, plural, rows)
        notes[stays] = "; ".join(filter(None, (notes[stays], new)))
    return candidates.assign(note=notes).drop(index=dropped)


def _tautomer_hash(smiles: str) -> str:
    kind = rdMolHash.HashFunction.HetAtomTautomerv2
    return str(rdMolHash.MolHash(Chem.MolFromSmiles(smiles), kind))


def _tautomer_score(smiles: str) -> int:
    return int(rdMolStandardize.TautomerEnumerator.ScoreTautomer(Chem.MolFromSmiles(smiles)))
