"""Properties of candidates."""

import numpy as np
import pytest

from organode.screening.columns import PROPERTIES
from screening import QUINONE, properties


def test_properties_of_benzoquinone():
    quinone = properties([QUINONE], np.array([0.9]), electrons=2).iloc[0]
    assert set(PROPERTIES) == set(quinone.index)
    assert quinone["formula"] == "C6H4O2"
    assert quinone["capacity_mAh_g"] == pytest.approx(495.9, abs=0.5)
    assert quinone["energy_Wh_kg"] == pytest.approx(2.5 * 495.9, abs=2)  # electrons at 3 and 2 V
    assert quinone["expected_Wh_kg"] == pytest.approx(2.0 * 495.9, abs=2)  # P = 1 and 0.5
    assert quinone["g_per_mol_e"] == pytest.approx(54.05, abs=0.01)
    assert quinone["motif"] == "quinone"
    assert quinone["known"] == "benzoquinone"
    assert quinone["known_similarity"] == 1
    assert quinone["known_V"] == 2.8
    assert quinone[["compound", "compound_CAS"]].tolist() == ["p-benzoquinone", "106-51-4"]
    assert quinone["novelty"] == pytest.approx(0.1)
    assert "chinone" in quinone["alerts"]
    assert 1 <= quinone["SA_score"] <= 10
