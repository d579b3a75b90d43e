import numpy as np
import pytest
from rdkit import Chem

from organode.curate.crossfit import N_FOLDS, CrossFit, environment_counts


@pytest.fixture(scope="module")
def molecules(embedded):
    return [Chem.MolFromSmiles(smiles) for smiles in embedded["smiles"].head(800)]


def test_predictions_do_not_depend_on_labels_of_the_same_fold(embedded, molecules):
    counts = environment_counts(molecules)
    fold = np.arange(len(molecules)) % N_FOLDS
    model = CrossFit(counts, fold, np.ones(len(molecules), bool))
    values = embedded[["IE", "EA"]].head(len(molecules)).to_numpy(float)
    before = model.predict(values)
    changed = values.copy()
    changed[fold == 2] += 5.0
    after = model.predict(changed)
    assert after[fold == 2] == pytest.approx(before[fold == 2])
    assert (np.abs(after - before)[fold != 2].max(axis=1) > 0.1).mean() > 0.9


def test_predictions_are_linear_in_labels_and_ignore_unused_rows(embedded, molecules):
    counts = environment_counts(molecules)
    train = np.arange(len(molecules)) % 7 != 0
    model = CrossFit(counts, np.arange(len(molecules)) % N_FOLDS, train)
    values = embedded[["IE", "EA"]].head(len(molecules)).to_numpy(float)
    changed = values.copy()
    changed[~train] = 1e3
    assert model.predict(changed) == pytest.approx(model.predict(values))
    assert model.predict(3 * values) == pytest.approx(3 * model.predict(values))


def test_predictions_are_better_than_the_mean(embedded, molecules):
    model = CrossFit(
        environment_counts(molecules),
        np.arange(len(molecules)) % N_FOLDS,
        np.ones(len(molecules), bool),
    )
    values = embedded[["IE", "EA"]].head(len(molecules)).to_numpy(float)
    error = np.abs(values - model.predict(values)).mean(axis=0)
    assert (error < 0.6 * np.abs(values - values.mean(axis=0)).mean(axis=0)).all()


def test_rare_environments_are_not_used():
    counts = environment_counts([Chem.MolFromSmiles(smiles) for smiles in ["CC"] * 5 + ["CF"] * 4])
    assert counts.shape[0] == 9
    assert counts.shape[1] > 0
    assert (counts.toarray()[:5] > 0).any()
    assert counts.toarray()[5:].sum() < counts.toarray()[:5].sum()
    only_rare = environment_counts([Chem.MolFromSmiles("CF")] * 4)
    assert only_rare.shape == (4, 0)
