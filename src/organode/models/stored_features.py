"""Features of the curated molecules, computed and stored by the pipeline stage `featurize`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from organode.artifacts import ENVIRONMENT_COLUMNS, MORGAN, ORBITALS
from organode.chem.fingerprint import Environments
from organode.chem.orbitals.huckel import NAMES
from organode.utils.tables import read_table


@dataclass(frozen=True)
class StoredFeatures:
    """Features of the n molecules of the curated table, in the order of its rows.

    Attributes
    ----------
    n : int
        Number of molecules.
    unfolded : Environments
        Morgan environments, not folded, up to the radius `featurize.max_radius` of `params.yaml`.
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

    def environments(self, radius: int) -> Environments:
        """Return the stored Morgan environments of at most `radius` bonds."""
        return self.unfolded.up_to(radius)
