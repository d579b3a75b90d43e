"""The layers after the first."""

import numpy as np
import pytest
from scipy.sparse import csr_matrix

from organode.models.network import network
from organode.models.network.backend import tf
from organode.models.network.layers import dropout, outputs

SEED, STEP = tf.constant(7, tf.int64), tf.constant(3, tf.int64)


def masks(rows=40, widths=(30, 20), share=0.25, seed=SEED, step=STEP):
    return [mask.numpy() for mask in dropout(rows, widths, share, seed, step)]


@pytest.fixture(scope="module")
def weights():
    random = np.random.default_rng(1)
    shapes = [(4, 6), (6,), (6, 5), (5,), (5, 2), (2,)]
    return [random.normal(size=shape).astype(np.float32) for shape in shapes]


def test_outputs_are_those_of_the_network(weights):
    x = np.random.default_rng(2).normal(size=(7, 4)).astype(np.float32)
    found = outputs(tf.constant(x @ weights[0] + weights[1]), weights[2:])
    np.testing.assert_allclose(found, network.outputs(weights, csr_matrix(x)), rtol=1e-5, atol=1e-6)


def test_networks_side_by_side_have_the_outputs_of_each(weights):
    hidden = np.random.default_rng(2).normal(size=(3, 7, 6)).astype(np.float32)
    scales = np.array([1, 2, -1], np.float32)
    each = [[layer * scale for layer in weights[2:]] for scale in scales]
    stacked = [np.stack(layer) for layer in zip(*each, strict=True)]
    stacked[1::2] = [bias[:, None] for bias in stacked[1::2]]
    together = outputs(tf.constant(hidden), stacked).numpy()
    for place in range(3):
        alone = outputs(tf.constant(hidden[place]), each[place]).numpy()
        np.testing.assert_allclose(together[place], alone, rtol=1e-5, atol=1e-6)


def test_units_with_the_factor_zero_have_no_effect(weights):
    hidden = tf.constant(np.random.default_rng(2).normal(size=(7, 6)).astype(np.float32))
    none = [tf.zeros((7, 6)), tf.ones((7, 5))]
    hidden_then_zero = outputs(tf.zeros((7, 6)), weights[2:])
    np.testing.assert_array_equal(outputs(hidden, weights[2:], none), hidden_then_zero)


def test_dropout_keeps_the_mean():
    (mask,) = masks(rows=2000, widths=(100,))
    assert set(np.unique(mask)) == {np.float32(0), np.float32(4 / 3)}
    assert mask.mean() == pytest.approx(1, abs=0.01)


def test_without_dropout_there_are_no_factors():
    assert dropout(40, (30, 20), 0.0, SEED, STEP) == []


def test_dropout_depends_on_seed_step_and_layer():
    first, second = masks(widths=(30, 30))
    assert not np.array_equal(first, second)
    assert not np.array_equal(first, masks(seed=SEED + 1)[0])
    later = [masks(widths=(30, 30), step=STEP + more) for more in (1, 2)]
    assert not any(np.array_equal(one, mask) for one in (first, second) for pair in later
                   for mask in pair)  # fmt: skip
    np.testing.assert_array_equal(first, masks(widths=(30, 30))[0])


@pytest.mark.parametrize("width", [1, 7, 30])
def test_dropout_of_a_row_does_not_depend_on_the_rows_after_it(width):
    longer = masks(rows=300, widths=(width, 5))
    for rows in (1, 3, 299):
        for few, many in zip(masks(rows=rows, widths=(width, 5)), longer, strict=True):
            np.testing.assert_array_equal(few, many[:rows])
