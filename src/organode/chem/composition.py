"""What molecules consist of, as far as a model's domain asks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from rdkit import Chem

from organode.chem.molecule import elements

HYDROGEN = {"H"}


@dataclass(frozen=True)
class Composition:
    """Elements and sizes of n molecules.

    Attributes
    ----------
    elements : list of frozenset of str
        Of each molecule, hydrogen aside.
    heavy_atoms : numpy.ndarray
        Shape (n,), int32.
    """

    elements: list[frozenset[str]]
    heavy_atoms: np.ndarray

    @classmethod
    def of(cls, molecules: Sequence[Chem.Mol]) -> Composition:
        """Look at molecules without explicit hydrogens."""
        return cls(
            [elements(one) - HYDROGEN for one in molecules],
            np.array([one.GetNumHeavyAtoms() for one in molecules], np.int32),
        )
