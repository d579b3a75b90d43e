"""What molecules consist of, as far as a model's domain asks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from rdkit import Chem

from organode.chem.molecule import CLOSED_SHELL, elements, kind

HYDROGEN = {"H"}
RADICAL = "radical"


@dataclass(frozen=True)
class Composition:
    """Elements, charges and sizes of n molecules.

    Attributes
    ----------
    parts : list of frozenset of str
        Of each molecule: its elements, hydrogen aside; its net charge, such as ``charge+2``, if it
        has one; ``radical``, if it has unpaired electrons.
    heavy_atoms : numpy.ndarray
        Shape (n,), int32.
    """

    parts: list[frozenset[str]]
    heavy_atoms: np.ndarray

    @classmethod
    def of(cls, molecules: Sequence[Chem.Mol]) -> Composition:
        """Look at molecules without explicit hydrogens."""
        return cls(
            [(elements(one) - HYDROGEN) | _marks(one) for one in molecules],
            np.array([one.GetNumHeavyAtoms() for one in molecules], np.int32),
        )


def is_element(part: str) -> bool:
    """Return whether a part of a composition is an element, not a charge or unpaired electrons."""
    return part[0].isupper()


def _marks(molecule: Chem.Mol) -> frozenset[str]:
    found = kind(molecule)
    if found == CLOSED_SHELL:
        return frozenset()
    charge = {f"charge{found.charge:+d}"} if found.charge else set()
    return frozenset(charge | ({RADICAL} if found.unpaired else set()))
