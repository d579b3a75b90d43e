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
    """n molecules as networks may read them."""

    @property
    def n(self) -> int:
        """Return the number of molecules."""

    def environments(self, radius: int) -> Environments:
        """Return the Morgan environments up to `radius`."""

    @property
    def descriptors(self) -> np.ndarray:
        """Return the orbital descriptors, shape (n, d)."""


class ModelFeatures(NetworkFeatures, Protocol):
    """n molecules as a whole model, with its error bars, may read them."""

    @property
    def composition(self) -> Composition:
        """Return what they consist of."""

    @property
    def bits(self) -> np.ndarray:
        """Return `packed_bits`, shape (n, words)."""

    def nearest(self, known: np.ndarray, k: int) -> Nearest:
        """Return the k known molecules most similar to each; known: `packed_bits`, shape (m, w)."""


class Compared(ABC):
    """Molecules that are compared with known ones."""

    def __init__(self) -> None:
        self._nearest: dict[tuple[str, int], Nearest] = {}

    @property
    @abstractmethod
    def bits(self) -> np.ndarray:
        """Return `packed_bits`, shape (n, words)."""

    def nearest(self, known: np.ndarray, k: int) -> Nearest:
        """Return the k known molecules most similar to each; known: `packed_bits`, shape (m, w)."""
        key = (hashlib.sha256(known.data).hexdigest(), k)  # of both targets they are the same
        if key not in self._nearest:
            self._nearest[key] = nearest(self.bits, known, k)
        return self._nearest[key]


class Molecules(Compared):
    """Molecules, described as networks ask for it; nothing is computed twice."""

    def __init__(self, molecules: Sequence[Chem.Mol]) -> None:
        self.molecules = molecules
        self.n = len(molecules)
        self._environments: dict[int, Environments] = {}
        super().__init__()

    def environments(self, radius: int) -> Environments:
        """Return the Morgan environments up to `radius`."""
        described = max(radius, RADIUS)
        if described not in self._environments:
            self._environments[described] = environments(self.molecules, described, self.densities)
        return self._environments[described].up_to(radius)

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
        """Return the densities of each molecule's frontier orbitals, shape (n_atoms, 2)."""
        return self._orbitals.densities

    @lazy
    def composition(self) -> Composition:
        """Return what the molecules consist of."""
        return Composition.of(self.molecules)

    @lazy
    def _orbitals(self) -> Orbitals:
        return orbitals(self.molecules)
