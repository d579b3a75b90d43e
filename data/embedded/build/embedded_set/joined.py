"""Choose large molecules for cheap labels: two smaller ones, joined by a bond or a short bridge."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from random import Random

import pandas as pd
from rdkit import Chem, rdBase
from rdkit.Chem import rdChemReactions

from embedded_set.diverse import most_diverse, organic_smiles
from embedded_set.families import CORES, draw_members
from embedded_set.pool import SEED, compound_smiles, heavy_atoms, organic_molecule
from organode.chem import flat_smiles
from organode.utils.progress import bar

SMALLEST, LARGEST = 24, 40  # heavy atoms
PART = (9, 20)  # heavy atoms of a half
PER_FAMILY = 60
DRAWS = 40_000
JOINT = "[#6;!H0;$([cX3]),$([CX4]),$([CX3]=C):{}]"
BRIDGES = ("", "O", "S", "N(C)", "C(=O)", "C(=O)N", "CC", "C=C", "C#C", "N=N", "S(=O)(=O)")
JOININGS = tuple(
    rdChemReactions.ReactionFromSmarts(f"{JOINT.format(1)}.{JOINT.format(2)}>>[#6:1]{bridge}[#6:2]")
    for bridge in BRIDGES
)


def choose_joined(known: Iterable[str], size: int) -> pd.DataFrame:
    """Choose large molecules that differ from each other as much as possible.

    Each consists of a member of a redox family and of another member or a real compound.

    Parameters
    ----------
    known : iterable of str
        Flat canonical SMILES of molecules that are not to be chosen.
    size : int
        Number of molecules.

    Returns
    -------
    pandas.DataFrame
        At most `size` rows: `smiles` (flat canonical), `source`, which is ``joined``, and `family`,
        that of the first half. Any first part of it is a diverse choice.
    """
    random = Random(SEED)
    members = [
        (smiles, family)
        for family in CORES
        for smiles in islice(draw_members(CORES[family], random), PER_FAMILY)
        if PART[0] <= heavy_atoms(smiles) <= PART[1]
    ]
    compounds = [(smiles, "") for smiles in _compounds(random)]
    taken = set(known)
    pool: list[tuple[str, str, str]] = []
    with bar("join", DRAWS, "molecules") as progress:
        for draw in range(DRAWS):
            first, family = random.choice(members)
            second, _ = random.choice(members if draw % 2 else compounds)
            smiles = join(first, second, random)
            progress.advance()
            if smiles is None or smiles in taken or not SMALLEST <= heavy_atoms(smiles) <= LARGEST:
                continue
            taken.add(smiles)
            pool.append((smiles, "joined", family))
    table = pd.DataFrame(pool, columns=["smiles", "source", "family"])
    return table.iloc[most_diverse(table["smiles"].tolist(), size)].reset_index(drop=True)


def join(first: str, second: str, random: Random) -> str | None:
    """Join two molecules at random carbon atoms, in place of hydrogen atoms of both.

    Parameters
    ----------
    first, second : str
        SMILES of molecules with closed shells.
    random : random.Random
        Chooses the bridge between them and the atoms; its seed fixes the sequence.

    Returns
    -------
    str or None
        Flat canonical SMILES; None if one has no fitting atom, or the whole is no organic molecule.

    Examples
    --------
    >>> join("C", "C", Random(0))
    'CCCC'
    """
    joining = random.choice(JOININGS)
    parts = Chem.MolFromSmiles(first), Chem.MolFromSmiles(second)
    with rdBase.BlockLogs():
        products = joining.RunReactants(parts, maxProducts=500)
        if not products:
            return None
        molecule = random.choice(products)[0]
        try:
            Chem.SanitizeMol(molecule)
        except ValueError:
            return None
        whole = organic_molecule(Chem.MolToSmiles(molecule))
    return None if whole is None else flat_smiles(whole)


def _compounds(random: Random) -> list[str]:
    """Return real compounds whose size is that of a half."""
    texts = random.sample(sorted(set(compound_smiles())), 8_000)
    return [each for each in organic_smiles(texts) if PART[0] <= heavy_atoms(each) <= PART[1]]
