"""The columns of a network's input matrix, computed from the features of molecules."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_matrix, hstack

from organode.chem.features import NetworkFeatures
from organode.chem.fingerprint import ORBITALS, Environments, fold, sparse_rows, unfold
from organode.models.network.network import NetworkSettings

SHARED = 2  # training molecules that must have an environment before it gets a column
SITE = 1  # bonds: environments up to this radius get columns for the density of orbitals on them
FURTHEST = 6.0  # standard deviations: descriptors of unusual molecules are clipped to ± this


@dataclass(frozen=True)
class InputColumns:
    """The columns of a network's input matrix.

    Attributes
    ----------
    settings : NetworkSettings
        Settings that say which features are used.
    identifiers : numpy.ndarray
        Shape (c,), uint32, sorted ascending: identifiers of the Morgan environments, each of which
        has a column; empty if the fingerprint is folded.
    sites : numpy.ndarray
        Shape (s,), uint32, sorted ascending: identifiers of the environments up to radius `SITE`
        that have a column for the density of each frontier orbital on the environment; empty if
        orbitals are not used.
    mean, scale : numpy.ndarray
        Shape (d,): mean and standard deviation of the orbital descriptors of the training
        molecules; empty if orbitals are not used.
    """

    settings: NetworkSettings
    identifiers: np.ndarray
    sites: np.ndarray
    mean: np.ndarray
    scale: np.ndarray

    @classmethod
    def choose(
        cls, settings: NetworkSettings, features: NetworkFeatures, rows: np.ndarray
    ) -> InputColumns:
        """Choose the columns by what occurs in the training molecules.

        Parameters
        ----------
        settings : NetworkSettings
            Settings that say which features are used.
        features : NetworkFeatures
            Features of n molecules.
        rows : numpy.ndarray
            Positions of the training molecules among the n molecules, without the test set.
        """
        identifiers = sites = np.empty(0, np.uint32)
        mean = scale = np.empty(0)
        environments = _environments(settings, features)
        if not settings.n_bits:
            identifiers = _shared(environments.up_to(settings.radius), rows)
        if settings.orbitals:
            sites = _shared(environments.up_to(SITE), rows)
            descriptors = features.descriptors[rows]
            mean, scale = descriptors.mean(axis=0), descriptors.std(axis=0)
            scale[scale < 1e-6] = 1.0
        return cls(settings, identifiers, sites, mean, scale)

    def matrix(self, features: NetworkFeatures) -> csr_matrix:
        """Return the input matrix of n molecules, shape (n, n_columns), float32."""
        n, settings = features.n, self.settings
        environments = _environments(settings, features)
        in_fingerprint = environments.up_to(settings.radius)
        if settings.n_bits:
            matrix = fold(in_fingerprint, n, settings.n_bits, counts=settings.counts)
        else:
            matrix = unfold(in_fingerprint, n, self.identifiers, counts=settings.counts)
        if not settings.orbitals:
            return matrix
        at_sites = environments.up_to(SITE)
        densities = [unfold(at_sites, n, self.sites, orbital=number) for number in range(ORBITALS)]
        scaled = (features.descriptors - self.mean) / self.scale
        dense = np.clip(scaled, -FURTHEST, FURTHEST).astype(np.float32)
        return hstack([matrix, *densities, sparse_rows(dense)], format="csr")

    def parted(self, matrix: csr_matrix) -> tuple[csr_matrix, np.ndarray]:
        """Split an input matrix into the sparse columns and the columns of the orbital descriptors.

        The descriptors, which are the last columns, are returned as a dense array.
        """
        sparse = matrix.shape[1] - len(self.mean)
        return matrix[:, :sparse], matrix[:, sparse:].toarray()


def _environments(settings: NetworkSettings, features: NetworkFeatures) -> Environments:
    return features.environments(max(settings.radius, SITE if settings.orbitals else 0))


def _shared(environments: Environments, rows: np.ndarray) -> np.ndarray:
    """Return the sorted identifiers of environments that at least `SHARED` of `rows` have.

    `rows` holds the indices of molecules.
    """
    chosen = np.isin(environments.molecule, rows)
    values, counts = np.unique(environments.identifier[chosen], return_counts=True)
    return values[counts >= SHARED]
