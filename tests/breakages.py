"""Models of ions that fall apart, for tests of the laboratory scale."""

import numpy as np

from organode.chem.orbitals.huckel import NAMES
from organode.electrochemistry.stability.breakage import Breakage
from organode.electrochemistry.stability.relaxed_ions import N_BITS

MARK = NAMES.index("unpaired")  # a descriptor that says, in these models, whether the ion breaks


def breakage(weight: float = 40.0) -> Breakage:
    """Return a model that takes ions for broken whose species has the descriptor `MARK`."""
    weights = np.zeros(N_BITS + len(NAMES))
    weights[N_BITS + MARK] = weight
    return Breakage(np.zeros(len(NAMES)), np.ones(len(NAMES)), weights, -20.0)


NONE_BREAKS = breakage(0.0)
