"""A student: one small network that was trained to predict what an ensemble predicts.

This is knowledge distillation: Hinton, Vinyals and Dean, arXiv 1503.02531 (2015). The student
learns the prediction of every member of the ensemble, for molecules whose labels need not be known.
Its outputs thus have the mean and the spread of the members' predictions, and the ensemble's error
bars and laboratory scale apply to the student too.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from scipy.sparse import csr_matrix

from organode.models.ensemble import Ensemble
from organode.models.input_columns import InputColumns
from organode.models.network.network import NetworkSettings, outputs
from organode.models.networks import Networks
from organode.utils.arrays import load_arrays, save_arrays
from organode.utils.checksums import Checked, damaged, write_checksums
from organode.utils.files import write_json

DESCRIPTION = "student.json"
ARRAYS = "student.npz"
N_INPUTS = 4  # arrays that describe the input columns, before the weights


@dataclass(frozen=True)
class Student(Networks):
    """A network with one output for each member of the ensemble whose predictions it learned.

    Attributes
    ----------
    target : str
        ``IE`` (ionisation energy) or ``EA`` (electron affinity).
    inputs : InputColumns
        The columns of the input matrix, the same as for the ensemble.
    members : tuple of int
        For each output the validation fold of the ensemble member whose prediction the output is
        to reproduce.
    weights : list of numpy.ndarray
        Kernel and bias of each layer, in order, float32. The outputs are energies in eV.
    """

    target: str
    inputs: InputColumns
    members: tuple[int, ...]
    weights: list[np.ndarray]

    @property
    def folds(self) -> tuple[int, ...]:
        """For each output the validation fold of the ensemble member that the output imitates."""
        return self.members

    @classmethod
    def taught(
        cls,
        ensemble: Ensemble,
        settings: NetworkSettings,
        weights: list[np.ndarray],
        mean: np.ndarray,
        scale: np.ndarray,
    ) -> Student:
        """Make a student from a network that was trained on an ensemble's predictions.

        Kernels are rounded to half precision, in which `save` stores them.

        Parameters
        ----------
        ensemble : Ensemble
            The ensemble of k members whose predictions the network learned.
        settings : NetworkSettings
            Settings of the student.
        weights : list of numpy.ndarray
            Kernel and bias of each layer of the network, which has k outputs.
        mean, scale : numpy.ndarray
            Shape (k,), eV: prediction of member j = output j × `scale[j]` + `mean[j]`.
        """
        *below, kernel, bias = weights
        of_energies = [*below, kernel * scale, bias * scale + mean]
        rounded = [
            (each.astype(np.float16) if each.ndim > 1 else each).astype(np.float32)
            for each in of_energies
        ]
        inputs = replace(ensemble.inputs, settings=settings)
        return cls(ensemble.target, inputs, tuple(ensemble.folds), rounded)

    def predict(self, matrix: csr_matrix) -> np.ndarray:
        """Return k energies of each of n molecules, one for each ensemble member, eV, shape (k, n).

        `matrix` is the input matrix, shape (n, n_columns), as from `InputColumns.matrix`.
        """
        return outputs(self.weights, *self.inputs.parted(matrix)).T

    def save(self, folder: Path) -> None:
        """Write the student to a folder; the same student always gives the same bytes.

        The files are ``student.json`` (target, settings), ``student.npz`` (input columns, weights)
        and ``checksums.json``.
        """
        folder.mkdir(parents=True, exist_ok=True)
        inputs = [self.inputs.identifiers, self.inputs.sites, self.inputs.mean, self.inputs.scale]
        halves = [each.astype(np.float16) if each.ndim > 1 else each for each in self.weights]
        save_arrays(folder / ARRAYS, [*inputs, *halves])
        write_json(
            folder / DESCRIPTION,
            {
                "target": self.target,
                "unit": "eV",
                "settings": self.settings.as_dict(),
                "folds": self.folds,
            },
        )
        write_checksums(folder, [DESCRIPTION, ARRAYS])

    @staticmethod
    def files(folder: Path) -> list[Path]:
        """Return the paths of the files of a saved student, except ``checksums.json``."""
        return [folder / DESCRIPTION, folder / ARRAYS]

    @classmethod
    def load(cls, folder: Path) -> Student:
        """Read the student from the folder to which `save` wrote it.

        Raises
        ------
        OrganodeError
            If the folder holds no student, or a file in it is damaged.
        """
        files = Checked.of_model(folder, DESCRIPTION, "student", "organode package")
        content = files.json(DESCRIPTION)
        try:
            settings = NetworkSettings.from_dict(content["settings"])
            arrays = load_arrays(files.read(ARRAYS))
            inputs = InputColumns(settings, *arrays[:N_INPUTS])
            weights = [each.astype(np.float32) for each in arrays[N_INPUTS:]]
            return cls(content["target"], inputs, tuple(content["folds"]), weights)
        except (ValueError, KeyError, TypeError) as error:
            raise damaged(folder, files.remedy) from error
