"""The applicability domain: which molecules resemble the training molecules."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from organode.chem.composition import Composition, is_element

RARE = 0.02  # share of training molecules outside each of two limits: similarity, expected error


@dataclass(frozen=True)
class Domain:
    """Limits within which a prediction is as reliable as its error bar says.

    Attributes
    ----------
    parts : tuple of str
        What occurs in training molecules: elements without hydrogen, such as ``S``; net charges,
        such as ``charge+1``; and ``radical`` if any has unpaired electrons.
    heavy_atoms : tuple of int
        Smallest and largest number of heavy atoms in a training molecule.
    similarity : float
        A molecule less similar than this (Tanimoto) to its nearest training molecule is outside.
    expected_error : float
        A molecule with a larger expected error, eV, is outside.
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
            Elements, charges and sizes of these molecules.
        similarity, expected : numpy.ndarray
            Shape (n,): Tanimoto similarity to the nearest molecule of another fold; expected
            absolute error, eV.
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
        """Charges and ``radical`` as in `parts`; empty if all are neutral and closed-shell."""
        return tuple(part for part in self.parts if not is_element(part))

    def has_known_parts(self, composition: Composition) -> np.ndarray:
        """Return whether each molecule has only elements and charges in `parts`, shape (n,)."""
        return np.array([parts <= frozenset(self.parts) for parts in composition.parts], bool)

    def reasons(
        self, composition: Composition, similarity: np.ndarray, expected: np.ndarray
    ) -> list[str]:
        """Return why each molecule is outside the domain; an empty text where it is inside.

        `similarity` (to the nearest training molecule) and `expected` (absolute error, eV) have
        shape (n,).
        """
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
