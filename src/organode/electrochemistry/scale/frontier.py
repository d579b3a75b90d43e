"""Inputs of the Gaussian processes that predict potentials, such as the frontier orbital."""

from __future__ import annotations

import numpy as np

from organode.chem.features import ModelFeatures
from organode.chem.orbitals.centres import GROUPS
from organode.chem.orbitals.huckel import NAMES
from organode.electrochemistry.scale.gaussian_process import ProcessInputs

FRONTIER_ORBITAL = {"IE": "HOMO", "EA": "LUMO"}


def process_inputs(
    target: str,
    molecules: ModelFeatures,
    energy: np.ndarray,
    error: np.ndarray,
    irreversible: np.ndarray,
    breaks: np.ndarray,
    solvent: np.ndarray,
) -> ProcessInputs:
    """Return the inputs of the Gaussian process that predicts potentials of n molecules.

    Some inputs describe the frontier orbital: the HOMO for ``IE``, the LUMO for ``EA``.

    Parameters
    ----------
    target : str
        ``IE`` or ``EA``.
    molecules : ModelFeatures
        Features of the n molecules.
    energy, error, irreversible, breaks, solvent : numpy.ndarray
        Shape (n,) each: predicted IE or EA; expected absolute error of this prediction, eV;
        probability that the wave is irreversible; probability that a bond of the ion breaks or
        forms; code of the solvent, such as ``ACN``.
    """
    orbital = FRONTIER_ORBITAL[target]
    descriptors = molecules.descriptors.astype(float)
    size = descriptors[:, [NAMES.index("centres"), NAMES.index(f"{orbital} size")]]
    place = descriptors[:, [NAMES.index(f"{orbital} {element}") for element in GROUPS]]
    return ProcessInputs(
        np.asarray(energy, float),
        np.asarray(error, float),
        size,
        place,
        irreversible,
        breaks,
        np.asarray(solvent, np.str_),
    )
