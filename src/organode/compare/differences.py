"""Error bars of the difference between the potentials of two molecules.

The prediction errors of two similar molecules cancel in part when their potentials are subtracted.
How much the errors cancel is estimated on the measured molecules to which the laboratory scale is
fitted. (The laboratory scale is a model that converts computed energies to measured potentials.)
The potentials of a family of molecules, such as quinones, are predicted by a fit to all other
families.

For every two molecules measured in the same solvent, the score is the absolute error of the
difference of their predicted potentials, divided by the joint standard deviation of the two
predictions. The scores are grouped by the similarity of the two molecules (conformal prediction
with normalised scores, as in `organode.electrochemistry.scale.laboratory`). A molecule is in many
pairs, which are not independent, so all pairs of a molecule together have the weight of one
molecule; a new molecule has the same weight (hierarchical conformal prediction: Lee, Barber and
Willett, arXiv:2306.06342). Pairs of different families and pairs within a family count alike, since
the family of a new molecule is not known. The script `benchmarks/compare.py` measures how often the
true difference lies inside the error bar.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from organode.chem.similarity import tanimoto
from organode.electrochemistry.scale.laboratory import Scale

EDGES = (0.2, 0.3, 0.4)  # between classes of similarity (Tanimoto)


@dataclass(frozen=True)
class Scores:
    """Weighted scores: absolute prediction errors divided by the predicted standard deviation.

    Attributes
    ----------
    value, weight : numpy.ndarray
        Shape (k,): scores, sorted ascending; weights of the scores. The weights of all scores of a
        molecule add up to 1.
    """

    value: np.ndarray
    weight: np.ndarray

    @classmethod
    def of(cls, value: np.ndarray, molecule: np.ndarray) -> Scores:
        """Sort scores, and weight them so that the weights of a molecule's scores add up to 1.

        `value`, shape (k,): the scores. `molecule`, shape (k,): for each score, the SMILES of the
        molecule that the score belongs to.
        """
        _, number, count = np.unique(molecule, return_inverse=True, return_counts=True)
        order = np.argsort(value, kind="stable")
        return cls(value[order], (1 / count[number])[order])

    def quantile(self, level: float) -> float:
        """Return the weighted quantile of the scores at `level` (0 to 1), for a new molecule.

        As usual in conformal prediction, the new molecule counts as one more molecule, with an
        infinite score. The result is infinite if there are too few molecules for this level.
        """
        total = np.cumsum(self.weight)
        molecules = total[-1] if len(total) else 0.0
        position = int(np.searchsorted(total, level * (molecules + 1) - 1e-9))
        return float(self.value[position]) if position < len(total) else np.inf


@dataclass(frozen=True)
class Differences:
    """Scores of measured molecules, each predicted by a fit without the molecule's family.

    A score is an absolute prediction error divided by the predicted standard deviation.

    Attributes
    ----------
    pairs : tuple of Scores
        Scores of the difference in potential between two molecules, for each class of Tanimoto
        similarity, lowest similarity first; the classes are divided at 0.2, 0.3 and 0.4 (`EDGES`).
    single : Scores
        Scores of the potentials of single molecules.
    """

    pairs: tuple[Scores, ...]
    single: Scores

    @classmethod
    def of(cls, scale: Scale, chosen: np.ndarray | None = None) -> Differences:
        """Compute the scores from the measurements of a laboratory scale.

        Parameters
        ----------
        scale : Scale
            Laboratory scale of oxidations or of reductions, with m measurements.
        chosen : numpy.ndarray, optional
            Shape (m,), bool: which measurements to use. If omitted, all are used.
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
        """Return half the length of the error bars of n differences in potential, V, shape (n,).

        Each difference is that between a molecule and a reference molecule. For a class of
        similarity with too few pairs, scores of single potentials are used, as if the errors of the
        two molecules were independent.

        Parameters
        ----------
        spread, reference : numpy.ndarray
            Shape (n,), V: standard deviation of the predicted potential of the molecule; standard
            deviation of the predicted potential of the reference molecule.
        similarity : numpy.ndarray
            Shape (n,): Tanimoto similarity of the molecule to the reference molecule.
        level : float
            Share of true differences that are to lie inside the error bars, 0 to 1. If there are
            too few measurements for this level, the result is infinite.
        """
        quantiles = np.array([scores.quantile(level) for scores in self.pairs])
        units = np.where(np.isinf(quantiles), self.single.quantile(level), quantiles)
        return np.asarray(units[np.digitize(similarity, EDGES)] * np.hypot(spread, reference))
