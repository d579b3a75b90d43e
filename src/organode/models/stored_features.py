"""Features of molecules as arrays: those that the stage `featurize` stored, and further ones."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np
from rdkit import Chem

from organode.artifacts import ENVIRONMENT_COLUMNS, MORGAN, ORBITALS
from organode.chem.features import Molecules
from organode.chem.fingerprint import Environments
from organode.chem.orbitals.huckel import NAMES
from organode.utils.tables import read_table

CHUNK = 2_000  # molecules


@dataclass(frozen=True)
class StoredFeatures:
    """Features of n molecules, such as those of the curated table in the order of its rows.

    Attributes
    ----------
    n : int
        Number of molecules.
    unfolded : Environments
        Morgan environments, not folded, up to a radius: for the curated table the setting
        `featurize.max_radius` of `params.yaml`.
    descriptors : numpy.ndarray
        Shape (n, d), float32: descriptors of the frontier orbitals by the Hückel model.
    """

    n: int
    unfolded: Environments
    descriptors: np.ndarray

    @classmethod
    def read(cls, n: int, morgan: Path = MORGAN, orbitals: Path = ORBITALS) -> StoredFeatures:
        """Read the features that the stage `featurize` wrote for a curated table of n rows.

        `morgan` is the file of the Morgan environments, `orbitals` that of the orbital descriptors.
        """
        table = read_table(morgan, ENVIRONMENT_COLUMNS, "featurize")
        unfolded = Environments(
            table["position"].to_numpy(np.int32),
            table["radius"].to_numpy(np.uint8),
            table["identifier"].to_numpy(np.uint32),
            table["count"].to_numpy(np.uint16),
            table[["HOMO", "LUMO"]].to_numpy(np.float32),
        )
        descriptors = read_table(orbitals, list(NAMES), "featurize").to_numpy(np.float32)
        return cls(n, unfolded, descriptors)

    @classmethod
    def computed(
        cls, smiles: Sequence[str], radius: int, on_chunk: Callable[[int], None]
    ) -> StoredFeatures:
        """Compute the features of n ≥ 1 molecules, with environments up to a radius in bonds.

        `smiles` are standardised structures without stereo; `on_chunk` is called with the number of
        molecules in each finished chunk.
        """
        parts = []
        for start in range(0, len(smiles), CHUNK):
            chunk = Molecules([Chem.MolFromSmiles(text) for text in smiles[start : start + CHUNK]])
            parts.append(cls(chunk.n, chunk.environments(radius), chunk.descriptors))
            on_chunk(chunk.n)
        return cls.joined(parts)

    @classmethod
    def joined(cls, parts: Sequence[StoredFeatures]) -> StoredFeatures:
        """Return the features of all molecules of several parts, one part after the other."""
        first = np.cumsum([0, *(part.n for part in parts)]).astype(np.int32)
        columns = {
            field.name: np.concatenate([getattr(part.unfolded, field.name) for part in parts])
            for field in fields(Environments)
        }
        columns["molecule"] += np.repeat(first[:-1], [len(part.unfolded.count) for part in parts])
        descriptors = np.concatenate([part.descriptors for part in parts])
        return cls(int(first[-1]), Environments(**columns), descriptors)

    def environments(self, radius: int) -> Environments:
        """Return the stored Morgan environments of at most `radius` bonds."""
        return self.unfolded.up_to(radius)
