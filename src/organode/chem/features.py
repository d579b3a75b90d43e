"""Molecules with their features: environments, orbital descriptors, composition, similarity."""

from __future__ import annotations

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Protocol

import numpy as np
from rdkit import Chem

from organode.chem.composition import Composition
from organode.chem.fingerprint import Environments, environments
from organode.chem.orbitals.huckel import Orbitals, orbitals
from organode.chem.similarity import RADIUS, Nearest, nearest, packed
from organode.utils.lazy import lazy


class NetworkFeatures(Protocol):
    """Features of n molecules that networks use."""

    @property
    def n(self) -> int:
        """Return the number of molecules."""

    def environments(self, radius: int) -> Environments:
        """Return the Morgan environments up to `radius`."""

    @property
    def descriptors(self) -> np.ndarray:
        """Return the orbital descriptors, shape (n, d)."""


class ModelFeatures(NetworkFeatures, Protocol):
    """Features of n molecules that a model with error bars uses."""

    @property
    def composition(self) -> Composition:
        """Return elements, charges and sizes."""

    @property
    def bits(self) -> np.ndarray:
        """Return `packed_bits`, shape (n, words)."""

    def nearest(self, known: np.ndarray, k: int) -> Nearest:
        """Return the k known molecules most similar to each; known: `packed_bits`, shape (m, w)."""


class Compared(ABC):
    """Base class: similarity to known molecules, computed once."""

    def __init__(self) -> None:
        self._nearest: dict[tuple[str, int], Nearest] = {}

    @property
    @abstractmethod
    def bits(self) -> np.ndarray:
        """Return `packed_bits`, shape (n, words)."""

    def nearest(self, known: np.ndarray, k: int) -> Nearest:
        """Return the k known molecules most similar to each; known: `packed_bits`, shape (m, w)."""
        key = (hashlib.sha256(known.data).hexdigest(), k)  # often the same for both targets
        if key not in self._nearest:
            self._nearest[key] = nearest(self.bits, known, k)
        return self._nearest[key]


class Molecules(Compared):
    """Molecules whose features are computed on demand, each once."""

    def __init__(self, molecules: Sequence[Chem.Mol]) -> None:
        self.molecules = molecules
        self.n = len(molecules)
        self._environments: dict[int, Environments] = {}
        super().__init__()

    def environments(self, radius: int) -> Environments:
        """Return the Morgan environments up to `radius`."""
        computed = max(radius, RADIUS)
        if computed not in self._environments:
            self._environments[computed] = environments(self.molecules, computed, self.densities)
        return self._environments[computed].up_to(radius)

    @lazy
    def bits(self) -> np.ndarray:
        """`packed_bits`, shape (n, words)."""
        return packed(self.environments(RADIUS), self.n)

    @property
    def descriptors(self) -> np.ndarray:
        """Return the orbital descriptors, shape (n, d)."""
        return self._orbitals.descriptors

    @property
    def densities(self) -> list[np.ndarray]:
        """Return the densities of the frontier orbitals of each molecule, shape (n_atoms, 2)."""
        return self._orbitals.densities

    @lazy
    def composition(self) -> Composition:
        """Return elements, charges and sizes."""
        return Composition.of(self.molecules)

    @lazy
    def _orbitals(self) -> Orbitals:
        return orbitals(self.molecules)
