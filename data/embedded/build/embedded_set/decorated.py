"""Choose densely substituted ring systems for cheap labels: few kinds of groups, many places."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from random import Random

import pandas as pd
from rdkit import Chem, rdBase
from rdkit.Chem import rdChemReactions
from rdkit.Chem.Scaffolds import MurckoScaffold

from embedded_set.diverse import most_diverse, organic_smiles
from embedded_set.families import CORES
from embedded_set.pool import SEED, compound_smiles, heavy_atoms, organic_molecule
from embedded_set.variation import vary
from organode.chem import flat_smiles
from organode.utils.progress import bar

SMALLEST, LARGEST = 12, 40  # heavy atoms
CORE = (8, 22)  # heavy atoms of a ring system
RINGS = 2  # at least
UNSATURATED = 0.7  # share of a ring system's atoms, at least
CONJUGATED = "[$(*:*),$(*=,#*),$([N,O,S]*=,:*)]"
DRAWS = 40_000
COMPOUNDS = 12_000  # of which ring systems are read
GROUPS = (
    *("F", "Cl", "O", "N", "C", "S", "OC", "N(C)C", "C#N", "C(=O)O", "C(N)=O", "C(C)=O", "C=O"),
    *("S(=O)(=O)O", "S(C)(=O)=O", "C(F)(F)F", "[N+](=O)[O-]", "C(=O)OC", "OCCO", "P(=O)(O)O"),
)
ATTACHED = {
    group: rdChemReactions.ReactionFromSmarts(
        f"[#6;R;!H0;$([cX3]),$([CX3]=[#6,#7]):1]>>[#6:1]{group}"
    )
    for group in GROUPS
}


def choose_decorated(known: Iterable[str], size: int) -> pd.DataFrame:
    """Choose densely substituted, conjugated ring systems that differ as much as possible.

    Enumerated libraries of electrode materials put one or two kinds of groups in one to all places
    of a fused ring system; real compounds, and random changes in a few places, seldom do. The ring
    systems are those of the redox families and of real compounds, half of them changed at random.

    Parameters
    ----------
    known : iterable of str
        Flat canonical SMILES of molecules that are not to be chosen.
    size : int
        Number of molecules.

    Returns
    -------
    pandas.DataFrame
        At most `size` rows: `smiles` (flat canonical), `source`, which is ``decorated``, and
        `family`, that of the ring system, empty for one of a real compound. Any first part of it is
        a diverse choice.
    """
    taken = set(known)
    pool: list[tuple[str, str, str]] = []
    with bar("decorate", DRAWS, "molecules") as progress:
        for smiles, family in islice(draw_decorated(Random(SEED)), DRAWS):
            progress.advance()
            if smiles not in taken:
                taken.add(smiles)
                pool.append((smiles, "decorated", family))
    table = pd.DataFrame(pool, columns=["smiles", "source", "family"])
    return table.iloc[most_diverse(table["smiles"].tolist(), size)].reset_index(drop=True)


def draw_decorated(random: Random) -> Iterator[tuple[str, str]]:
    """Draw densely substituted ring systems, endlessly and with repeats.

    Parameters
    ----------
    random : random.Random
        Chooses ring systems, groups and places; its seed fixes the sequence.

    Yields
    ------
    smiles, family : str
        Flat canonical SMILES; family of the ring system, empty for one of a real compound.
    """
    of_families = [(core, family) for family in CORES for core in _bare(CORES[family])]
    of_compounds = [(core, "") for core in _ring_systems(random)]
    while True:
        core, family = random.choice(random.choice((of_compounds, of_families)))
        changed = vary(core, random) if random.random() < 0.5 else core
        smiles = None if changed is None else decorate(changed, random)
        if smiles is not None and SMALLEST <= heavy_atoms(smiles) <= LARGEST:
            yield smiles, family


def decorate(core: str, random: Random) -> str | None:
    """Put one or two kinds of groups in one to all free places of a ring system.

    Parameters
    ----------
    core : str
        SMILES of a molecule with closed shells.
    random : random.Random
        Chooses groups and places; its seed fixes the sequence.

    Returns
    -------
    str or None
        Flat canonical SMILES; None if there is no free place on an unsaturated carbon atom of a
        ring, or the whole is no organic molecule.

    Examples
    --------
    >>> decorate("c1ccccc1", Random(1)) != "c1ccccc1"
    True
    """
    groups = random.sample(GROUPS, random.choice((1, 1, 2)))
    molecule = Chem.MolFromSmiles(core)
    with rdBase.BlockLogs():
        places = len(ATTACHED["F"].RunReactants((molecule,)))
        for _ in range(random.randint(1, max(1, places))):
            products = ATTACHED[random.choice(groups)].RunReactants((molecule,))
            if not products:
                return None
            molecule = random.choice(products)[0]
            try:
                Chem.SanitizeMol(molecule)
            except ValueError:
                return None
        whole = organic_molecule(Chem.MolToSmiles(molecule))
    return None if whole is None else flat_smiles(whole)


def _bare(cores: Iterable[str]) -> list[str]:
    """Return cores without the numbers of their sites: neutral ones with two rings or more."""
    bare = []
    for core in cores:
        molecule = Chem.MolFromSmiles(core)
        for atom in molecule.GetAtoms():
            atom.SetAtomMapNum(0)
        bare.append(Chem.MolToSmiles(molecule))
    return [each for each in organic_smiles(bare) if _is_ring_system(each)]


def _ring_systems(random: Random) -> list[str]:
    """Return different Murcko scaffolds of real compounds (Bemis and Murcko, as in `splits`)."""
    texts = random.sample(sorted(set(compound_smiles())), COMPOUNDS)
    scaffolds = {
        MurckoScaffold.MurckoScaffoldSmiles(smiles)  # type: ignore[no-untyped-call]
        for smiles in organic_smiles(texts)
    }
    return [each for each in organic_smiles(sorted(scaffolds - {""})) if _is_ring_system(each)]


def _is_ring_system(smiles: str) -> bool:
    molecule = Chem.MolFromSmiles(smiles)
    rings, heavy = molecule.GetRingInfo().NumRings(), molecule.GetNumHeavyAtoms()
    conjugated = len(molecule.GetSubstructMatches(Chem.MolFromSmarts(CONJUGATED)))
    return rings >= RINGS and CORE[0] <= heavy <= CORE[1] and conjugated >= UNSATURATED * heavy
