"""Training data of a target, IE or EA: the labelled molecules, their features and their folds."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.sparse import csr_matrix

from organode.artifacts import CURATED, MOLECULE_COLUMNS, OK_QUALITY, SPLITS, TARGETS
from organode.errors import OrganodeError
from organode.models.input_columns import InputColumns
from organode.models.network.network import NetworkSettings, Part
from organode.models.splits import Splits
from organode.models.stored_features import StoredFeatures
from organode.utils.code import code_digest
from organode.utils.tables import read_table


@dataclass(frozen=True)
class Labelled:
    """The n rows of the curated table that have a label of one target, IE or EA.

    Attributes
    ----------
    row, fold, label : numpy.ndarray
        Shape (n,): row number in the source data, fold (−1 for the test set), label in eV.
    beside : numpy.ndarray
        Shape (n,): label of the other target in eV, NaN where it is unknown.
    smiles : list of str
        Canonical SMILES without stereo, length n.
    positions : numpy.ndarray
        Shape (n,): position of each row in the curated table.
    features : StoredFeatures
        Features of all molecules of the curated table, also of molecules without a label of the
        target.
    flagged : numpy.ndarray of bool
        Shape (n,): whether curation marked the row as doubtful (`quality` other than ``ok``).
    """

    row: np.ndarray
    fold: np.ndarray
    label: np.ndarray
    beside: np.ndarray
    smiles: list[str]
    positions: np.ndarray
    features: StoredFeatures
    flagged: np.ndarray

    @classmethod
    def read(cls, target: str, curated: Path = CURATED, splits: Path = SPLITS) -> Labelled:
        """Read the rows with a label of the target `target`, ``IE`` or ``EA``.

        `curated` is the file of the curated table, `splits` the file of the folds and the test set.
        The features are read from the files that the pipeline stage `featurize` wrote.

        Raises
        ------
        OrganodeError
            If `splits` does not have the same rows as the curated table, or if a fold or the test
            set has no row with a label of the target.
        """
        table = read_table(curated, [*MOLECULE_COLUMNS, "quality"], "curate")
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
            table[next(name for name in TARGETS if name != target)].to_numpy(float)[has],
            table.loc[has, "smiles"].tolist(),
            np.flatnonzero(has),
            StoredFeatures.read(len(table)),
            (table["quality"] != OK_QUALITY).to_numpy()[has],
        )

    @property
    def n_folds(self) -> int:
        """Number of cross-validation folds."""
        return int(self.fold.max()) + 1

    def inputs(self, settings: NetworkSettings) -> InputColumns:
        """Choose the columns of the networks' input matrix, without regard to the test set."""
        return InputColumns.choose(settings, self.features, self.positions[self.fold >= 0])

    def matrix(self, inputs: InputColumns) -> csr_matrix:
        """Return the networks' input matrix for the n labelled rows, shape (n, n_columns)."""
        return inputs.matrix(self.features)[self.positions]

    def parts(self, matrix: csr_matrix, fold: int, *, joint: bool) -> tuple[Part, Part]:
        """Return training rows and validation rows of the network with validation fold `fold`.

        Parameters
        ----------
        matrix : scipy.sparse.csr_matrix
            Shape (n, n_columns): the networks' input matrix, as the method `matrix` returns it.
        fold : int
            The validation fold. The test set is in neither part.
        joint : bool
            Whether to add the labels of the other target as a second column. The column is left out
            if no training row has a label of the other target.

        Returns
        -------
        train, valid : tuple of (scipy.sparse.csr_matrix, numpy.ndarray)
            Inputs, and labels in eV of shape (m, 1) or (m, 2), for the m rows of each part.
        """
        valid = self.fold == fold
        train = (self.fold >= 0) & ~valid
        labels = self.label[:, None]
        if joint and np.isfinite(self.beside[train]).any():
            labels = np.column_stack([self.label, self.beside])
        return (matrix[train], labels[train]), (matrix[valid], labels[valid])

    def digest(self) -> str:
        """Return the SHA-256 of the training data and of the code that trains.

        The data are row numbers, structures, folds, labels and features. An unfinished search or
        training is resumed only if the digest has not changed since.
        """
        total = hashlib.sha256("\n".join(self.smiles).encode())
        total.update(code_digest(__name__, "organode.models.network.folds").encode())
        unfolded = self.features.unfolded
        for array in (
            self.row,
            self.fold,
            self.label,
            self.beside,
            self.positions,
            self.features.descriptors,
            unfolded.molecule,
            unfolded.radius,
            unfolded.identifier,
            unfolded.count,
            unfolded.density,
        ):
            total.update(np.ascontiguousarray(array).tobytes())
        return total.hexdigest()
