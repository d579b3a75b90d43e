"""Error bars of the difference between the potentials of two molecules.

The errors of similar molecules cancel in part. How much is estimated from families that were left
out of the laboratory scale in turn: the error of the difference between every two measured
molecules, in units of their joint spread, in classes of similarity (conformal prediction with
normalised scores, as in `organode.electrochemistry.scale.laboratory`). A molecule is in many such
pairs, which are not independent: its pairs share the weight of one molecule, and a new molecule has
the same weight (hierarchical conformal prediction: Lee, Barber and Willett, arXiv:2306.06342).
Pairs across families count like those within a family, since the family of a new molecule is not
known. `benchmarks/compare.py` measures the coverage.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from organode.chem.similarity import tanimoto
from organode.electrochemistry.scale.laboratory import Scale

EDGES = (0.2, 0.3, 0.4)  # between classes of similarity (Tanimoto)


@dataclass(frozen=True)
class Scores:
    """Absolute errors in units of spreads.

    Attributes
    ----------
    value, weight : numpy.ndarray
        Shape (k,): errors, sorted ascending; weights, 1 in total for each molecule.
    """

    value: np.ndarray
    weight: np.ndarray

    @classmethod
    def of(cls, value: np.ndarray, molecule: np.ndarray) -> Scores:
        """Sort and weight the errors; `molecule`: shape (k,), the molecule of each."""
        _, number, count = np.unique(molecule, return_inverse=True, return_counts=True)
        order = np.argsort(value, kind="stable")
        return cls(value[order], (1 / count[number])[order])

    def quantile(self, level: float) -> float:
        """Return the quantile of molecules, a new one included; infinite for too few molecules."""
        total = np.cumsum(self.weight)
        molecules = total[-1] if len(total) else 0.0
        position = int(np.searchsorted(total, level * (molecules + 1) - 1e-9))
        return float(self.value[position]) if position < len(total) else np.inf


@dataclass(frozen=True)
class Differences:
    """Scores of left-out molecules.

    Attributes
    ----------
    pairs : tuple of Scores
        Of differences, for each class of similarity, lowest similarity first.
    single : Scores
        Of potentials.
    """

    pairs: tuple[Scores, ...]
    single: Scores

    @classmethod
    def of(cls, scale: Scale, chosen: np.ndarray | None = None) -> Differences:
        """Compute the scores from the measurements of a laboratory scale.

        Parameters
        ----------
        scale : Scale
            With m measurements.
        chosen : numpy.ndarray, optional
            Shape (m,), bool: the measurements to use; all if omitted.
        """
        rows = np.flatnonzero(np.ones(len(scale.rows), bool) if chosen is None else chosen)
        error, spread = (scale.measured - scale.left_out)[rows], scale.spread[rows]
        smiles, solvent = (scale.rows[name].to_numpy(str)[rows] for name in ("smiles", "solvent"))
        bits = scale.bits[rows]
        first, second = np.nonzero((solvent[:, None] == solvent) & (smiles[:, None] != smiles))
        score = np.abs(error[first] - error[second]) / np.hypot(spread[first], spread[second])
        group = np.digitize(tanimoto(bits, bits)[first, second], EDGES)
        classes = (group == number for number in range(len(EDGES) + 1))
        return cls(
            tuple(Scores.of(score[in_class], smiles[first][in_class]) for in_class in classes),
            Scores.of(np.abs(error) / spread, smiles),
        )

    def half_width(
        self, spread: np.ndarray, reference: np.ndarray, similarity: np.ndarray, level: float
    ) -> np.ndarray:
        """Return the half-width of the intervals of n differences to a reference, V, shape (n,).

        In a class of similarity with too few pairs, the errors are assumed to be independent.

        Parameters
        ----------
        spread, reference : numpy.ndarray
            Shape (n,), V: spread of the potential of the molecule, and of the reference.
        similarity : numpy.ndarray
            Shape (n,): Tanimoto similarity of the two.
        level : float
            Share of differences that are to lie inside; infinite if there are too few measurements
            for it.
        """
        quantiles = np.array([scores.quantile(level) for scores in self.pairs])
        units = np.where(np.isinf(quantiles), self.single.quantile(level), quantiles)
        return np.asarray(units[np.digitize(similarity, EDGES)] * np.hypot(spread, reference))
