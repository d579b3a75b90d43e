"""The k-fold ensemble: the one object that predicts. Plain arrays, no TensorFlow needed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from scipy.sparse import csr_matrix

from organode.models.inputs import Inputs
from organode.models.network.network import NetworkSettings, forward
from organode.utils.arrays import load_arrays, save_arrays
from organode.utils.checksums import Checked, damaged, write_checksums
from organode.utils.files import digest, write_json

DESCRIPTION = "ensemble.json"
INPUTS = "inputs.npz"
CLOSE = 1e-3  # eV, by which half precision may move a prediction
CHECKED = 4_096  # molecules


@dataclass(frozen=True)
class Member:
    """One trained network: the network of fold `fold` has not seen that fold's rows."""

    fold: int
    mean: float
    scale: float
    weights: list[np.ndarray]

    def predict(self, matrix: csr_matrix, dense: np.ndarray) -> np.ndarray:
        """Return predictions in eV, shape (n,), from all columns but the last, and those."""
        return forward(self.weights, matrix, dense) * self.scale + self.mean


@dataclass(frozen=True)
class Ensemble:
    """All members of one target and the input that they read."""

    target: str
    inputs: Inputs
    members: list[Member]

    @property
    def settings(self) -> NetworkSettings:
        """Features and network of every member."""
        return self.inputs.settings

    def predict(self, matrix: csr_matrix) -> np.ndarray:
        """Return every member's prediction in eV, shape (k, n), for inputs (n, n_columns)."""
        sparse = matrix.shape[1] - len(self.inputs.mean)
        parts = matrix[:, :sparse], matrix[:, sparse:].toarray()
        return np.stack([member.predict(*parts) for member in self.members])

    def out_of_fold(self, predictions: np.ndarray, fold: np.ndarray) -> np.ndarray:
        """Return each row's prediction by the member that had not seen it.

        Parameters
        ----------
        predictions : numpy.ndarray
            Shape (k, n), as `predict` gives them.
        fold : numpy.ndarray
            Shape (n,), −1 for rows that no member has seen.

        Returns
        -------
        numpy.ndarray
            Shape (n,), eV; NaN for rows of no fold.
        """
        prediction = np.full(predictions.shape[1], np.nan)
        for member, of_member in zip(self.members, predictions, strict=True):
            prediction[fold == member.fold] = of_member[fold == member.fold]
        return prediction

    def rounded(self, matrix: csr_matrix) -> Ensemble:
        """Return the ensemble with weights of half precision, which take half of the space.

        Where that moves a prediction of any member by more than `CLOSE`, this one is returned.

        Parameters
        ----------
        matrix : scipy.sparse.csr_matrix
            Inputs, shape (n, n_columns); some of the molecules are predicted to compare.
        """
        some = matrix[:: -(-matrix.shape[0] // CHECKED)]
        members = [
            replace(member, weights=[_half(each).astype(np.float32) for each in member.weights])
            for member in self.members
        ]
        halved = replace(self, members=members)
        moved = np.abs(halved.predict(some) - self.predict(some)).max()
        return halved if moved <= CLOSE else self

    def save(self, folder: Path) -> None:
        """Write description, inputs, a `fold-K.npz` a member, checksums: always the same bytes.

        Weights that are numbers of half precision are stored as such.
        """
        folder.mkdir(parents=True, exist_ok=True)
        names = [DESCRIPTION, INPUTS, *(_name(member.fold) for member in self.members)]
        chosen = self.inputs
        save_arrays(folder / INPUTS, [chosen.identifiers, chosen.sites, chosen.mean, chosen.scale])
        for member in self.members:
            halves = [_half(each) for each in member.weights]
            stored = [
                half if np.array_equal(half, each) else each
                for half, each in zip(halves, member.weights, strict=True)
            ]
            save_arrays(folder / _name(member.fold), stored)
        write_json(
            folder / DESCRIPTION,
            {
                "target": self.target,
                "unit": "eV",
                "settings": self.settings.as_dict(),
                "members": [
                    {"fold": member.fold, "mean": member.mean, "scale": member.scale}
                    for member in self.members
                ],
            },
        )
        write_checksums(folder, names)

    @staticmethod
    def files(folder: Path) -> list[Path]:
        """Return the files that a saved ensemble consists of."""
        return [folder / DESCRIPTION, folder / INPUTS, *sorted(folder.glob("fold-*.npz"))]

    @classmethod
    def digest(cls, folder: Path) -> str:
        """Return the SHA-256 of a saved ensemble."""
        return digest(cls.files(folder))

    @classmethod
    def load(cls, folder: Path) -> Ensemble:
        """Read what `save` wrote.

        Raises
        ------
        OrganodeError
            If the folder is not a complete ensemble, or a file in it is damaged.
        """
        files = Checked.of_model(folder, DESCRIPTION, "trained ensemble", "organode train")
        content = files.json(DESCRIPTION)
        try:
            settings = NetworkSettings.from_dict(content["settings"])
            inputs = Inputs(settings, *load_arrays(files.read(INPUTS)))
            members = [
                Member(**member, weights=_single(load_arrays(files.read(_name(member["fold"])))))
                for member in content["members"]
            ]
            return cls(content["target"], inputs, members)
        except (ValueError, KeyError, TypeError) as error:
            raise damaged(folder, files.remedy) from error


def _name(fold: int) -> str:
    return f"fold-{fold}.npz"


def _half(weights: np.ndarray) -> np.ndarray:
    with np.errstate(over="ignore"):  # infinite then, which moves predictions by too much
        return weights.astype(np.float16)


def _single(weights: list[np.ndarray]) -> list[np.ndarray]:
    return [each.astype(np.float32, copy=False) for each in weights]
