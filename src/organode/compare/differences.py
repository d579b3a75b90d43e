"""How well the difference between two molecules' potentials is known.

Errors of molecules that are alike cancel in part. How far they do is read from families that were
left out of the laboratory scale, each in turn: the error of the difference between every two
measured molecules, in units of both spreads, in classes of similarity (conformal prediction with
normalised scores, as in `organode.electrochemistry.scale.laboratory`). A molecule has many such
pairs, which are not independent: its pairs share the weight of one molecule, and a new molecule
weighs as much as any other (the weights of hierarchical conformal prediction: Lee, Barber and
Willett, arXiv:2306.06342). Pairs of two families count like those of one, since nobody says of a
new molecule which family it is of. `benchmarks/compare.py` measures what becomes of it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from organode.chem.similarity import tanimoto
from organode.electrochemistry.scale.laboratory import Scale

EDGES = (0.2, 0.3, 0.4)  # between classes of similarity (Tanimoto)


@dataclass(frozen=True)
class Scores:
    """Errors in units of spreads.

    Attributes
    ----------
    value, weight : numpy.ndarray
        Shape (k,): absolute errors, sorted ascending; all those of a molecule weigh 1 together.
    """

    value: np.ndarray
    weight: np.ndarray

    @classmethod
    def of(cls, value: np.ndarray, molecule: np.ndarray) -> Scores:
        """Sort and weigh; `molecule`, shape (k,), says whose error each is."""
        _, number, count = np.unique(molecule, return_inverse=True, return_counts=True)
        order = np.argsort(value, kind="stable")
        return cls(value[order], (1 / count[number])[order])

    def quantile(self, level: float) -> float:
        """Return what a share `level` of molecules, a new one included, stays within.

        Infinite where there are too few molecules to vouch for that.
        """
        total = np.cumsum(self.weight)
        molecules = total[-1] if len(total) else 0.0
        place = int(np.searchsorted(total, level * (molecules + 1) - 1e-9))
        return float(self.value[place]) if place < len(total) else np.inf


@dataclass(frozen=True)
class Differences:
    """Errors of left-out molecules.

    Attributes
    ----------
    pairs : tuple of Scores
        Of differences, one for each class of similarity, the least alike first.
    single : Scores
        Of potentials.
    """

    pairs: tuple[Scores, ...]
    single: Scores

    @classmethod
    def of(cls, scale: Scale, chosen: np.ndarray | None = None) -> Differences:
        """Learn from a laboratory scale's measurements.

        Parameters
        ----------
        scale : Scale
            With m measurements.
        chosen : numpy.ndarray, optional
            Shape (m,), bool: which of them to learn from; all if omitted.
        """
        rows = np.flatnonzero(np.ones(len(scale.rows), bool) if chosen is None else chosen)
        error, spread = (scale.measured - scale.left_out)[rows], scale.spread[rows]
        smiles, solvent = (scale.rows[name].to_numpy(str)[rows] for name in ("smiles", "solvent"))
        bits = scale.bits[rows]
        one, other = np.nonzero((solvent[:, None] == solvent) & (smiles[:, None] != smiles))
        score = np.abs(error[one] - error[other]) / np.hypot(spread[one], spread[other])
        group = np.digitize(tanimoto(bits, bits)[one, other], EDGES)
        classes = (group == number for number in range(len(EDGES) + 1))
        return cls(
            tuple(Scores.of(score[here], smiles[one][here]) for here in classes),
            Scores.of(np.abs(error) / spread, smiles),
        )

    def half_width(
        self, spread: np.ndarray, reference: np.ndarray, similarity: np.ndarray, level: float
    ) -> np.ndarray:
        """Return half the width of the intervals of n differences to a reference, V, shape (n,).

        Where a class of similarity has too few pairs, errors are taken as independent.

        Parameters
        ----------
        spread, reference : numpy.ndarray
            Shape (n,), V: of the molecule's potential and of the reference's.
        similarity : numpy.ndarray
            Shape (n,): Tanimoto, of the two.
        level : float
            Share of differences that are to lie inside; where it is more than the measurements can
            vouch for, the width is infinite.
        """
        found = np.array([scores.quantile(level) for scores in self.pairs])
        units = np.where(np.isinf(found), self.single.quantile(level), found)
        return np.asarray(units[np.digitize(similarity, EDGES)] * np.hypot(spread, reference))
