"""The applicability domain: which molecules resemble the training molecules."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from organode.chem.composition import Composition, is_element

RARE = 0.02  # share of the training rows beyond the limit of similarity, or of expected error


@dataclass(frozen=True)
class Domain:
    """Limits within which a prediction is as reliable as its error bar says.

    Attributes
    ----------
    parts : tuple of str
        Elements, net charges and unpaired electrons of the training molecules, see
        `organode.chem.composition.Composition`.
    heavy_atoms : tuple of int
        Smallest and largest number in a training molecule.
    similarity : float
        Lowest Tanimoto similarity to the nearest training molecule.
    expected_error : float
        Highest expected error, eV.
    """

    parts: tuple[str, ...]
    heavy_atoms: tuple[int, int]
    similarity: float
    expected_error: float

    @classmethod
    def fit(cls, composition: Composition, similarity: np.ndarray, expected: np.ndarray) -> Domain:
        """Set the limits by n training molecules.

        Parameters
        ----------
        composition : Composition
            Of the molecules.
        similarity, expected : numpy.ndarray
            Shape (n,): similarity to the nearest molecule of another fold; expected error, eV.
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
        """Elements of the training molecules, without hydrogen."""
        return tuple(filter(is_element, self.parts))

    @property
    def beside_neutral(self) -> tuple[str, ...]:
        """Net charges and unpaired electrons of the training molecules."""
        return tuple(part for part in self.parts if not is_element(part))

    def has_known_parts(self, composition: Composition) -> np.ndarray:
        """Return which molecules have only elements and charges of training molecules: (n,)."""
        return np.array([parts <= frozenset(self.parts) for parts in composition.parts], bool)

    def reasons(
        self, composition: Composition, similarity: np.ndarray, expected: np.ndarray
    ) -> list[str]:
        """Return why each molecule is outside the domain; empty where it is inside."""
        low, high = self.heavy_atoms
        known = frozenset(self.parts)
        reasons = []
        for parts, size, nearest, error in zip(
            composition.parts, composition.heavy_atoms, similarity, expected, strict=True
        ):
            new = sorted(parts - known)
            why = []
            if new:
                why.append(f"{', '.join(new)} occurs in no training molecule")
            if not low <= size <= high:
                why.append(f"{size} heavy atoms, {low} to {high} in training")
            if nearest < self.similarity:
                why.append(f"similarity {nearest:.2f} to the nearest training molecule")
            if error > self.expected_error:
                why.append(f"expected error {error:.2f} eV: its neighbours are predicted badly")
            reasons.append("; ".join(why))
        return reasons
