"""Error bars fitted to out-of-fold errors."""

import numpy as np
import pytest
from rdkit import Chem

from organode.chem.features import Molecules
from organode.errors import OrganodeError
from organode.models.uncertainty.error_bars import Uncertainty

SMILES = ["C" * n + tail for n in range(1, 31) for tail in ("O", "N", "Cl", "=O")]
MOLECULES = [Chem.MolFromSmiles(smiles) for smiles in SMILES]


@pytest.fixture(scope="module")
def uncertainty():
    random = np.random.default_rng(0)
    label = random.normal(9, 1, len(SMILES))
    fold = np.arange(len(SMILES)) % 3
    return Uncertainty.fit(MOLECULES, fold, label + random.normal(0, 0.2, len(SMILES)), label)


def test_reliability_has_expected_error_similarity_and_reason(uncertainty):
    new = Molecules([Chem.MolFromSmiles(smiles) for smiles in ("CCCCO", "CCBr", "c1ccccc1")])
    reliability = uncertainty.reliability(new, np.full(3, 9.0))
    assert (reliability.expected > 0).all()
    assert reliability.similarity[0] == 1
    assert reliability.reasons[0] == ""
    assert "Br occurs in no training molecule" in reliability.reasons[1]
    assert "similarity 0.00 to the nearest training molecule" in reliability.reasons[2]


def test_scores_are_sorted_for_each_member(uncertainty):
    assert [len(scores) for scores in uncertainty.predictive.scores] == [40, 40, 40]
    assert all((np.diff(scores) >= 0).all() for scores in uncertainty.predictive.scores)


def test_too_few_molecules_are_rejected():
    few, label = MOLECULES[:40], np.zeros(40)
    with pytest.raises(OrganodeError, match="too few molecules for error bars"):
        Uncertainty.fit(few, np.arange(40) % 2, label, label)
