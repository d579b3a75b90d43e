"""Which molecules are like those that were learned from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from organode.chem.composition import Composition, is_element

RARE = 0.02  # share of the training rows that lie beyond the limit of similarity, or of error


@dataclass(frozen=True)
class Domain:
    """What a molecule has to be like for its prediction to be one of the usual kind.

    Attributes
    ----------
    parts : tuple of str
        That training molecules have: elements, net charges, unpaired electrons; see
        `organode.chem.composition.Composition`.
    heavy_atoms : tuple of int
        Smallest and largest number in a training molecule.
    similarity : float
        Tanimoto's, to the nearest training molecule; at least this.
    expected_error : float
        eV, at most this.
    """

    parts: tuple[str, ...]
    heavy_atoms: tuple[int, int]
    similarity: float
    expected_error: float

    @classmethod
    def fit(cls, composition: Composition, similarity: np.ndarray, expected: np.ndarray) -> Domain:
        """Draw the limits around the training molecules.

        Parameters
        ----------
        composition : Composition
            Of n molecules.
        similarity, expected : numpy.ndarray
            Shape (n,): to the nearest molecule of another fold; expected error there, eV.
        """
        sizes = composition.heavy_atoms
        return cls(
            tuple(sorted(frozenset().union(*composition.parts))),
            (int(sizes.min()), int(sizes.max())),
            round(float(np.quantile(similarity, RARE)), 3),
            round(float(np.quantile(expected, 1 - RARE)), 3),
        )

    @property
    def elements(self) -> tuple[str, ...]:
        """Elements that training molecules have, hydrogen aside."""
        return tuple(filter(is_element, self.parts))

    @property
    def beside_neutral(self) -> tuple[str, ...]:
        """Net charges, and unpaired electrons, that training molecules have."""
        return tuple(part for part in self.parts if not is_element(part))

    def learned(self, composition: Composition) -> np.ndarray:
        """Return which molecules are of nothing but what training molecules have, shape (n,)."""
        return np.array([parts <= frozenset(self.parts) for parts in composition.parts], bool)

    def reasons(
        self, composition: Composition, similarity: np.ndarray, expected: np.ndarray
    ) -> list[str]:
        """Return why each molecule is outside, empty where it is inside."""
        low, high = self.heavy_atoms
        known = frozenset(self.parts)
        found = []
        for parts, size, likeness, error in zip(
            composition.parts, composition.heavy_atoms, similarity, expected, strict=True
        ):
            new = sorted(parts - known)
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
