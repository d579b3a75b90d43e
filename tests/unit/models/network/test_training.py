"""Training of one network, by both protocols."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.sparse import random as random_sparse

from organode.models.network.network import NetworkSettings, forward
from organode.models.network.training import fit, rate, scaling

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


def test_learning_rate_of_thesis():
    rates = [rate(THESIS, epoch / 5000, 5000) for epoch in (0, 499, 500, 2750, 5000)]
    expected = 3e-3 * np.array([1, 1, 1, np.exp(-1.5), np.exp(-3)])
    np.testing.assert_allclose(rates, expected, rtol=1e-6)


def test_learning_rate_rises_and_falls_to_zero():
    rates = [rate(SETTINGS, share, 10) for share in np.linspace(0, 1, 101)]
    assert rates[0] < 0.1 * SETTINGS.learning_rate
    assert max(rates) > 0.9 * SETTINGS.learning_rate
    assert rates[-1] == pytest.approx(0, abs=1e-9)
    assert (np.diff(rates[10:]) < 0).all()


def test_labels_are_scaled_by_the_known_ones():
    labels = np.array([[1.0, np.nan], [3.0, 2.0], [5.0, 4.0]])
    np.testing.assert_allclose(scaling(THESIS, labels), [[1, 2], [4, 2]])
    np.testing.assert_allclose(scaling(SETTINGS, labels)[0], [3, 3])
