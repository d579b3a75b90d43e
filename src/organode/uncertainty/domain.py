"""Which molecules are like those that were learned from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from rdkit import Chem

RARE = 0.02  # share of the training rows that lie beyond the limit of similarity, or of error


@dataclass(frozen=True)
class Domain:
    """What a molecule has to be like for its prediction to be one of the usual kind.

    Charge is not among it: organode reads neutral molecules only.

    Attributes
    ----------
    elements : tuple of str
        That training molecules contain.
    heavy_atoms : tuple of int
        Smallest and largest number in a training molecule.
    similarity : float
        Tanimoto's, to the nearest training molecule; at least this.
    expected_error : float
        eV, at most this.
    """

    elements: tuple[str, ...]
    heavy_atoms: tuple[int, int]
    similarity: float
    expected_error: float

    @classmethod
    def fit(
        cls, molecules: Sequence[Chem.Mol], similarity: np.ndarray, expected: np.ndarray
    ) -> Domain:
        """Draw the limits around the training molecules.

        Parameters
        ----------
        molecules : sequence of Chem.Mol
            Length n.
        similarity, expected : numpy.ndarray
            Shape (n,): to the nearest molecule of another fold; expected error there, eV.
        """
        sizes = [molecule.GetNumHeavyAtoms() for molecule in molecules]
        return cls(
            tuple(sorted({symbol for one in molecules for symbol in _elements(one)})),
            (min(sizes), max(sizes)),
            round(float(np.quantile(similarity, RARE)), 3),
            round(float(np.quantile(expected, 1 - RARE)), 3),
        )

    def reasons(
        self, molecules: Sequence[Chem.Mol], similarity: np.ndarray, expected: np.ndarray
    ) -> list[str]:
        """Return why each molecule is outside, empty where it is inside."""
        low, high = self.heavy_atoms
        found = []
        for molecule, likeness, error in zip(molecules, similarity, expected, strict=True):
            new = sorted(_elements(molecule) - set(self.elements))
            size = molecule.GetNumHeavyAtoms()
            why = []
            if new:
                why.append(f"{', '.join(new)} occurs in no training molecule")
            if not low <= size <= high:
                why.append(f"{size} heavy atoms, {low} to {high} in training")
            if likeness < self.similarity:
                why.append(f"similarity {likeness:.2f} to the nearest training molecule")
            if error > self.expected_error:
                why.append(f"expected error {error:.2f} eV: its neighbours are predicted badly")
            found.append("; ".join(why))
        return found


def _elements(molecule: Chem.Mol) -> set[str]:
    return {atom.GetSymbol() for atom in molecule.GetAtoms()}
