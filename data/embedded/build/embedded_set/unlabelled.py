"""Choose unlabelled molecules, for which a student learns what an ensemble answers."""

from __future__ import annotations

from itertools import islice
from random import Random

import pandas as pd

from embedded_set.decorated import draw_decorated
from embedded_set.families import CORES, draw_members
from embedded_set.pool import (
    SEED,
    compound_smiles,
    drug_like_smiles,
    heavy_atoms,
    organic_molecule,
)
from embedded_set.variation import vary
from organode.chem import flat_smiles
from organode.utils.progress import bar

PER_FAMILY = 3_000
DRUG_LIKE = 50_000  # of 1.6 million
DECORATED = 30_000
VARIED = 90_000  # draws, of which a third fits
LARGEST_PARENT = 14  # heavy atoms of a compound that is varied
DRAWS = 3  # for each member that is wanted: many are drawn repeatedly


def choose_unlabelled() -> pd.DataFrame:
    """Choose real compounds, drug-like ones, members of redox families, and variations of these.

    Real compounds are those of `chemicals` (Bell, C., and others, MIT licence), drug-like ones
    those of `molsets` (Polykovskiy et al., Front. Pharmacol. 11 (2020) 565644, doi
    10.3389/fphar.2020.565644, MIT licence, from the ZINC database).

    Returns
    -------
    pandas.DataFrame
        `smiles` (flat canonical, in random order) and `source` (``chemicals``, ``molsets``,
        ``decorated``, ``varied``, or the name of a family).

    Raises
    ------
    OrganodeError
        If one of these packages is not installed.
    """
    random = Random(SEED)
    chosen: dict[str, str] = {}
    real = sorted(set(compound_smiles()))
    drug_like = random.sample(drug_like_smiles(), DRUG_LIKE)
    total = len(real) + len(drug_like) + len(CORES) * PER_FAMILY + DECORATED + VARIED
    with bar("choose", total, "molecules") as done:
        for source, texts in (("chemicals", real), ("molsets", drug_like)):
            for text in texts:
                done.advance()
                if (molecule := organic_molecule(text)) is not None:
                    chosen.setdefault(flat_smiles(molecule), source)
        for family in CORES:
            missing = PER_FAMILY
            for smiles in islice(draw_members(CORES[family], random), DRAWS * PER_FAMILY):
                if smiles not in chosen:
                    chosen[smiles] = family
                    missing -= 1
                if not missing:
                    break
            done.advance(PER_FAMILY)
        parents = [
            smiles
            for smiles, source in chosen.items()
            if source == "chemicals" and heavy_atoms(smiles) <= LARGEST_PARENT
        ]
        for smiles, _ in islice(draw_decorated(random), DECORATED):
            chosen.setdefault(smiles, "decorated")
            done.advance()
        for _ in range(VARIED):
            if (varied := vary(random.choice(parents), random)) is not None:
                chosen.setdefault(varied, "varied")
            done.advance()
    table = pd.DataFrame({"smiles": chosen.keys(), "source": chosen.values()}, dtype="str")
    return table.sample(frac=1, random_state=SEED, ignore_index=True)
