"""One substance that a library holds as several tautomers is listed once."""

from __future__ import annotations

import pandas as pd
from rdkit import Chem
from rdkit.Chem import rdMolHash
from rdkit.Chem.MolStandardize import rdMolStandardize

LISTED = "stands for its tautomer{} in row{} {} too"


def without_tautomers(candidates: pd.DataFrame) -> pd.DataFrame:
    """Return candidates with one tautomer of each substance, which says so in its `note`.

    Of several that one stays that RDKit thinks most likely to be there (Sitzmann, Ihlenfeldt and
    Nicklaus, J. Comput. Aided Mol. Des. 24 (2010) 521, doi 10.1007/s10822-010-9346-4), of equal
    ones the first. Tautomers are what RDKit's hash of that name calls so: hydrogens and double
    bonds moved, between carbon atoms beside heteroatoms too.

    Parameters
    ----------
    candidates : pandas.DataFrame
        `row`, `structure` (SMILES) and `note`; in their order.
    """
    keys = candidates["structure"].map(_key)
    likely = candidates["structure"].map(_likely).to_dict()
    dropped = []
    notes = candidates["note"].copy()
    for _, places in candidates.groupby(keys, sort=False).groups.items():
        if len(places) == 1:
            continue
        stays = max(places, key=likely.__getitem__)
        others = [place for place in places if place != stays]
        dropped += others
        more = "s" if len(others) > 1 else ""
        rows = ", ".join(str(row) for row in sorted(candidates.loc[others, "row"]))
        said = LISTED.format(more, more, rows)
        notes[stays] = "; ".join(filter(None, (notes[stays], said)))
    return candidates.assign(note=notes).drop(index=dropped)


def _key(smiles: str) -> str:
    how = rdMolHash.HashFunction.HetAtomTautomerv2
    return str(rdMolHash.MolHash(Chem.MolFromSmiles(smiles), how))


def _likely(smiles: str) -> int:
    return int(rdMolStandardize.TautomerEnumerator.ScoreTautomer(Chem.MolFromSmiles(smiles)))
