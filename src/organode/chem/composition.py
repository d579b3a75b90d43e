"""Elements, charges and sizes of molecules, used to decide whether a model applies to them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

import numpy as np
from rdkit import Chem

from organode.chem.graph import Graphs

HYDROGEN = 1
PERIODIC_TABLE = Chem.GetPeriodicTable()
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
        return cls.of_graphs(Graphs.of(molecules))

    @classmethod
    def of_graphs(cls, graphs: Graphs) -> Composition:
        """Return the composition of n molecules whose atoms have been read already."""
        numbers, first = graphs.of_atoms("number"), pairwise(graphs.first.tolist())
        elements, charges = numbers.tolist(), graphs.charge.tolist()
        parts = [
            _parts(frozenset(elements[start:end]) - {HYDROGEN}, charge, unpaired > 0)
            for (start, end), charge, unpaired in zip(
                first, charges, graphs.unpaired.tolist(), strict=True
            )
        ]
        heavy = np.bincount(graphs.molecule, numbers != HYDROGEN, graphs.n)
        return cls(parts, heavy.astype(np.int32))


def is_element(part: str) -> bool:
    """Return whether a string is an element, not a net charge or ``radical``.

    `part` is a string from a set in `Composition.parts`.
    """
    return part[0].isupper()


@cache
def _parts(numbers: frozenset[int], charge: int, radical: bool) -> frozenset[str]:
    """Return the item of `Composition.parts` for the atomic numbers of a molecule's elements."""
    symbols = {PERIODIC_TABLE.GetElementSymbol(number) for number in numbers}
    return frozenset(
        symbols | ({f"charge{charge:+d}"} if charge else set()) | ({RADICAL} if radical else set())
    )
