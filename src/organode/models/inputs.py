"""The input columns of a network, from molecules or from their stored features."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_matrix, hstack

from organode.chem.features import NetworkFeatures
from organode.chem.fingerprint import ORBITALS, Environments, fold, unfold
from organode.models.network.network import NetworkSettings

SHARED = 2  # molecules that have an environment, for it to get a column of its own
SITE = 1  # bonds: the radius up to which environments say where an orbital is
FURTHEST = 6.0  # standard deviations: a stranger's descriptor counts as no further out


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
    def choose(
        cls, settings: NetworkSettings, described: NetworkFeatures, rows: np.ndarray
    ) -> Inputs:
        """Choose columns by the molecules that may be learned from.

        Parameters
        ----------
        settings : NetworkSettings
            Which features.
        described : NetworkFeatures
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

    def matrix(self, described: NetworkFeatures) -> csr_matrix:
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


def _found(settings: NetworkSettings, described: NetworkFeatures) -> Environments:
    return described.environments(max(settings.radius, SITE if settings.orbitals else 0))


def _shared(found: Environments, rows: np.ndarray) -> np.ndarray:
    """Return the environments that enough of the molecules `rows` have."""
    learned = np.isin(found.molecule, rows)
    values, counts = np.unique(found.identifier[learned], return_counts=True)
    return values[counts >= SHARED]
