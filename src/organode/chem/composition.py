"""Elements, bonds, charges and sizes of molecules, by which a model may apply to them or not."""

from __future__ import annotations

import re
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
ORDERS = {2: "-", 3: ":", 4: "=", 6: "#"}  # by twice the order of a bond
OTHER = 1_000  # more than atomic numbers and orders


@dataclass(frozen=True)
class Composition:
    """Elements, bonds, charges and sizes of n molecules.

    Attributes
    ----------
    parts : list of frozenset of str
        For each molecule a set of strings such as ``{"C", "N", "C:N", "charge+2"}``: the symbols of
        its elements, except hydrogen; its bonds between these, as two symbols in alphabetical order
        and ``-``, ``:`` (aromatic), ``=`` or ``#``; its net charge, if not zero; ``radical``, if
        the molecule has unpaired electrons.
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
        numbers = graphs.of_atoms("number")
        heavy = numbers != HYDROGEN
        between = heavy[graphs.begin] & heavy[graphs.end]
        ends = np.sort(numbers[np.stack([graphs.begin, graphs.end])[:, between]], axis=0)
        bonds = (ends[0] * OTHER + ends[1]) * OTHER + np.round(2 * graphs.order[between])
        of_atoms = _distinct(numbers[heavy], graphs.molecule[heavy], graphs.n)
        of_bonds = _distinct(bonds, graphs.molecule[graphs.begin[between]], graphs.n)
        kinds = zip(graphs.charge.tolist(), (graphs.unpaired > 0).tolist(), strict=True)
        parts = [
            _symbols(elements) | _bonds(orders) | _kind(*kind)
            for elements, orders, kind in zip(of_atoms, of_bonds, kinds, strict=True)
        ]
        sizes = np.bincount(graphs.molecule, heavy, graphs.n)
        return cls(parts, sizes.astype(np.int32))


def is_bond(part: str) -> bool:
    """Return whether an item of `Composition.parts` is a bond, not an element or a charge."""
    return part[0].isupper() and not part.isalpha()


def ends(bond: str) -> list[str]:
    """Return the symbols of the elements of a bond in `Composition.parts`.

    Examples
    --------
    >>> ends("C:N")
    ['C', 'N']
    """
    return re.findall("[A-Z][a-z]?", bond)


def _distinct(values: np.ndarray, molecule: np.ndarray, n: int) -> list[frozenset[int]]:
    """Return the different values of each of n molecules; `molecule` is sorted ascending."""
    bounds = np.searchsorted(molecule, np.arange(n + 1)).tolist()
    every = values.astype(np.int64).tolist()
    return [frozenset(every[start:end]) for start, end in pairwise(bounds)]


@cache
def _symbols(numbers: frozenset[int]) -> frozenset[str]:
    return frozenset(map(PERIODIC_TABLE.GetElementSymbol, numbers))


@cache
def _bonds(codes: frozenset[int]) -> frozenset[str]:
    """Return the names of bonds whose two atomic numbers and twice whose order are in a number."""
    texts = []
    for code in codes:
        both, order = divmod(code, OTHER)
        first, second = sorted(map(PERIODIC_TABLE.GetElementSymbol, divmod(both, OTHER)))
        texts.append(f"{first}{ORDERS.get(order, '~')}{second}")
    return frozenset(texts)


@cache
def _kind(charge: int, radical: bool) -> frozenset[str]:
    return frozenset(
        ({f"charge{charge:+d}"} if charge else set()) | ({RADICAL} if radical else set())
    )
