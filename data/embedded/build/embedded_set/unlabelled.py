"""Choose unlabelled molecules, for which a student learns what an ensemble answers."""

from __future__ import annotations

from importlib.util import find_spec
from itertools import islice
from pathlib import Path
from random import Random

import pandas as pd

from embedded_set.families import CORES, draw_members
from embedded_set.pool import SEED, compound_smiles, organic_molecule
from organode.chem import flat_smiles
from organode.errors import OrganodeError
from organode.utils.progress import bar

PER_FAMILY = 3_000
DRUG_LIKE = 80_000  # of 1.6 million
DRAWS = 3  # for each member that is wanted: many are drawn repeatedly


def choose_unlabelled() -> pd.DataFrame:
    """Choose real compounds, drug-like compounds and enumerated members of redox families.

    Real compounds are those of `chemicals` (Bell, C., and others, MIT licence), drug-like ones
    those of `molsets` (Polykovskiy et al., Front. Pharmacol. 11 (2020) 565644, doi
    10.3389/fphar.2020.565644, MIT licence, from the ZINC database).

    Returns
    -------
    pandas.DataFrame
        `smiles` (flat canonical, in random order) and `source` (``chemicals``, ``molsets``, or the
        name of a family).

    Raises
    ------
    OrganodeError
        If one of these packages is not installed.
    """
    random = Random(SEED)
    chosen: dict[str, str] = {}
    real = sorted(set(compound_smiles()))
    drug_like = random.sample(drug_like_smiles(), DRUG_LIKE)
    with bar("choose", len(real) + len(drug_like) + len(CORES) * PER_FAMILY, "molecules") as done:
        for source, texts in (("chemicals", real), ("molsets", drug_like)):
            for text in texts:
                done.advance()
                if (molecule := organic_molecule(text)) is not None:
                    chosen.setdefault(flat_smiles(molecule), source)
        for family in CORES:
            missing = PER_FAMILY
            for smiles in islice(draw_members(family, random), DRAWS * PER_FAMILY):
                if smiles not in chosen:
                    chosen[smiles] = family
                    missing -= 1
                if not missing:
                    break
            done.advance(PER_FAMILY)
    table = pd.DataFrame({"smiles": chosen.keys(), "source": chosen.values()}, dtype="str")
    return table.sample(frac=1, random_state=SEED, ignore_index=True)


def drug_like_smiles() -> list[str]:
    """Return the SMILES of the training set of the package `molsets` (MIT).

    Raises
    ------
    OrganodeError
        If the package is not installed.
    """
    package = find_spec("moses")  # not imported: that would need PyTorch
    if package is None or not package.submodule_search_locations:
        raise OrganodeError(
            "the package molsets is not installed: run `pip install --no-deps molsets==0.3.1`"
        )
    file = Path(next(iter(package.submodule_search_locations))) / "dataset/data/train.csv.gz"
    smiles: list[str] = pd.read_csv(file)["SMILES"].tolist()
    return smiles
