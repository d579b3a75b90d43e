"""Predictions for measured species by networks that have not seen them."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from rdkit import Chem

from organode.chem.composition import Composition
from organode.chem.features import Molecules
from organode.models.ensemble import Ensemble, Member
from organode.models.input_columns import InputColumns
from organode.models.network.network import NetworkSettings
from organode.models.uncertainty.domain import Domain
from organode.models.unseen import UnseenPredictions

SETTINGS = NetworkSettings(1, 64, counts=True, orbitals=False, widths=(8,), dropout=0.0, l2=0.0)
DATA = SimpleNamespace(smiles=["CCO", "CCN", "CCC"], fold=np.array([0, 1, -1]))


@pytest.fixture
def ensemble():
    chance = np.random.default_rng(0)
    shapes = (64, 8), (8,), (8, 1), (1,)
    weights = [[chance.normal(size=shape).astype(np.float32) for shape in shapes] for _ in range(2)]
    members = [Member(fold, 8.0, 1.0, of_member) for fold, of_member in enumerate(weights)]
    none = np.empty(0, np.uint32), np.empty(0, np.uint32), np.empty(0), np.empty(0)
    return Ensemble("IE", InputColumns(SETTINGS, *none), members)


@pytest.fixture
def uncertainty():
    """Error bars of a tenth of the energy."""
    composition = Composition.of([Chem.MolFromSmiles(smiles) for smiles in DATA.smiles])
    return SimpleNamespace(
        domain=Domain.fit(composition, np.ones(3), np.ones(3)),
        reliability=lambda _, energy: SimpleNamespace(expected=energy / 10),
    )


def test_each_species_is_predicted_by_networks_that_have_not_seen_it(ensemble, uncertainty):
    flat = ["CCN", "CCO", "CCC", "CCCO"]
    known = UnseenPredictions.of(pd.DataFrame({"flat": flat}), ensemble, uncertainty, DATA)
    molecules = Molecules([Chem.MolFromSmiles(smiles) for smiles in flat])
    first, second = ensemble.predict(ensemble.inputs.matrix(molecules))
    mean = (first + second) / 2
    np.testing.assert_allclose(known.energy, [second[0], first[1], mean[2], mean[3]])
    np.testing.assert_allclose(known.error, known.energy / 10)
    assert known.molecules.n == 4


def test_species_with_unknown_parts_are_dropped(ensemble, uncertainty):
    rows = pd.DataFrame({"flat": ["CCS", "C[n+]1ccccc1", "CC[O]", "CCO"], "name": [*"abcd"]})
    known = UnseenPredictions.of(rows, ensemble, uncertainty, DATA)
    assert known.rows["name"].tolist() == ["d"]
    assert known.rows.index.tolist() == [0]


@pytest.mark.parametrize("flat", [["CCS"], []])
def test_no_known_species_gives_empty_predictions(ensemble, uncertainty, flat):
    rows = pd.DataFrame({"flat": flat, "value": [1.0] * len(flat)})
    known = UnseenPredictions.of(rows, ensemble, uncertainty, DATA)
    assert known.rows.columns.tolist() == ["flat", "value"]
    assert known.rows.empty
    assert known.molecules.n == len(known.energy) == len(known.error) == 0
