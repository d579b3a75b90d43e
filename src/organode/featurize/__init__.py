"""The table of unfolded Morgan environments, computed once for every radius and length."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.sparse import csr_matrix

from organode.chem.fingerprint import Environments, fold
from organode.tables import read_table

FEATURES = Path("data/features/morgan.parquet")
# `radius` is the smallest radius at which the environment appears: the fingerprint of radius r
# is every entry up to r.
COLUMNS = ["position", "radius", "identifier", "count"]


@dataclass(frozen=True)
class Features:
    """Environments of the n curated molecules, by their position in the curated table."""

    n: int
    radius: np.ndarray
    environments: Environments

    @classmethod
    def read(cls, n: int, path: Path = FEATURES) -> Features:
        """Read what the stage `featurize` wrote for a curated table of `n` rows."""
        table = read_table(path, COLUMNS, "featurize")
        found = Environments(
            table["position"].to_numpy(np.int32),
            table["identifier"].to_numpy(np.uint32),
            table["count"].to_numpy(np.uint16),
        )
        return cls(n, table["radius"].to_numpy(np.uint8), found)

    def matrix(self, radius: int, n_bits: int, *, counts: bool) -> csr_matrix:
        """Return the fingerprints, shape (n, n_bits); costs no chemistry."""
        chosen = self.radius <= radius
        found = Environments(
            self.environments.molecule[chosen],
            self.environments.identifier[chosen],
            self.environments.count[chosen],
        )
        return fold(found, self.n, n_bits, counts=counts)
