"""Networks that go on from those of an earlier model."""

from dataclasses import replace

import numpy as np
import pytest
from rdkit import Chem

from organode.api.load import PACKAGED, warm_start
from organode.chem.features import Molecules
from organode.errors import UsageError
from organode.models.ensemble import Ensemble, Member
from organode.models.input_columns import InputColumns
from organode.models.metrics import errors
from organode.models.model import Model
from organode.models.network.network import forward
from organode.models.network.training import fit
from organode.models.warm_start import BATCH, EPOCHS, STEPS, WarmStart

# Environments of the last ones are in no molecule that the packaged model learned.
SMILES = [
    *("C" * n + "O" for n in range(1, 10)),
    *("C" * n + "c1ccccc1" for n in range(1, 10)),
    *("O=C1C=CC(=O)C=C1", "CN1c2ccccc2Sc2ccccc21", "COc1ccc(OC)cc1", "N#Cc1ccccc1"),
    *("C[Se]C", "CC[Se]CC", "CCC[Se]C"),
]


@pytest.fixture(scope="module")
def start():
    return warm_start("packaged", "IE")


@pytest.fixture(scope="module")
def molecules():
    return Molecules([Chem.MolFromSmiles(smiles) for smiles in SMILES])


@pytest.fixture(scope="module")
def known(molecules, start):
    """What the packaged model's first output says."""
    networks = start.earlier
    return networks.predict(networks.inputs.matrix(molecules))[0]


def began(start, molecules, label, fold=0):
    """Input columns and matrix, and the weights from which the training goes on."""
    inputs = start.inputs(molecules, np.arange(len(SMILES)))
    matrix = inputs.matrix(molecules)
    return inputs, matrix, start.weights(fold, inputs, (matrix, label[:, None]))


def test_training_begins_with_the_answers_of_the_earlier_model(start, molecules, known):
    inputs, matrix, weights = began(start, molecules, known)
    np.testing.assert_allclose(forward(weights, *inputs.parted(matrix)), known, atol=2e-3)
    assert len(inputs.identifiers) > len(start.columns.identifiers)
    assert (np.diff(inputs.identifiers.astype(np.int64)) > 0).all()


def test_zero_and_scale_of_other_labels_are_corrected_first(start, molecules, known):
    inputs, matrix, weights = began(start, molecules, 0.8 * known - 1.4)
    answers = forward(weights, *inputs.parted(matrix))
    np.testing.assert_allclose(answers, 0.8 * known - 1.4, atol=2e-3)


def test_few_labels_correct_the_zero_alone(start, molecules, known):
    inputs = start.inputs(molecules, np.arange(len(SMILES)))
    matrix = inputs.matrix(molecules)
    train = matrix[:5], 2 * known[:5, None]
    answers = forward(start.weights(0, inputs, train), *inputs.parted(matrix))
    np.testing.assert_allclose(answers - known, known[:5].mean(), atol=2e-3)


def test_ensemble_and_student_begin_alike(start, molecules, known):
    member = Member(0, 1.5, 2.0, [each.copy() for each in start.earlier.weights[:-2]])
    kernel, bias = start.earlier.weights[-2:]
    member.weights.extend([kernel[:, :1] / 2.0, (bias[:1] - 1.5) / 2.0])
    of_ensemble = replace(start, earlier=Ensemble("IE", start.columns, [member]))
    for mine, theirs in zip(
        began(of_ensemble, molecules, known)[2], began(start, molecules, known)[2], strict=True
    ):
        np.testing.assert_allclose(mine, theirs, atol=1e-4)
    assert of_ensemble.digest(2) != start.digest(2)


def test_training_goes_on_from_the_start(start, molecules, known):
    label = known + 0.3 * np.array(["O" in smiles for smiles in SMILES])
    inputs, matrix, weights = began(start, molecules, label)
    part = matrix, label[:, None]
    before = errors(label, forward(weights, *inputs.parted(matrix)))["mae"]
    fitted = fit(start.settings, part, part, epochs=30, seed=1, start=weights)
    fresh = fit(start.settings, part, part, epochs=30, seed=1)
    assert fitted.mae < before / 2
    assert fitted.mae < fresh.mae


def test_small_tables_get_more_epochs(start):
    assert start.epochs(50, 8) == STEPS
    assert start.epochs(10 * BATCH, 8) == STEPS // 10
    assert start.epochs(100_000, 8) == EPOCHS
    assert start.epochs(100_000, 80) == 80


def test_folded_fingerprints_need_no_new_columns(molecules):
    rng = np.random.default_rng(1)
    settings = warm_start("packaged", "IE").earlier.settings
    folded = InputColumns.choose(
        type(settings)(1, 64, counts=True, orbitals=False, widths=(8,), dropout=0.0, l2=0.0),
        molecules,
        np.arange(len(SMILES)),
    )
    shapes = (64, 8), (8,), (8, 1), (1,)
    weights = [rng.normal(0, 0.2, shape).astype(np.float32) for shape in shapes]
    networks = Ensemble("EA", folded, [Member(0, 1.0, 1.0, weights)])
    start = WarmStart("folded", networks, np.empty((0, 32), np.uint64))
    label = forward(weights, folded.matrix(molecules)) + 1.0
    inputs, matrix, began_with = began(start, molecules, label)
    np.testing.assert_allclose(forward(began_with, *inputs.parted(matrix)), label, atol=1e-5)


def test_model_is_found_by_its_name(start, tmp_path):
    assert start.name.startswith("packaged (version ")
    assert warm_start(str(PACKAGED), "EA").earlier.target == "EA"
    with pytest.raises(UsageError, match="holds no model"):
        warm_start(str(tmp_path), "IE")
    assert {each.target for each in Model.load(PACKAGED).energies} == {"IE", "EA"}


def test_molecules_that_the_earlier_model_learned_are_counted(start, embedded):
    given = embedded["smiles"].head(100).tolist()  # a tenth of them is the test set
    known = start.n_known(given)
    assert 75 < known < 100
    assert start.n_known([*given, "CC[Se]CCC[Se]CC"]) == known
    assert start.n_known([]) == 0
