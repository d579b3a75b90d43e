"""Training of one network, by both protocols."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.sparse import random as random_sparse

from organode.models.network import training as module
from organode.models.network.batched import fit_batched
from organode.models.network.network import NetworkSettings, forward
from organode.models.network.training import fit

SETTINGS = NetworkSettings(
    1, 64, counts=True, orbitals=False, widths=(32, 16), dropout=0.0, l2=0.0,
    learning_rate=3e-3, batch_size=32,
)  # fmt: skip
THESIS = replace(SETTINGS, loss="mse", joint=False, batch_size=30_000, protocol="thesis")


@pytest.fixture(scope="module")
def data():
    rng = np.random.default_rng(1)
    x = random_sparse(400, 64, 0.1, "csr", np.float32, rng)
    y = 7 + np.asarray(x @ rng.normal(size=(64, 2)))
    return x, y


def run(data, settings=SETTINGS, epochs=40, seed=3, **more):
    x, y = data
    return fit(settings, (x[:300], y[:300]), (x[300:], y[300:]), epochs=epochs, seed=seed, **more)


@pytest.mark.parametrize("loss", ["huber", "mse"])
def test_network_learns_linear_function(data, loss):
    fitted = run(data, replace(SETTINGS, loss=loss))
    labels = data[1][:, 0]
    guess = np.abs(labels[300:] - labels[:300].mean()).mean()
    assert fitted.mae < 0.4 * guess
    assert fitted.mae < fitted.valid_mae[0]


def test_network_depends_on_seed_and_fold_only(data):
    first, same, other, fold = (
        run(data, epochs=3),
        run(data, epochs=3),
        run(data, epochs=3, seed=4),
        run(data, epochs=3, fold=1),
    )
    for a, b in zip(first.weights, same.weights, strict=True):
        np.testing.assert_array_equal(a, b)
    assert first.valid_mae == same.valid_mae != other.valid_mae
    assert first.valid_mae != fold.valid_mae


@pytest.mark.parametrize("settings", [SETTINGS, THESIS])
def test_weights_are_those_of_kept_epoch(data, settings):
    fitted = run(data, settings, epochs=5)
    x, y = data
    output = forward(fitted.weights, x[300:]) * fitted.scale + fitted.mean
    assert np.abs(output - y[300:, 0]).mean() == pytest.approx(fitted.mae)


def test_l2_and_dropout_have_effect(data):
    def size(**changed):
        weights = run(data, replace(SETTINGS, **changed), 10).weights
        return sum(np.square(kernel).sum() for kernel in weights[::2])

    plain = size()
    assert size(l2=0.01) < 0.8 * plain
    assert size(dropout=0.4) != plain


def test_columns_without_training_entries_have_no_effect(data):
    x, y = data
    x = x.tolil()
    x[:, 10:20] = 0
    x = x.tocsr()
    weights = fit(SETTINGS, (x, y), (x, y), epochs=1, seed=1).weights
    assert not weights[0][10:20].any()
    assert weights[0][:10].any()


def test_unknown_label_of_other_target_does_not_change_training(data):
    x, y = data
    gaps = y.copy()
    gaps[::2, 1] = np.nan
    assert np.isfinite(run((x, gaps), epochs=5).valid_mae).all()
    alone, beside = run((x, y[:, :1]), epochs=5), run((x, y), epochs=5)
    assert alone.weights[-1].shape == beside.weights[-1].shape == (1,)
    assert alone.valid_mae != beside.valid_mae


def test_constant_label_is_predicted(data):
    x, _ = data
    fitted = run((x, np.full((400, 1), 7.5)), epochs=20)
    assert forward(fitted.weights, x) * fitted.scale + fitted.mean == pytest.approx(7.5, abs=0.3)


def test_outlier_affects_huber_loss_less(data):
    x, y = data
    spoiled = y[:, :1].copy()
    spoiled[5] += 500
    errors = {
        loss: np.median(
            np.abs(forward(fitted.weights, x[300:]) * fitted.scale + fitted.mean - y[300:, 0])
        )
        for loss in ("huber", "mse")
        for fitted in [run((x, spoiled), replace(SETTINGS, loss=loss))]
    }
    assert errors["huber"] < errors["mse"]


def test_thesis_keeps_best_epoch_and_organode_last(data):
    overfit = replace(THESIS, learning_rate=0.05)
    fitted = run(data, overfit, epochs=60)
    assert fitted.mae == min(fitted.valid_mae)
    assert fitted.valid_mae[fitted.kept - 1] == fitted.mae
    assert run(data, epochs=4).kept == 4


def test_folds_of_thesis_share_initial_weights(data):
    first, other = (
        run(data, replace(THESIS, learning_rate=1e-9), epochs=1, fold=fold) for fold in (0, 1)
    )
    for a, b in zip(first.weights, other.weights, strict=True):
        np.testing.assert_allclose(a, b, atol=1e-6)


def test_network_is_trained_on_a_gpu_if_there_is_one(data, monkeypatch):
    alone = run(data, epochs=3, outputs=2)
    batched, reported = [], []

    def watched(*arguments, **more):
        batched.append(arguments[2])
        return fit_batched(*arguments, **more)

    monkeypatch.setattr(module, "gpus", lambda: ["/CPU:0"])
    monkeypatch.setattr(module, "fit_batched", watched)
    found = run(data, epochs=3, outputs=2, on_epoch=lambda *each: reported.append(each))
    assert batched == [[0]]
    assert reported == list(enumerate(found.valid_mae, start=1))
    for ours, theirs in zip(found.weights, alone.weights, strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-5)
