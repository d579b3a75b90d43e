"""What a network reads: from molecules, or from their stored features, to its input columns."""

from __future__ import annotations

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from rdkit import Chem
from scipy.sparse import csr_matrix, hstack

from organode.chem.composition import Composition
from organode.chem.fingerprint import ORBITALS, Environments, environments, fold, unfold
from organode.chem.orbitals import Orbitals, orbitals
from organode.chem.similarity import RADIUS, Nearest, nearest, packed
from organode.lazy import lazy
from organode.network import NetworkSettings

SHARED = 2  # molecules that have an environment, for it to get a column of its own
SITE = 1  # bonds: the radius up to which environments say where an orbital is
FURTHEST = 6.0  # standard deviations: a stranger's descriptor counts as no further out


class Learnable(Protocol):
    """n molecules as networks may read them."""

    @property
    def n(self) -> int:
        """Return the number of molecules."""

    def environments(self, radius: int) -> Environments:
        """Return the Morgan environments up to `radius`."""

    @property
    def descriptors(self) -> np.ndarray:
        """Return the orbital descriptors, shape (n, d)."""


class Described(Learnable, Protocol):
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


@dataclass(frozen=True)
class Inputs:
    """The columns of one network's input.

    Attributes
    ----------
    settings : NetworkSettings
        Which features they are.
    identifiers : numpy.ndarray
        Shape (c,), uint32, rising: the environments that have a column; empty where the
        fingerprint is folded.
    sites : numpy.ndarray
        Shape (s,), uint32, rising: the environments up to `SITE` that have a column for each
        orbital's density; empty where orbitals are not read.
    mean, scale : numpy.ndarray
        Shape (d,), of the orbital descriptors; empty where orbitals are not read.
    """

    settings: NetworkSettings
    identifiers: np.ndarray
    sites: np.ndarray
    mean: np.ndarray
    scale: np.ndarray

    @classmethod
    def choose(cls, settings: NetworkSettings, described: Learnable, rows: np.ndarray) -> Inputs:
        """Choose columns by the molecules that may be learned from.

        Parameters
        ----------
        settings : NetworkSettings
            Which features.
        described : Learnable
            n molecules.
        rows : numpy.ndarray
            Which of them may be learned from; the outer test rows are not among them.
        """
        identifiers = sites = np.empty(0, np.uint32)
        mean = scale = np.empty(0)
        found = _found(settings, described)
        if not settings.n_bits:
            identifiers = _shared(found.up_to(settings.radius), rows)
        if settings.orbitals:
            sites = _shared(found.up_to(SITE), rows)
            learned_from = described.descriptors[rows]
            mean, scale = learned_from.mean(axis=0), learned_from.std(axis=0)
            scale[scale < 1e-6] = 1.0
        return cls(settings, identifiers, sites, mean, scale)

    def matrix(self, described: Learnable) -> csr_matrix:
        """Return the input, shape (n, n_columns), float32."""
        n, settings = described.n, self.settings
        found = _found(settings, described)
        written = found.up_to(settings.radius)
        if settings.n_bits:
            matrix = fold(written, n, settings.n_bits, counts=settings.counts)
        else:
            matrix = unfold(written, n, self.identifiers, counts=settings.counts)
        if not settings.orbitals:
            return matrix
        near = found.up_to(SITE)
        densities = [unfold(near, n, self.sites, orbital=number) for number in range(ORBITALS)]
        scaled = (described.descriptors - self.mean) / self.scale
        dense = np.clip(scaled, -FURTHEST, FURTHEST).astype(np.float32)
        return hstack([matrix, *densities, csr_matrix(dense)], format="csr")


def _found(settings: NetworkSettings, described: Learnable) -> Environments:
    return described.environments(max(settings.radius, SITE if settings.orbitals else 0))


def _shared(found: Environments, rows: np.ndarray) -> np.ndarray:
    """Return the environments that enough of the molecules `rows` have."""
    learned = np.isin(found.molecule, rows)
    values, counts = np.unique(found.identifier[learned], return_counts=True)
    return values[counts >= SHARED]
