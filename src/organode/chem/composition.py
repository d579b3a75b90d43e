"""Elements, charges and sizes of molecules, used to decide whether a model applies to them."""

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
        For each molecule a set of strings such as ``{"C", "N", "charge+2"}``: the symbols of its
        elements, except hydrogen; its net charge, if not zero; ``radical``, if the molecule has
        unpaired electrons.
    heavy_atoms : numpy.ndarray
        Shape (n,), int32: number of heavy atoms.
    """

    parts: list[frozenset[str]]
    heavy_atoms: np.ndarray

    @classmethod
    def of(cls, molecules: Sequence[Chem.Mol]) -> Composition:
        """Return the composition of n molecules."""
        return cls(
            [(elements(molecule) - HYDROGEN) | _marks(molecule) for molecule in molecules],
            np.array([molecule.GetNumHeavyAtoms() for molecule in molecules], np.int32),
        )


def is_element(part: str) -> bool:
    """Return whether a string is an element, not a net charge or ``radical``.

    `part` is a string from a set in `Composition.parts`.
    """
    return part[0].isupper()


def _marks(molecule: Chem.Mol) -> frozenset[str]:
    species = kind(molecule)
    if species == CLOSED_SHELL:
        return frozenset()
    charge = {f"charge{species.charge:+d}"} if species.charge else set()
    return frozenset(charge | ({RADICAL} if species.unpaired else set()))
