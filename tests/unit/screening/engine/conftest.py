"""A surrogate that was fitted to invented models."""

import numpy as np
import pytest

from organode.chem import parse_flat
from organode.chem.count_fingerprint import folded_counts
from organode.screening.engine.surrogate import Surrogate
from screening import CRITERIA, SMILES, model_answers


@pytest.fixture(scope="session")
def counts():
    """Folded counts of all molecules of the tests."""
    return folded_counts([parse_flat(smiles) for smiles in SMILES])


@pytest.fixture(scope="session")
def surrogate(counts):
    """Fitted to 200 of them."""
    drawn = np.random.default_rng(1).permutation(len(SMILES))[:200]
    return Surrogate.fit(counts[drawn], model_answers(counts).iloc[drawn], CRITERIA)
