"""Stored features: unfolded Morgan environments and orbital descriptors, each computed once."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from organode.chem.fingerprint import Environments
from organode.chem.orbitals import NAMES
from organode.tables import read_table

MORGAN = Path("data/features/morgan.parquet")
ORBITALS = Path("data/features/orbitals.parquet")
# `radius` is the smallest radius at which the environment appears: the fingerprint of radius r
# is every entry up to r.
COLUMNS = ["position", "radius", "identifier", "count"]


@dataclass(frozen=True)
class Features:
    """Features of the n curated molecules, by their position in the curated table.

    Attributes
    ----------
    n : int
        Number of molecules.
    radius : numpy.ndarray
        Shape (m,): the smallest radius at which each environment appears.
    orbitals : numpy.ndarray
        Shape (n, d), float32.
    """

    n: int
    radius: np.ndarray
    all_environments: Environments
    orbitals: np.ndarray

    @classmethod
    def read(cls, n: int, morgan: Path = MORGAN, orbitals: Path = ORBITALS) -> Features:
        """Read what the stage `featurize` wrote for a curated table of `n` rows."""
        table = read_table(morgan, COLUMNS, "featurize")
        found = Environments(
            table["position"].to_numpy(np.int32),
            table["identifier"].to_numpy(np.uint32),
            table["count"].to_numpy(np.uint16),
        )
        described = read_table(orbitals, list(NAMES), "featurize").to_numpy(np.float32)
        return cls(n, table["radius"].to_numpy(np.uint8), found, described)

    def environments(self, radius: int) -> Environments:
        """Return the Morgan environments up to `radius`; costs no chemistry."""
        chosen = self.radius <= radius
        found = self.all_environments
        return Environments(found.molecule[chosen], found.identifier[chosen], found.count[chosen])
