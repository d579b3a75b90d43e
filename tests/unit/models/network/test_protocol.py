"""What a training is, whatever computes it."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.sparse import csr_matrix

from organode.models.network.network import NetworkSettings
from organode.models.network.protocol import (
    batches,
    initial_weights,
    keeps,
    losses,
    rate,
    rates,
    scaled_weights,
    scaling,
)

SETTINGS = NetworkSettings(
    1, 64, counts=True, orbitals=False, widths=(32, 16), dropout=0.0, l2=0.0,
    learning_rate=3e-3, batch_size=32,
)  # fmt: skip
THESIS = replace(SETTINGS, loss="mse", joint=False, batch_size=30_000, protocol="thesis")


def test_learning_rate_of_thesis():
    found = [rate(THESIS, epoch / 5000, 5000) for epoch in (0, 499, 500, 2750, 5000)]
    expected = 3e-3 * np.array([1, 1, 1, np.exp(-1.5), np.exp(-3)])
    np.testing.assert_allclose(found, expected, rtol=1e-6)


def test_learning_rate_rises_and_falls_to_zero():
    found = [rate(SETTINGS, share, 10) for share in np.linspace(0, 1, 101)]
    assert found[0] < 0.1 * SETTINGS.learning_rate
    assert max(found) > 0.9 * SETTINGS.learning_rate
    assert found[-1] == pytest.approx(0, abs=1e-9)
    assert (np.diff(found[10:]) < 0).all()


def test_rates_of_an_epoch_are_those_of_its_steps():
    found = rates(SETTINGS, 2, 5, 4)
    assert found.tolist() == [rate(SETTINGS, step / 20, 5) for step in (4, 5, 6, 7)]


def test_labels_are_scaled_by_the_known_ones():
    labels = np.array([[1.0, np.nan], [3.0, 2.0], [5.0, 4.0]])
    np.testing.assert_allclose(scaling(THESIS, labels), [[1, 2], [4, 2]])
    np.testing.assert_allclose(scaling(SETTINGS, labels)[0], [3, 3])


def test_last_batch_has_the_rest_of_the_rows():
    assert batches(SETTINGS, 64) == (32, 2)
    assert batches(SETTINGS, 65) == (32, 3)
    assert batches(THESIS, 65) == (65, 1)


def test_weights_of_the_last_or_of_the_best_epoch_are_kept():
    assert [keeps(SETTINGS, 3, [0.3, 0.4, 0.5][:n]) for n in (1, 2, 3)] == [False, False, True]
    assert [keeps(THESIS, 3, [0.3, 0.4, 0.2][:n]) for n in (1, 2, 3)] == [True, False, True]


def test_initial_weights_depend_on_fold_only_without_the_thesis_protocol():
    train = csr_matrix(np.eye(3, 5, dtype=np.float32)), np.zeros((3, 2))
    first, same, other = (initial_weights(SETTINGS, train, 3, fold) for fold in (0, 0, 1))
    assert [each.shape for each in first] == [(5, 32), (32,), (32, 16), (16,), (16, 2), (2,)]
    for ours, again, theirs in zip(first[::2], same[::2], other[::2], strict=True):
        np.testing.assert_array_equal(ours, again)
        assert not np.array_equal(ours, theirs)
    assert not any(bias.any() for bias in first[1::2])
    for ours, theirs in zip(
        initial_weights(THESIS, train, 3, 0), initial_weights(THESIS, train, 3, 1), strict=True
    ):
        np.testing.assert_array_equal(ours, theirs)


def test_initial_weights_of_columns_without_an_entry_are_zero():
    train = csr_matrix(np.eye(3, 5, dtype=np.float32)), np.zeros((3, 1))
    kernel = initial_weights(SETTINGS, train, 3, 0)[0]
    assert kernel[:3].all()
    assert not kernel[3:].any()


def test_scaled_weights_give_scaled_outputs():
    kernel, bias = np.array([[2.0], [4.0]]), np.array([10.0])
    last, shift = scaled_weights([kernel, bias], np.array([8.0, 1.0]), np.array([2.0, 7.0]))
    x = np.array([[1.0, 3.0]])
    np.testing.assert_allclose(x @ last + shift, (x @ kernel + bias - 8) / 2)


def test_huber_loss_is_square_up_to_its_bend_and_then_straight():
    error = np.array([0.0, 0.05, -0.05, 0.1, 1.1], np.float32)
    found = losses(SETTINGS, error).numpy()
    np.testing.assert_allclose(found, [0, 0.0125, 0.0125, 0.05, 1.05], rtol=1e-6)
    np.testing.assert_allclose(losses(THESIS, error).numpy(), error**2)
