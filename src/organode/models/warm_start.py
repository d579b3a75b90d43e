"""Start the training for a table of labels from the networks of an earlier model.

The networks of an earlier model know much chemistry that labels by another method share. They need
far fewer labels than new networks: what differs is mostly the zero and the scale of the energies,
which a line corrects before the training goes on.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from rdkit import Chem
from scipy.sparse import csr_matrix

from organode.chem.features import NetworkFeatures
from organode.chem.similarity import packed_bits
from organode.models.ensemble import Ensemble
from organode.models.input_columns import InputColumns
from organode.models.network.network import NetworkSettings, Part, forward
from organode.models.networks import Networks
from organode.models.student import Student
from organode.utils.code import code_digest

# Of the training that goes on; chosen with the packaged model for 50 to 5,000 molecules of the
# Materials Project.
STEPS, EPOCHS = 500, 12  # at least
BATCH = 64
LEARNING_RATE = 5e-4
FEW = 10  # molecules; for fewer, only the zero of the energies is corrected
SLOPES = 0.5, 2.0  # limits of the line's slope


@dataclass(frozen=True)
class WarmStart:
    """The networks of an earlier model, from which a training goes on.

    Attributes
    ----------
    name : str
        Name of the earlier model, for parameters of runs.
    networks : Ensemble or Student
        The networks of one target.
    known : numpy.ndarray
        Shape (m, 32), uint64: Morgan fingerprints of the m molecules that the model was trained
        on, as `organode.chem.similarity.packed_bits` makes them.
    """

    name: str
    networks: Ensemble | Student
    known: np.ndarray

    @classmethod
    def of(cls, name: str, networks: Networks, known: np.ndarray) -> WarmStart:
        """Start from the networks of a model; the parameters are the attributes."""
        assert isinstance(networks, Ensemble | Student)  # there are no others
        return cls(name, networks, known)

    @property
    def settings(self) -> NetworkSettings:
        """Settings of the training: inputs and widths of the earlier networks."""
        return replace(
            self.networks.settings,
            joint=False,
            loss="huber",
            protocol="organode",
            dropout=0.0,
            l2=0.0,
            learning_rate=LEARNING_RATE,
            batch_size=BATCH,
        )

    def n_known(self, smiles: Sequence[str]) -> int:
        """Return how many of some molecules the earlier model seems to have been trained on.

        Those are counted whose fingerprint is that of a training molecule.
        """
        known = {each.tobytes() for each in self.known}
        bits = packed_bits([Chem.MolFromSmiles(each) for each in smiles])
        return sum(each.tobytes() in known for each in bits)

    def epochs(self, rows: int, least: int) -> int:
        """Return for how many epochs a network is trained on `rows` molecules; at least `least`."""
        return max(least, EPOCHS, -(-STEPS // max(1, -(-rows // BATCH))))

    def inputs(self, features: NetworkFeatures, rows: np.ndarray) -> InputColumns:
        """Return the earlier networks' input columns, and one for each new environment.

        Parameters
        ----------
        features : NetworkFeatures
            Features of n molecules.
        rows : numpy.ndarray
            Positions of the training molecules among the n molecules, without the test set.
        """
        earlier = self.networks.inputs
        own = InputColumns.choose(self.settings, features, rows)
        return replace(
            earlier,
            settings=self.settings,
            identifiers=np.union1d(earlier.identifiers, own.identifiers),
        )

    def weights(self, fold: int, inputs: InputColumns, train: Part) -> list[np.ndarray]:
        """Return the weights from which the network of a validation fold goes on.

        Parameters
        ----------
        fold : int
            The validation fold.
        inputs : InputColumns
            The columns of the network's input matrix, from the method `inputs`.
        train : tuple of (scipy.sparse.csr_matrix, numpy.ndarray)
            Training molecules: inputs, and labels in eV, whose first column is the target's.

        Returns
        -------
        list of numpy.ndarray
            Kernel and bias of each layer. The output is an energy in eV, corrected to the labels
            by a line or, for fewer than `FEW` labels, by a constant.
        """
        kernel, *rest = self._of_energies(fold)
        weights = [self._placed(kernel, inputs), *rest]
        slope, constant = _line(_energies(weights, inputs, train[0]), train[1][:, 0])
        weights[-2], weights[-1] = weights[-2] * slope, weights[-1] * slope + constant
        return [each.astype(np.float32) for each in weights]

    def digest(self) -> str:
        """Return the SHA-256 of the networks and of the code that goes on from them."""
        inputs = self.networks.inputs
        total = hashlib.sha256(code_digest(__name__).encode())
        for each in (inputs.identifiers, inputs.sites, inputs.mean, inputs.scale):
            total.update(np.ascontiguousarray(each).tobytes())
        for fold in self.networks.folds:
            for each in self._of_energies(fold):
                total.update(np.ascontiguousarray(each).tobytes())
        return total.hexdigest()

    def _of_energies(self, fold: int) -> list[np.ndarray]:
        """Return the weights of an earlier network, with an output in eV."""
        place = fold % len(self.networks.folds)
        if isinstance(self.networks, Student):
            *below, kernel, bias = self.networks.weights
            return [*below, kernel[:, [place]], bias[[place]]]
        member = self.networks.members[place]
        *below, kernel, bias = member.weights
        return [*below, kernel * member.scale, bias * member.scale + member.mean]

    def _placed(self, kernel: np.ndarray, inputs: InputColumns) -> np.ndarray:
        """Return the first kernel with a row for each of the new input columns; new rows are 0."""
        earlier = self.networks.inputs
        new = np.searchsorted(inputs.identifiers, earlier.identifiers)
        added = len(inputs.identifiers) - len(earlier.identifiers)
        placed = np.zeros((len(kernel) + added, kernel.shape[1]), np.float32)
        placed[new] = kernel[: len(new)]
        placed[len(inputs.identifiers) :] = kernel[len(new) :]
        return placed


def _energies(weights: list[np.ndarray], inputs: InputColumns, matrix: csr_matrix) -> np.ndarray:
    return forward(weights, *inputs.parted(matrix))


def _line(predicted: np.ndarray, label: np.ndarray) -> tuple[float, float]:
    """Return slope and constant of the least-squares line from predicted to known energies, eV."""
    if len(label) < FEW or np.ptp(predicted) == 0:
        return 1.0, float(np.mean(label - predicted))
    slope = float(np.clip(np.polyfit(predicted, label, 1)[0], *SLOPES))
    return slope, float(np.mean(label - slope * predicted))
