"""Fine-tuning: learns new labels, keeps what it knew, and knows its own errors."""

import numpy as np
import pandas as pd
import pytest
from rdkit import Chem

from helpers import ROOT
from organode.api.load import PACKAGED
from organode.chem.features import Molecules
from organode.models import fine_tune as module
from organode.models.model import Model
from organode.models.predictor import predict

OFFSET = 0.5  # eV; as if the earlier model were wrong about one family


@pytest.fixture(scope="module")
def model():
    return Model.load(PACKAGED).energies[1]


@pytest.fixture(scope="module")
def table():
    return pd.read_csv(ROOT / "data/embedded/molecules.csv").sample(frac=1.0, random_state=0)


@pytest.fixture(scope="module")
def azo(table):
    return table[table["family"] == "azo"]


@pytest.fixture(scope="module")
def tuned(model, table, azo):
    learned = azo.head(40)
    replay = table[table["family"] != "azo"]["smiles"].head(300).tolist()
    label = learned["EA"].to_numpy(float) + OFFSET
    return module.fine_tune(model, learned["smiles"].tolist(), label, replay, seed=1)


def mae(model, rows, offset=0.0):
    predicted = predict([model], rows["smiles"].tolist())["EA"].to_numpy()
    return float(np.abs(predicted - rows["EA"].to_numpy() - offset).mean())


def test_other_members_of_the_family_are_predicted_better(model, tuned, azo):
    others = azo.tail(60)
    assert mae(tuned.model, others, OFFSET) < 0.8 * mae(model, others, OFFSET)


def test_other_molecules_are_not_forgotten(model, tuned, table):
    others = table[table["family"] != "azo"].iloc[300:700]
    assert mae(tuned.model, others) < mae(model, others) + 0.05


def test_out_of_fold_errors_are_those_of_networks_that_had_not_seen_the_molecule(tuned, azo):
    learned = azo.head(40)
    label = learned["EA"].to_numpy(float) + OFFSET
    seen = predict([tuned.model], learned["smiles"].tolist())["EA"].to_numpy()
    out_of_fold = np.abs(tuned.out_of_fold - label).mean()
    assert out_of_fold > np.abs(seen - label).mean()
    assert len(tuned.model.uncertainty.predictive.scores) == len(tuned.model.networks.folds)


def test_error_bars_and_domain_know_the_new_molecules(model, tuned, azo):
    before, after = model.uncertainty, tuned.model.uncertainty
    assert after.predictive.n == before.predictive.n + 40
    assert len(after.bits) == len(after.error) == len(after.label) == len(before.bits) + 40
    new = Chem.MolFromSmiles("C[Ge](C)(C)C")
    wider = module.extended(before, [new] * 4, np.arange(4), np.full(4, 1.0), np.full(4, 1.2), 4)
    assert "Ge" in wider.domain.parts
    assert "Ge" not in before.domain.parts
    np.testing.assert_allclose(wider.error[-4:], 0.2, atol=1e-6)


def test_scale_moves_with_the_energies_of_its_measured_molecules(model):
    shift = np.full(len(model.scale.rows), 0.3)
    scale = module.refitted(model.scale, shift)
    molecules = Molecules([Chem.MolFromSmiles("O=C1C=CC(=O)C=C1")])
    answer = model.answer(molecules)
    moved = scale.answer(molecules, answer.value + 0.3, answer.reliability.expected)
    assert moved.volts[0] == pytest.approx(answer.potential.volts[0], abs=0.01)
    assert np.abs(scale.left_out - model.scale.left_out).max() < 0.02
    same = module.refitted(model.scale, 0 * shift)
    np.testing.assert_allclose(same.left_out, model.scale.left_out, atol=1e-6)
