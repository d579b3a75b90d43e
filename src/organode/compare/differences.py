"""Error bars of the difference between the potentials of two molecules.

The errors of similar molecules cancel in part. How much is estimated on the measured molecules that
the laboratory scale is fitted to (it converts computed energies to potentials); each family is
predicted by a fit to the others. For every two molecules in the same solvent, the score is the
absolute error of their difference in units of their joint standard deviation; scores are grouped by
the similarity of the two (conformal prediction with normalised scores, as in
`organode.electrochemistry.scale.laboratory`). A molecule is in many such pairs, which are not
independent: its pairs share the weight of one molecule, and a new molecule has the same weight
(hierarchical conformal prediction: Lee, Barber and Willett, arXiv:2306.06342). Pairs across
families count like those within a family, since the family of a new molecule is not known.
`benchmarks/compare.py` measures the coverage.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from organode.chem.similarity import tanimoto
from organode.electrochemistry.scale.laboratory import Scale

EDGES = (0.2, 0.3, 0.4)  # between classes of similarity (Tanimoto)


@dataclass(frozen=True)
class Scores:
    """Weighted scores: absolute errors in units of the predicted standard deviation.

    Attributes
    ----------
    value, weight : numpy.ndarray
        Shape (k,): scores, sorted ascending; their weights, which add up to 1 for each molecule.
    """

    value: np.ndarray
    weight: np.ndarray

    @classmethod
    def of(cls, value: np.ndarray, molecule: np.ndarray) -> Scores:
        """Sort and weight scores; `molecule`, shape (k,): SMILES of the molecule of each score."""
        _, number, count = np.unique(molecule, return_inverse=True, return_counts=True)
        order = np.argsort(value, kind="stable")
        return cls(value[order], (1 / count[number])[order])

    def quantile(self, level: float) -> float:
        """Return the score that a share `level` of molecules, a new one included, do not exceed.

        Infinite if there are too few molecules for this level.
        """
        total = np.cumsum(self.weight)
        molecules = total[-1] if len(total) else 0.0
        position = int(np.searchsorted(total, level * (molecules + 1) - 1e-9))
        return float(self.value[position]) if position < len(total) else np.inf


@dataclass(frozen=True)
class Differences:
    """Scores of measured molecules, each predicted by a fit without its family.

    Attributes
    ----------
    pairs : tuple of Scores
        Scores of differences between two molecules, for each class of similarity (see `EDGES`),
        lowest similarity first.
    single : Scores
        Scores of the potentials themselves.
    """

    pairs: tuple[Scores, ...]
    single: Scores

    @classmethod
    def of(cls, scale: Scale, chosen: np.ndarray | None = None) -> Differences:
        """Compute the scores from the measurements of a laboratory scale.

        Parameters
        ----------
        scale : Scale
            Laboratory scale of one target, with m measurements.
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

        For a class of similarity with too few pairs, scores of single potentials are used, as if
        the errors of both molecules were independent.

        Parameters
        ----------
        spread, reference : numpy.ndarray
            Shape (n,), V: standard deviation of the molecule's potential, and of the reference's.
        similarity : numpy.ndarray
            Shape (n,): Tanimoto similarity of the molecule to the reference.
        level : float
            Share of differences that are to lie inside the interval, 0 to 1. If there are too few
            measurements for it, the half-width is infinite.
        """
        quantiles = np.array([scores.quantile(level) for scores in self.pairs])
        units = np.where(np.isinf(quantiles), self.single.quantile(level), quantiles)
        return np.asarray(units[np.digitize(similarity, EDGES)] * np.hypot(spread, reference))
