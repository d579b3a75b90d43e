"""The molecules of a library that a campaign may label, and what never changes about them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from rdkit import Chem

from organode.chem.composition import Composition
from organode.chem.features import Molecules
from organode.chem.reading.column import read_molecules
from organode.chem.structure_key import structure_key
from organode.electrochemistry.stability.inputs import ComputedInputs
from organode.errors import UsageError
from organode.library.protocols import AnyLibrary
from organode.screening.criteria.criteria import Criteria
from organode.screening.criteria.filters import refusals
from organode.screening.criteria.stability import stability_verdicts
from organode.utils.progress import bar

LIMIT = 20_000  # different molecules; of a longer library a random part is taken
CHUNK = 1_000  # molecules that are described together


@dataclass(frozen=True)
class Pool:
    """n different molecules of a library.

    Attributes
    ----------
    ids, smiles : list of str
        Id in the library, and canonical SMILES without stereo, of each molecule.
    parts : list of Molecules
        Features of the molecules in order, `CHUNK` molecules in each part.
    composition : Composition
        Elements, bonds, charge and size of each molecule.
    bits : numpy.ndarray
        Shape (n, 32), uint64: packed Morgan bits.
    stable : mapping of str to numpy.ndarray
        For each role, ``p`` and ``n``, shape (n,): probability that the ion is stable; 0 for a
        molecule that a filter or the tier of its ion refuses, so that it is never a candidate.
    """

    ids: list[str]
    smiles: list[str]
    parts: list[Molecules]
    composition: Composition
    bits: np.ndarray
    stable: Mapping[str, np.ndarray]

    @property
    def n(self) -> int:
        """Number of molecules."""
        return len(self.smiles)

    @classmethod
    def read(cls, library: AnyLibrary, criteria: Criteria, seed: int) -> Pool:
        """Read the different molecules of a library.

        Of a library of more than `LIMIT` rows, about so many are taken at random.

        Raises
        ------
        UsageError
            If no row of the library holds a molecule.
        """
        ids, molecules = _read(library, seed)
        if not molecules:
            raise UsageError(f"{library.name} holds no molecule that can be read")
        parts = [
            Molecules(molecules[start : start + CHUNK]) for start in range(0, len(molecules), CHUNK)
        ]
        smiles: list[str] = []
        stable: dict[str, list[np.ndarray]] = {role: [] for role in criteria.tasks}
        with bar("describe", len(molecules), "molecules") as progress:
            for part in parts:
                of_part = [Chem.MolToSmiles(molecule) for molecule in part.molecules]
                inputs = ComputedInputs(part)
                for role, chances in stable.items():
                    chances.append(_stable(criteria, inputs, of_part, role))
                smiles += of_part
                progress.advance(part.n)
        return cls(
            ids,
            smiles,
            parts,
            Composition(
                [each for part in parts for each in part.composition.parts],
                np.concatenate([part.composition.heavy_atoms for part in parts]),
            ),
            np.concatenate([part.bits for part in parts]),
            {role: np.concatenate(chances) for role, chances in stable.items()},
        )


def _read(library: AnyLibrary, seed: int) -> tuple[list[str], list[Chem.Mol]]:
    """Return ids and molecules of a library, each structure once, at most `LIMIT`."""
    random = np.random.default_rng(seed)
    share = LIMIT / max(library.approximate_rows(), 1)
    ids: list[str] = []
    molecules: list[Chem.Mol] = []
    seen: set[int] = set()
    for chunk in library.chunks():
        given = chunk.as_given()
        places = np.flatnonzero(random.random(given.n) < share).tolist()
        rows = [*given.select(places)]
        parsed, _, _ = read_molecules([row[2] for row in rows], [row[3] for row in rows], given.cap)
        for molecule, row in zip(parsed, rows, strict=True):
            if molecule is None or len(molecules) == LIMIT:
                continue
            key = structure_key(molecule)
            if key not in seen:
                seen.add(key)
                ids.append(row[1])
                molecules.append(molecule)
    return ids, molecules


def _stable(
    criteria: Criteria, inputs: ComputedInputs, smiles: Sequence[str], role: str
) -> np.ndarray:
    """Return the probability that each molecule's ion is stable; 0 where it is refused.

    The filter on capacities is left out, since capacities depend on predictions.
    """
    verdicts = stability_verdicts(inputs, criteria.filled_roles(role), criteria.stability)
    chance = verdicts["P_stable"].fillna(1.0).to_numpy(float)
    limits = criteria.settings.filter.model_copy(update={"min_capacity": None})
    refused = np.array([bool(why) for why in refusals(limits, smiles, pd.DataFrame())])
    wrong_tier = ~verdicts["tier"].isin(criteria.settings.tiers).to_numpy()
    return np.where(refused | wrong_tier, 0.0, chance)
