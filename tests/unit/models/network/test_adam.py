"""The optimiser: the same steps as that of Keras."""

import numpy as np

from organode.models.network.adam import corrected, moved
from organode.models.network.backend import keras, tf


def test_steps_are_those_of_keras():
    random = np.random.default_rng(2)
    initial = random.normal(size=(6, 3)).astype(np.float32)
    theirs, adam = tf.Variable(initial), keras.optimizers.Adam(0.01, epsilon=1e-7)
    ours, moments = tf.constant(initial), (tf.zeros((6, 3)), tf.zeros((6, 3)))
    for rate in corrected(np.full(5, 0.01), 1):
        gradient = tf.constant(random.normal(size=(6, 3)), tf.float32)
        ours, *moments = moved(ours, moments, gradient, rate.astype(np.float32))
        adam.apply([gradient], [theirs])
    np.testing.assert_allclose(ours.numpy(), theirs.numpy(), atol=1e-5)


def test_correction_goes_on_from_the_step_before():
    rates = np.linspace(0.1, 1, 6)
    together = np.concatenate([corrected(rates[:4], 1), corrected(rates[4:], 5)])
    np.testing.assert_array_equal(corrected(rates, 1), together)


def test_each_network_has_a_rate_of_its_own():
    weights, gradient = tf.zeros((2, 3)), tf.ones((2, 3))
    after, first, _ = moved(weights, (weights, weights), gradient, tf.constant([[0.0], [0.1]]))
    assert not after.numpy()[0].any()
    assert (after.numpy()[1] < 0).all()
    assert first.numpy().all()
