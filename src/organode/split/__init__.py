"""Who is held out and who is in which fold: decided here, once, and read by everyone."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from organode.tables import read_table

SPLITS = Path("data/splits.parquet")
COLUMNS = ["row", "split", "fold"]


@dataclass(frozen=True)
class Splits:
    """Membership of each clean row, in the order of the curated table.

    Attributes
    ----------
    row : numpy.ndarray
        Shape (n,), the source's row numbers.
    fold : numpy.ndarray
        Shape (n,), 0 to n_folds − 1; −1 for the outer test rows.
    """

    row: np.ndarray
    fold: np.ndarray

    @property
    def n_folds(self) -> int:
        """Number of folds."""
        return int(self.fold.max()) + 1

    @property
    def outer(self) -> np.ndarray:
        """Shape (n,), True for the outer test rows."""
        return np.asarray(self.fold < 0)

    @classmethod
    def read(cls, path: Path = SPLITS) -> Splits:
        """Read what the stage `split` wrote."""
        table = read_table(path, COLUMNS, "split")
        return cls(table["row"].to_numpy(), table["fold"].fillna(-1).to_numpy(np.int64))
