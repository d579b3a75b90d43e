"""A network that learned labels by other protocols, before it learns those of a target.

A protocol is how an energy was obtained: level of theory, medium, vertical or adiabatic. All
protocols share the network, and each has an output of its own, which is what they do not share
(multi-task learning: Caruana, Machine Learning 28 (1997) 41, doi 10.1023/a:1007379606734).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from organode.models.input_columns import InputColumns
from organode.models.network.network import NetworkSettings
from organode.models.start import Start, one_output
from organode.utils.arrays import load_arrays, save_arrays
from organode.utils.checksums import CHECKSUMS, Checked, damaged, write_checksums
from organode.utils.files import write_json

DESCRIPTION, ARRAYS = "pretrained.json", "pretrained.npz"
FILES = (DESCRIPTION, ARRAYS, CHECKSUMS)
N_INPUTS = 4  # arrays that describe the input columns, before the weights
SLOWER = 0.7  # times the learning rate of a training from random weights


@dataclass(frozen=True)
class Pretrained(Start):
    """A network with one output for each protocol, from which the training of a target goes on.

    Attributes
    ----------
    target : str
        ``IE`` (ionisation energy) or ``EA`` (electron affinity).
    layout : InputColumns
        The columns of the input matrix.
    protocols : dict of str to int
        Name of each protocol, in the order of the outputs, and number of its labels.
    errors : dict of str to float
        For each protocol, the mean absolute error for molecules that were held out, eV.
    layers : list of numpy.ndarray
        Kernel and bias of each layer, float32; the outputs are energies in eV.
    """

    target: str
    layout: InputColumns
    protocols: dict[str, int]
    errors: dict[str, float]
    layers: list[np.ndarray]

    @property
    def name(self) -> str:
        """Name of the network: the protocols and their numbers of labels."""
        labels = ", ".join(f"{name} ({n:,})" for name, n in self.protocols.items())
        return f"pre-trained on {labels}"

    @property
    def earlier(self) -> NetworkSettings:
        """Settings of the pre-training."""
        return self.layout.settings

    @property
    def settings(self) -> NetworkSettings:
        """Settings of the training: those of the network, with a lower learning rate."""
        return replace(self.earlier, learning_rate=SLOWER * self.earlier.learning_rate)

    @property
    def columns(self) -> InputColumns:
        """Input columns of the network."""
        return self.layout

    def n_known(self, smiles: Sequence[str]) -> int:  # noqa: ARG002
        """Return 0: what a target's networks are tested on is left out of the pre-training."""
        return 0

    def epochs(self, rows: int, least: int) -> int:  # noqa: ARG002
        """Return for how many epochs a network is trained: as many as are set."""
        return least

    def networks(self, fold: int) -> list[list[np.ndarray]]:  # noqa: ARG002
        """Return, for any fold, a network for each protocol, with one output in eV."""
        return [one_output(self.layers, place) for place in range(len(self.protocols))]

    def arrays(self, n_folds: int) -> list[np.ndarray]:  # noqa: ARG002
        """Return the weights of the network, which is that of all folds and protocols."""
        return self.layers

    def save(self, folder: Path) -> None:
        """Write the network to a folder; the same network always gives the same bytes."""
        columns = self.layout
        arrays = [columns.identifiers, columns.sites, columns.mean, columns.scale]
        save_arrays(folder / ARRAYS, [*arrays, *self.layers])
        content = {
            "target": self.target,
            "unit": "eV",
            "settings": self.earlier.as_dict(),
            "protocols": self.protocols,
            "errors": self.errors,
        }
        write_json(folder / DESCRIPTION, content)
        write_checksums(folder, [DESCRIPTION, ARRAYS])

    @classmethod
    def load(cls, folder: Path) -> Pretrained | None:
        """Read the network that `save` wrote to a folder; None if `write_none` wrote the folder.

        Raises
        ------
        OrganodeError
            If a file is missing or damaged.
        """
        files = Checked.of_model(folder, DESCRIPTION, "pre-trained network", "organode pretrain")
        content = files.json(DESCRIPTION)
        if content.get("protocols") == {}:
            return None
        try:
            settings = NetworkSettings.from_dict(content["settings"])
            arrays = load_arrays(files.read(ARRAYS))
            return cls(
                content["target"],
                InputColumns(settings, *arrays[:N_INPUTS]),
                {name: int(n) for name, n in content["protocols"].items()},
                {name: float(error) for name, error in content["errors"].items()},
                arrays[N_INPUTS:],
            )
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise damaged(folder, files.remedy) from error


def write_none(folder: Path, target: str) -> None:
    """Write to a folder that there is no network for a target, so that training starts anew."""
    write_json(folder / DESCRIPTION, {"target": target, "protocols": {}})
    write_checksums(folder, [DESCRIPTION])
