"""A surrogate that was fitted to invented models."""

import numpy as np
import pytest

from organode.chem import parse_flat
from organode.chem.count_fingerprint import count_environments, folded
from screening import CRITERIA, SMILES, fit_surrogate, model_answers


@pytest.fixture(scope="session")
def counts():
    """Folded counts of all molecules of the tests."""
    return folded(count_environments([parse_flat(smiles) for smiles in SMILES]))


@pytest.fixture(scope="session")
def surrogate(counts):
    """Fitted to 200 of them."""
    drawn = np.random.default_rng(1).permutation(len(SMILES))[:200]
    return fit_surrogate(counts[drawn], model_answers(counts).iloc[drawn], CRITERIA)
