"""One target's labelled rows with their fingerprints and folds: what learning works on."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.sparse import csr_matrix

from organode import network
from organode.chem import fingerprint
from organode.curate import COLUMNS, CURATED, OK
from organode.errors import OrganodeError
from organode.featurize import FEATURES, Features
from organode.network import NetworkSettings
from organode.split import SPLITS, Splits
from organode.tables import read_table

Part = tuple[csr_matrix, np.ndarray]


@dataclass(frozen=True)
class Labelled:
    """The n rows that carry a label of one target.

    Attributes
    ----------
    row, fold, label : numpy.ndarray
        Shape (n,): source row, fold (−1 for outer rows), label in eV.
    smiles : list of str
        Length n.
    positions : numpy.ndarray
        Shape (n,): where each row stands in the curated table.
    features : Features
        Of the whole curated table.
    flagged : numpy.ndarray of bool
        Shape (n,): curation found something that speaks against the row.
    """

    row: np.ndarray
    fold: np.ndarray
    label: np.ndarray
    smiles: list[str]
    positions: np.ndarray
    features: Features
    flagged: np.ndarray

    @classmethod
    def read(
        cls, target: str, curated: Path = CURATED, splits: Path = SPLITS, features: Path = FEATURES
    ) -> Labelled:
        """Read the curated table, its splits and its features.

        Raises
        ------
        OrganodeError
            If they do not belong together, or a fold has no row with this target's label.
        """
        table = read_table(curated, [*COLUMNS, "quality"], "curate")
        membership = Splits.read(splits)
        if not np.array_equal(membership.row, table["row"].to_numpy()):
            raise OrganodeError(f"{splits} belongs to another {curated}: run `organode split`")
        has = table[target].notna().to_numpy()
        fold = membership.fold[has]
        present = set(fold.tolist())
        if not {-1, *range(membership.n_folds)} <= present:
            raise OrganodeError(
                f"only {int(has.sum())} rows have a label {target}, too few for every fold: "
                f"remove {target} from 'targets' in params.yaml, or bring labels for it"
            )
        return cls(
            table["row"].to_numpy()[has],
            fold,
            table[target].to_numpy(float)[has],
            table.loc[has, "smiles"].tolist(),
            np.flatnonzero(has),
            Features.read(len(table), features),
            (table["quality"] != OK).to_numpy()[has],
        )

    @property
    def n_folds(self) -> int:
        """Number of folds."""
        return int(self.fold.max()) + 1

    def parts(self, fingerprints: csr_matrix, fold: int) -> tuple[Part, Part]:
        """Return what a network of `fold` trains on and what it has not seen.

        Parameters
        ----------
        fingerprints : scipy.sparse.csr_matrix
            Shape (n, n_bits), as `matrix` gives them.
        fold : int
            The fold to hold out; the outer rows are in neither part.

        Returns
        -------
        train, valid : tuple of (scipy.sparse.csr_matrix, numpy.ndarray)
            Fingerprints and labels in eV.
        """
        valid = self.fold == fold
        train = (self.fold >= 0) & ~valid
        return (
            (fingerprints[train], self.label[train]),
            (fingerprints[valid], self.label[valid]),
        )

    def digest(self) -> str:
        """Return the SHA-256 of what a network learns from, and of the code that learns.

        Rows, structures, folds and labels; fingerprints and network. Unfinished work of
        another digest is not gone on with.
        """
        total = hashlib.sha256("\n".join(self.smiles).encode())
        for module in (fingerprint, network):
            total.update(Path(str(module.__file__)).read_bytes())
        for array in (self.row, self.fold, self.label):
            total.update(np.ascontiguousarray(array).tobytes())
        return total.hexdigest()

    def matrix(self, settings: NetworkSettings) -> csr_matrix:
        """Return the fingerprints that `settings` ask for, shape (n, n_bits)."""
        whole = self.features.matrix(settings.radius, settings.n_bits, counts=settings.counts)
        return whole[self.positions]
