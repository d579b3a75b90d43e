"""Choose many diverse molecules for cheap labels, from which networks learn first."""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from random import Random

import numpy as np
import pandas as pd
from rdkit import Chem

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
from organode.chem.features import Molecules
from organode.utils.progress import bar

LARGE_GROUP = "large"
# Molecules in a thousand, by group: those of a group are chosen for their diversity.
SHARES = {"chemicals": 430, "varied": 350, "enumerated": 180, LARGE_GROUP: 40}
SMALLEST, LARGE, LARGEST = 2, 20, 40  # heavy atoms
RADIUS = 2
PER_FAMILY = 900
PARENTS_PER_FAMILY = 50  # members of a family that are varied
VARIED = 150_000  # draws, of which a third fits
DRUG_LIKE = 6_000
LARGEST_PARENT = 14  # heavy atoms of a compound that is varied


def choose_diverse(known: Iterable[str], size: int) -> pd.DataFrame:
    """Choose molecules that differ from each other as much as possible.

    Real compounds, variations of them and of the cores of redox families, members of these
    families, and large molecules are chosen in fixed shares (`SHARES`).

    Parameters
    ----------
    known : iterable of str
        Flat canonical SMILES of molecules that are not to be chosen.
    size : int
        Number of molecules.

    Returns
    -------
    pandas.DataFrame
        At most `size` rows: `smiles` (flat canonical), `source` and `family`. Any first part of it
        is a diverse choice with the same shares.
    """
    pools = _candidates(set(known))
    chosen = []
    for group, pool in pools.items():
        table = pd.DataFrame(pool, columns=["smiles", "source", "family"])
        order = most_diverse(table["smiles"].tolist(), size * SHARES[group] // 1000 + 1)
        table = table.iloc[order].assign(turn=(np.arange(len(order)) + 0.5) / SHARES[group])
        chosen.append(table)
    joined = pd.concat(chosen).sort_values(["turn", "smiles"], ignore_index=True)
    return joined[["smiles", "source", "family"]].head(size)


def most_diverse(smiles: Sequence[str], n: int) -> list[int]:
    """Order molecules so that each adds what the earlier ones have least of.

    The gain of a molecule is the sum of 1 / (1 + count) over its distinct atom environments up to
    `RADIUS`, where count is the number of chosen molecules with that environment, divided by the
    square of its number of heavy atoms, to which the time for a label is about proportional. As
    gains only fall while molecules are chosen, a gain that is still the largest after its renewal
    is the largest of all (Minoux, in: Optimization Techniques, Springer 1978, 234, doi
    10.1007/BFb0006528).

    Parameters
    ----------
    smiles : sequence of str
        The molecules.
    n : int
        How many to choose; all if there are fewer.

    Returns
    -------
    list of int
        Places in `smiles`, the first choice first.
    """
    molecules = Molecules([Chem.MolFromSmiles(each) for each in smiles])
    found = molecules.environments(RADIUS)
    parts = np.unique(np.column_stack([found.molecule, found.identifier]), axis=0)
    of_molecule = np.split(parts[:, 1], np.searchsorted(parts[:, 0], np.arange(1, len(smiles))))
    environments = [each.tolist() for each in of_molecule]
    effort = [heavy_atoms(each) ** 2 for each in smiles]
    counts: Counter[int] = Counter()

    def gain(place: int) -> float:
        return sum(1 / (1 + counts[each]) for each in environments[place]) / effort[place]

    heap = [(-gain(place), place) for place in range(len(smiles))]
    heapq.heapify(heap)
    order: list[int] = []
    while heap and len(order) < n:
        _, place = heap[0]
        renewed = -gain(place)
        if renewed > heap[0][0]:
            heapq.heapreplace(heap, (renewed, place))
            continue
        heapq.heappop(heap)
        order.append(place)
        counts.update(environments[place])
    return order


def _candidates(known: set[str]) -> dict[str, list[tuple[str, str, str]]]:
    """Return for each group of `SHARES` the SMILES, sources and families to choose from."""
    random = Random(SEED)
    pools: dict[str, list[tuple[str, str, str]]] = {group: [] for group in SHARES}
    texts = sorted(set(compound_smiles()))
    drug_like = random.sample(drug_like_smiles(), DRUG_LIKE)
    total = len(texts) + len(drug_like) + VARIED + PER_FAMILY * len(CORES)

    def add(source: str, smiles: str, family: str = "") -> None:
        heavy = heavy_atoms(smiles)
        group = LARGE_GROUP if heavy >= LARGE else source
        if smiles in known or not SMALLEST <= heavy <= LARGEST or group not in pools:
            return
        known.add(smiles)
        pools[group].append((smiles, source, family))

    with bar("candidates", total, "molecules") as progress:
        real = list(organic_smiles(texts))
        for smiles in real:
            add("chemicals", smiles)
        progress.advance(len(texts))
        for smiles in organic_smiles(drug_like):
            add("molsets", smiles)
        progress.advance(len(drug_like))
        cores = []
        for family in CORES:
            members = list(islice(draw_members(CORES[family], random), PER_FAMILY))
            cores += members[:PARENTS_PER_FAMILY]
            for smiles in members:
                add("enumerated", smiles, family)
            progress.advance(PER_FAMILY)
        parents = [smiles for smiles in real if heavy_atoms(smiles) <= LARGEST_PARENT]
        for draw in range(VARIED):
            parent = random.choice(cores if draw % 4 == 0 else parents)
            if (varied := vary(parent, random)) is not None:
                add("varied", varied)
            progress.advance()
    return pools


def organic_smiles(texts: Iterable[str]) -> Iterator[str]:
    """Yield the flat canonical SMILES of neutral organic molecules with closed shells."""
    for text in texts:
        if (molecule := organic_molecule(text)) is not None:
            yield flat_smiles(molecule)
