"""An ensemble of networks, one for each cross-validation fold; predicts without TensorFlow."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from scipy.sparse import csr_matrix

from organode.models.input_columns import InputColumns
from organode.models.network.network import NetworkSettings, forward
from organode.models.networks import Networks
from organode.utils.arrays import load_arrays, save_arrays
from organode.utils.checksums import Checked, damaged, write_checksums
from organode.utils.files import digest, write_json

DESCRIPTION = "ensemble.json"
INPUTS = "inputs.npz"
CLOSE = 1e-3  # eV; half precision is used if it changes no prediction by more than this
CHECKED = 1_024  # molecules, at most, whose predictions are compared for that


@dataclass(frozen=True)
class Member:
    """A trained network of the ensemble.

    Attributes
    ----------
    fold : int
        Validation fold of the network, on whose rows the network was not trained.
    mean, scale : float
        eV: predicted energy = output of the network × `scale` + `mean`.
    weights : list of numpy.ndarray
        Kernel and bias of each layer, in order, float32.
    """

    fold: int
    mean: float
    scale: float
    weights: list[np.ndarray]

    def predict(self, matrix: csr_matrix, dense: np.ndarray) -> np.ndarray:
        """Return the predicted energies of n molecules, eV, shape (n,).

        `matrix` holds the sparse and `dense` the dense input columns, as from
        `InputColumns.parted`.
        """
        return forward(self.weights, matrix, dense) * self.scale + self.mean


@dataclass(frozen=True)
class Ensemble(Networks):
    """The k networks that predict one target, one network for each cross-validation fold.

    Attributes
    ----------
    target : str
        ``IE`` (ionisation energy) or ``EA`` (electron affinity).
    inputs : InputColumns
        The columns of the input matrix, which is the same for all networks.
    members : list of Member
        The k trained networks.
    """

    target: str
    inputs: InputColumns
    members: list[Member]

    @property
    def folds(self) -> list[int]:
        """The validation fold of each ensemble member, in the order of `members`."""
        return [member.fold for member in self.members]

    def predict(self, matrix: csr_matrix) -> np.ndarray:
        """Return the predictions of all k ensemble members for n molecules, eV, shape (k, n).

        `matrix` is the input matrix, shape (n, n_columns), as from `InputColumns.matrix`.
        """
        parts = self.inputs.parted(matrix)
        return np.stack([member.predict(*parts) for member in self.members])

    def rounded(self, matrix: csr_matrix) -> Ensemble:
        """Return the ensemble with weights rounded to half precision, which halves its files' size.

        If the rounding changes any prediction of a member by more than `CLOSE` (0.001 eV), return
        the ensemble unchanged.

        Parameters
        ----------
        matrix : scipy.sparse.csr_matrix
            Shape (n, n_columns): input matrix of n molecules, whose predictions before and after
            the rounding are compared. At most `CHECKED` of its rows are used.
        """
        sample = matrix[:: -(-matrix.shape[0] // CHECKED)]
        members = [
            replace(member, weights=[_half(each).astype(np.float32) for each in member.weights])
            for member in self.members
        ]
        halved = replace(self, members=members)
        change = np.abs(halved.predict(sample) - self.predict(sample)).max()
        return halved if change <= CLOSE else self

    def save(self, folder: Path) -> None:
        """Write the ensemble to a folder; the same ensemble always gives the same bytes.

        The files are ``ensemble.json`` (target, settings, scaling), ``inputs.npz`` (input columns),
        ``fold-K.npz`` (weights of the member with validation fold K) and ``checksums.json``. Arrays
        of weights that half precision represents exactly are stored in half precision.
        """
        folder.mkdir(parents=True, exist_ok=True)
        names = [DESCRIPTION, INPUTS, *(_name(member.fold) for member in self.members)]
        inputs = self.inputs
        save_arrays(folder / INPUTS, [inputs.identifiers, inputs.sites, inputs.mean, inputs.scale])
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
        """Return the paths of the files of a saved ensemble, except ``checksums.json``."""
        return [folder / DESCRIPTION, folder / INPUTS, *sorted(folder.glob("fold-*.npz"))]

    @classmethod
    def digest(cls, folder: Path) -> str:
        """Return the SHA-256 of the files of the ensemble that was saved to a folder."""
        return digest(cls.files(folder))

    @classmethod
    def load(cls, folder: Path) -> Ensemble:
        """Read an ensemble from the folder to which `save` wrote it.

        Raises
        ------
        OrganodeError
            If the folder holds no complete ensemble, or a file in it is damaged.
        """
        files = Checked.of_model(folder, DESCRIPTION, "trained ensemble", "organode train")
        content = files.json(DESCRIPTION)
        try:
            settings = NetworkSettings.from_dict(content["settings"])
            inputs = InputColumns(settings, *load_arrays(files.read(INPUTS)))
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
    with np.errstate(over="ignore"):  # infinite weights change predictions by more than `CLOSE`
        return weights.astype(np.float16)


def _single(weights: list[np.ndarray]) -> list[np.ndarray]:
    return [each.astype(np.float32, copy=False) for each in weights]
