"""Start the training for a table of labels from the networks of an earlier model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from rdkit import Chem

from organode.chem.similarity import packed_bits
from organode.models.ensemble import Ensemble
from organode.models.input_columns import InputColumns
from organode.models.network.network import NetworkSettings
from organode.models.networks import Networks
from organode.models.start import Start, one_output
from organode.models.student import Student

# Of the training that goes on; chosen with the packaged model for 50 to 5,000 molecules of the
# Materials Project.
STEPS, EPOCHS = 500, 12  # at least
BATCH = 64
LEARNING_RATE = 5e-4


@dataclass(frozen=True)
class WarmStart(Start):
    """The networks of an earlier model, from which a training goes on.

    Attributes
    ----------
    title : str
        Name of the earlier model.
    earlier : Ensemble or Student
        The networks of one target.
    known : numpy.ndarray
        Shape (m, 32), uint64: Morgan fingerprints of the m molecules that the model was trained
        on, as `organode.chem.similarity.packed_bits` makes them.
    """

    title: str
    earlier: Ensemble | Student
    known: np.ndarray

    @classmethod
    def of(cls, title: str, networks: Networks, known: np.ndarray) -> WarmStart:
        """Start from the networks of a model; the parameters are the attributes."""
        assert isinstance(networks, Ensemble | Student)  # there are no others
        return cls(title, networks, known)

    @property
    def name(self) -> str:
        """Name of the earlier model, for parameters of runs and for messages."""
        return self.title

    @property
    def settings(self) -> NetworkSettings:
        """Settings of the training: inputs and widths of the earlier networks."""
        return replace(
            self.earlier.settings,
            joint=False,
            loss="huber",
            protocol="organode",
            dropout=0.0,
            l2=0.0,
            learning_rate=LEARNING_RATE,
            batch_size=BATCH,
        )

    @property
    def columns(self) -> InputColumns:
        """Input columns of the earlier networks."""
        return self.earlier.inputs

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

    def networks(self, fold: int) -> list[list[np.ndarray]]:
        """Return the network of a fold, with one output in eV."""
        place = fold % len(self.earlier.folds)
        if isinstance(self.earlier, Student):
            return [one_output(self.earlier.weights, place)]
        member = self.earlier.members[place]
        *below, kernel, bias = member.weights
        return [[*below, kernel * member.scale, bias * member.scale + member.mean]]
