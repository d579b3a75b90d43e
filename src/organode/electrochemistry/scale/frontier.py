"""What a process reads of the orbital that a molecule gives an electron from, or takes one into."""

from __future__ import annotations

import numpy as np

from organode.chem.features import ModelFeatures
from organode.chem.orbitals.centres import GROUPS
from organode.chem.orbitals.huckel import NAMES
from organode.electrochemistry.scale.process import Inputs

FRONTIER = {"IE": "HOMO", "EA": "LUMO"}


def inputs(
    target: str, molecules: ModelFeatures, energy: np.ndarray, error: np.ndarray,
    irreversible: np.ndarray, solvent: np.ndarray,
) -> Inputs:  # fmt: skip
    """Describe n molecules.

    Parameters
    ----------
    target : str
        ``IE`` or ``EA``.
    molecules : ModelFeatures
        n molecules.
    energy, error, irreversible, solvent : numpy.ndarray
        As in `Inputs`.
    """
    orbital = FRONTIER[target]
    described = molecules.descriptors.astype(float)
    size = described[:, [NAMES.index("centres"), NAMES.index(f"{orbital} size")]]
    place = described[:, [NAMES.index(f"{orbital} {element}") for element in GROUPS]]
    return Inputs(
        np.asarray(energy, float), np.asarray(error, float), size, place, irreversible,
        np.asarray(solvent, np.str_),
    )  # fmt: skip
