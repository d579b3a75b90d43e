"""A network that learned labels by several protocols, as a start of training."""

from dataclasses import replace

import numpy as np
import pytest
from rdkit import Chem

from organode.chem.features import Molecules
from organode.errors import OrganodeError
from organode.models.input_columns import InputColumns
from organode.models.network.network import forward
from organode.models.pretrained import ARRAYS, SLOWER, Pretrained, write_none
from organode.search.space import STRONG

SMILES = ["C" * n + end for n in range(1, 13) for end in ("O", "N", "c1ccccc1")]
SMALL = replace(STRONG, widths=(8, 8))


@pytest.fixture(scope="module")
def molecules():
    return Molecules([Chem.MolFromSmiles(smiles) for smiles in SMILES])


@pytest.fixture(scope="module")
def network(molecules):
    layout = InputColumns.choose(SMALL, molecules, np.arange(molecules.n))
    random = np.random.default_rng(0)
    columns = layout.matrix(molecules).shape[1]
    shapes = [(columns, 8), (8,), (8, 8), (8,), (8, 2), (2,)]
    layers = [random.normal(size=shape).astype(np.float32) for shape in shapes]
    return Pretrained("IE", layout, {"one": 30, "other": 6}, {"one": 0.2}, layers)


def outputs(network, molecules):
    parts = network.columns.parted(network.columns.matrix(molecules))
    return [forward(each, *parts) for each in network.networks(3)]


def test_training_goes_on_from_the_protocol_nearest_to_the_labels(network, molecules):
    matrix = network.columns.matrix(molecules)
    one, other = outputs(network, molecules)
    assert not np.allclose(one, other)
    for nearest in (one, other):
        label = 1.2 * nearest[:, None] + 3.0
        weights = network.weights(0, network.columns, (matrix, label))
        answers = forward(weights, *network.columns.parted(matrix))
        np.testing.assert_allclose(answers, label[:, 0], atol=1e-3)


def test_settings_are_those_of_the_search_with_a_lower_rate(network):
    assert network.settings == replace(SMALL, learning_rate=SLOWER * SMALL.learning_rate)
    assert network.epochs(10_000, 6) == network.epochs(50, 6) == 6
    assert network.n_known(SMILES) == 0


def test_saved_network_is_the_same(network, molecules, tmp_path):
    network.save(tmp_path)
    again = Pretrained.load(tmp_path)
    assert (again.name, again.errors) == (network.name, network.errors)
    assert again.name == "pre-trained on one (30), other (6)"
    np.testing.assert_array_equal(outputs(again, molecules), outputs(network, molecules))
    assert again.digest(2) == network.digest(2)
    changed = replace(network, layers=[*network.layers[:-1], network.layers[-1] + 1])
    assert changed.digest(2) != network.digest(2)


def test_damage_is_noticed_and_no_network_is_none(network, tmp_path):
    with pytest.raises(OrganodeError, match="holds no pre-trained network: run `organode pretrain"):
        Pretrained.load(tmp_path)
    network.save(tmp_path)
    (tmp_path / ARRAYS).write_bytes((tmp_path / ARRAYS).read_bytes()[:-9])
    with pytest.raises(OrganodeError, match="damaged"):
        Pretrained.load(tmp_path)
    write_none(tmp_path, "IE")
    assert Pretrained.load(tmp_path) is None
