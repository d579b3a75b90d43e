"""Features of molecules: Morgan environments, orbital descriptors, composition, similarity."""

from __future__ import annotations

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Protocol

import numpy as np
from rdkit import Chem

from organode.chem.composition import Composition
from organode.chem.fingerprint import Environments, of_graphs
from organode.chem.graph import Graphs
from organode.chem.orbitals.huckel import Orbitals, orbitals_of_graphs
from organode.chem.similarity import RADIUS, Nearest, nearest, packed
from organode.utils.lazy import lazy


class NetworkFeatures(Protocol):
    """Protocol of the features of n molecules that the neural networks take as input."""

    @property
    def n(self) -> int:
        """Return the number of molecules."""

    def environments(self, radius: int) -> Environments:
        """Return the Morgan environments of the molecules, with radii of 0 to `radius` bonds."""

    @property
    def descriptors(self) -> np.ndarray:
        """Return d descriptors of the frontier orbitals of each molecule, shape (n, d), float32.

        The names of the descriptors are `organode.chem.orbitals.huckel.NAMES`.
        """


class ModelFeatures(NetworkFeatures, Protocol):
    """Protocol of the features of n molecules from which values with error bars are predicted."""

    @property
    def composition(self) -> Composition:
        """Return the elements, charges and sizes of the molecules."""

    @property
    def bits(self) -> np.ndarray:
        """Return 2,048 Morgan bits (radius 2) of each molecule in 64-bit words: (n, 32), uint64."""

    def nearest(self, known: np.ndarray, k: int) -> Nearest:
        """Find the k known molecules with the highest Tanimoto similarity to each molecule.

        `known`: Morgan bits of m known molecules, such as training data, in the format of `bits`;
        shape (m, 32), uint64.
        """


class Compared(ABC):
    """Base class of features of n molecules that looks up similar known molecules."""

    def __init__(self) -> None:
        self._nearest: dict[tuple[str, int], Nearest] = {}

    @property
    @abstractmethod
    def bits(self) -> np.ndarray:
        """Return 2,048 Morgan bits (radius 2) of each molecule in 64-bit words: (n, 32), uint64."""

    def nearest(self, known: np.ndarray, k: int) -> Nearest:
        """Find the k known molecules with the highest Tanimoto similarity to each molecule.

        `known`: Morgan bits of m known molecules, such as training data, in the format of `bits`;
        shape (m, 32), uint64. The result is kept, and returned again for the same arguments.
        """
        key = (hashlib.sha256(known.data).hexdigest(), k)  # often the same for IE and EA
        if key not in self._nearest:
            self._nearest[key] = nearest(self.bits, known, k)
        return self._nearest[key]


class Molecules(Compared):
    """Features of n molecules; each feature is computed when it is first used, and then kept."""

    def __init__(self, molecules: Sequence[Chem.Mol]) -> None:
        self.molecules = molecules
        self.n = len(molecules)
        self._environments: dict[int, Environments] = {}
        super().__init__()

    def select(self, places: Sequence[int]) -> Molecules:
        """Return the features of the molecules with the indices `places`, in the order of `places`.

        Orbitals and Morgan environments that were computed before are not computed again.
        """
        selected = Molecules([self.molecules[place] for place in places])
        selected.graphs = self.graphs.select(places)
        selected._orbitals = self._orbitals.select(places)
        selected._environments = {
            radius: each.select(places) for radius, each in self._environments.items()
        }
        return selected

    def environments(self, radius: int) -> Environments:
        """Return the Morgan environments of the molecules, with radii of 0 to `radius` bonds."""
        computed = max(radius, RADIUS)
        if computed not in self._environments:
            self._environments[computed] = of_graphs(self.graphs, computed, self.densities)
        return self._environments[computed].up_to(radius)

    @lazy
    def bits(self) -> np.ndarray:
        """Return 2,048 Morgan bits (radius 2) of each molecule in 64-bit words: (n, 32), uint64."""
        return packed(self.environments(RADIUS), self.n)

    @property
    def descriptors(self) -> np.ndarray:
        """Return d descriptors of the frontier orbitals of each molecule, shape (n, d), float32.

        The names of the descriptors are `organode.chem.orbitals.huckel.NAMES`.
        """
        return self._orbitals.descriptors

    @property
    def densities(self) -> list[np.ndarray]:
        """Return for each molecule the HOMO and LUMO densities on its atoms, shape (n_atoms, 2)."""
        return self._orbitals.densities

    @lazy
    def composition(self) -> Composition:
        """Return the elements, charges and sizes of the molecules."""
        return Composition.of_graphs(self.graphs)

    @lazy
    def graphs(self) -> Graphs:
        """Return the atoms and bonds of the molecules."""
        return Graphs.of(self.molecules)

    @lazy
    def _orbitals(self) -> Orbitals:
        return orbitals_of_graphs(self.graphs)
