"""What a network reads: from molecules, or from their stored features, to its input columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np
from rdkit import Chem
from scipy.sparse import csr_matrix, hstack

from organode.chem.fingerprint import Environments, environments, fold, unfold
from organode.chem.orbitals import orbitals
from organode.network import NetworkSettings

SHARED = 2  # molecules that have an environment, for it to get a column of its own
FURTHEST = 6.0  # standard deviations: a stranger's descriptor counts as no further out


class Described(Protocol):
    """n molecules as networks may read them."""

    @property
    def n(self) -> int:
        """Return the number of molecules."""

    def environments(self, radius: int) -> Environments:
        """Return the Morgan environments up to `radius`."""

    @property
    def orbitals(self) -> np.ndarray:
        """Return the orbital descriptors, shape (n, d)."""


class Molecules:
    """Molecules, described as networks ask for it; nothing is computed twice."""

    def __init__(self, molecules: Sequence[Chem.Mol]) -> None:
        self.molecules = molecules
        self.n = len(molecules)
        self._environments: dict[int, Environments] = {}

    def environments(self, radius: int) -> Environments:
        """Return the Morgan environments up to `radius`."""
        if radius not in self._environments:
            self._environments[radius] = environments(self.molecules, radius)
        return self._environments[radius]

    @cached_property
    def orbitals(self) -> np.ndarray:
        """Return the orbital descriptors, shape (n, d)."""
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
    mean, scale : numpy.ndarray
        Shape (d,), of the orbital descriptors; empty where there are none.
    """

    settings: NetworkSettings
    identifiers: np.ndarray
    mean: np.ndarray
    scale: np.ndarray

    @classmethod
    def choose(cls, settings: NetworkSettings, described: Described, rows: np.ndarray) -> Inputs:
        """Choose columns by the molecules that may be learned from.

        Parameters
        ----------
        settings : NetworkSettings
            Which features.
        described : Described
            n molecules.
        rows : numpy.ndarray
            Which of them may be learned from; the outer test rows are not among them.
        """
        identifiers = np.empty(0, np.uint32)
        if not settings.n_bits:
            found = described.environments(settings.radius)
            learned = np.isin(found.molecule, rows)
            values, counts = np.unique(found.identifier[learned], return_counts=True)
            identifiers = values[counts >= SHARED]
        mean = scale = np.empty(0)
        if settings.orbitals:
            learned_from = described.orbitals[rows]
            mean, scale = learned_from.mean(axis=0), learned_from.std(axis=0)
            scale[scale < 1e-6] = 1.0
        return cls(settings, identifiers, mean, scale)

    def matrix(self, described: Described) -> csr_matrix:
        """Return the input, shape (n, n_columns), float32."""
        found = described.environments(self.settings.radius)
        counts = self.settings.counts
        if self.settings.n_bits:
            matrix = fold(found, described.n, self.settings.n_bits, counts=counts)
        else:
            matrix = unfold(found, described.n, self.identifiers, counts=counts)
        if self.settings.orbitals:
            scaled = (described.orbitals - self.mean) / self.scale
            dense = np.clip(scaled, -FURTHEST, FURTHEST).astype(np.float32)
            matrix = hstack([matrix, csr_matrix(dense)], format="csr")
        return matrix
