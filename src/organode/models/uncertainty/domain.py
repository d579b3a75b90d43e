"""The applicability domain of a model: the molecules that resemble its training molecules."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from organode.chem.composition import Composition, ends, is_bond

RARE = 0.02  # share of training molecules outside each of two limits: similarity, expected error


@dataclass(frozen=True)
class Domain:
    """Limits of a model's applicability domain: inside them, the model's error bars can be trusted.

    Attributes
    ----------
    parts : tuple of str
        The elements except hydrogen, such as ``S``, the bonds, such as ``N=N``, and the net
        charges, such as ``charge+1``, that occur in training molecules; also ``radical``, if a
        training molecule has unpaired electrons. Those of models that were made before bonds were
        looked at have none, and ask for none.
    heavy_atoms : tuple of int
        Smallest and largest number of heavy atoms in a training molecule.
    similarity : float
        A molecule is outside the domain if its Tanimoto similarity to the most similar training
        molecule is less than this.
    expected_error : float
        A molecule is outside the domain if its expected error is larger than this, eV.
    """

    parts: tuple[str, ...]
    heavy_atoms: tuple[int, int]
    similarity: float
    expected_error: float

    @classmethod
    def fit(cls, composition: Composition, similarity: np.ndarray, expected: np.ndarray) -> Domain:
        """Set the limits from n training molecules.

        The limits of similarity and of expected error each leave out a share `RARE` (2 %) of these
        molecules.

        Parameters
        ----------
        composition : Composition
            Elements, charges and sizes of the training molecules.
        similarity, expected : numpy.ndarray
            Shape (n,): Tanimoto similarity of each training molecule to the most similar molecule
            in another cross-validation fold; expected absolute error of its prediction, eV.
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
        """The elements that occur in training molecules, except hydrogen."""
        return tuple(part for part in self.parts if part[0].isupper() and not is_bond(part))

    @property
    def beside_neutral(self) -> tuple[str, ...]:
        """The items of `parts` that are net charges, and ``radical``.

        Empty if all training molecules are neutral and have no unpaired electrons.
        """
        return tuple(part for part in self.parts if not part[0].isupper())

    def widened(self, composition: Composition) -> Domain:
        """Return the domain of a model that has also learned some other molecules."""
        sizes = (*self.heavy_atoms, *composition.heavy_atoms.tolist())
        parts = frozenset(self.parts).union(*composition.parts)
        if not self._has_bonds:
            parts = frozenset(part for part in parts if not is_bond(part))
        return replace(self, parts=tuple(sorted(parts)), heavy_atoms=(min(sizes), max(sizes)))

    def unknown_parts(self, composition: Composition) -> list[frozenset[str]]:
        """Return which items of each molecule's `Composition.parts` no training molecule has.

        Bonds of an element that no training molecule has go without saying.
        """
        known = frozenset(self.parts)

        def is_told(part: str, unknown: frozenset[str]) -> bool:
            return not is_bond(part) or (self._has_bonds and unknown.isdisjoint(ends(part)))

        unknown = [parts - known for parts in composition.parts]
        return [new and frozenset(part for part in new if is_told(part, new)) for new in unknown]

    def reasons(
        self, composition: Composition, similarity: np.ndarray, expected: np.ndarray
    ) -> list[str]:
        """Return why each of n molecules is outside the domain; an empty text if it is inside.

        `similarity` is the Tanimoto similarity of each molecule to the most similar training
        molecule, and `expected` the expected absolute error of the prediction for the molecule, eV;
        the shape of each is (n,).
        """
        low, high = self.heavy_atoms
        sizes, unknown = composition.heavy_atoms, self.unknown_parts(composition)
        unusual = (sizes < low) | (sizes > high)
        unusual |= (similarity < self.similarity) | (expected > self.expected_error)
        reasons = [""] * len(unknown)
        for at in np.flatnonzero(unusual | np.fromiter(map(bool, unknown), bool)).tolist():
            why = []
            if unknown[at]:
                why.append(f"{', '.join(sorted(unknown[at]))} occurs in no training molecule")
            if not low <= sizes[at] <= high:
                why.append(f"{sizes[at]} heavy atoms, {low} to {high} in training")
            if similarity[at] < self.similarity:
                why.append(f"similarity {similarity[at]:.2f} to the nearest training molecule")
            if expected[at] > self.expected_error:
                of = f"expected error {expected[at]:.2f} eV"
                why.append(f"{of}: its neighbours are predicted badly")
            reasons[at] = "; ".join(why)
        return reasons

    @property
    def _has_bonds(self) -> bool:
        return any(map(is_bond, self.parts))
