"""What a label costs: CPU seconds of each level of labels, by the number of heavy atoms."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

# The line that molecules of the embedded set gave: logarithm of the CPU seconds of a molecule with
# ten heavy atoms, and slope over the logarithm of the heavy atoms.
PRIOR = {"xtb": (-1.0, 2.5), "b3lyp": (2.2, 2.6)}
TEN = 10  # heavy atoms
# How sure the prior is: standard deviations of the logarithm and of the slope.
WIDTH = np.array([1.0, 0.5])
SCATTER = 0.5  # standard deviation of the logarithm of single molecules' seconds around the line


@dataclass(frozen=True)
class Costs:
    """Straight lines of the logarithm of CPU seconds over the logarithm of heavy atoms.

    Attributes
    ----------
    lines : mapping of str to tuple of float
        For each level: logarithm of the seconds of ten heavy atoms, and slope.
    """

    lines: Mapping[str, tuple[float, float]]

    @classmethod
    def fit(cls, labels: pd.DataFrame) -> Costs:
        """Fit the lines to the labels that were computed; without any, the prior remains.

        `labels` has the columns `level`, `heavy_atoms` and `seconds`. The lines are the most
        probable ones for normal errors and a normal prior.
        """
        lines = {}
        for level, prior in PRIOR.items():
            rows = labels[(labels["level"] == level) & (labels["seconds"] > 0)]
            size = np.log(rows["heavy_atoms"].to_numpy(float) / TEN)
            design = np.column_stack([np.ones(len(rows)), size]) / SCATTER
            known = np.log(rows["seconds"].to_numpy(float)) / SCATTER
            precision = design.T @ design + np.diag(1 / np.square(WIDTH))
            right = design.T @ known + np.array(prior) / np.square(WIDTH)
            at_ten, slope = np.linalg.solve(precision, right).tolist()
            lines[level] = (at_ten, slope)
        return cls(lines)

    def seconds(self, level: str, heavy_atoms: np.ndarray) -> np.ndarray:
        """Return the expected CPU seconds of a label of n molecules, shape (n,)."""
        at_ten, slope = self.lines[level]
        size = np.log(np.maximum(heavy_atoms, 1) / TEN)
        # The mean of a log-normal distribution, not its median.
        return np.asarray(np.exp(at_ten + slope * size + SCATTER**2 / 2))
