"""The sparse first layer: the same numbers as a dense one."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_matrix
from scipy.sparse import random as random_sparse

from organode.models.network.adam import corrected
from organode.models.network.backend import keras, tf
from organode.models.network.sparse import Rows, SparseKernel

N, COLUMNS = 12, 40


@pytest.fixture(scope="module")
def matrix():
    made = random_sparse(N, COLUMNS, 0.1, "csr", np.float32, np.random.default_rng(4)).tolil()
    made[3] = 0  # a row without an entry
    return made.tocsr()


@settings(max_examples=15)
@given(st.lists(st.integers(0, N - 1), min_size=1, max_size=6))
def test_compact_batch_holds_the_rows_and_only_columns_in_use(chosen):
    whole = random_sparse(N, COLUMNS, 0.1, "csr", np.float32, np.random.default_rng(4))
    used, batch = Rows(whole).compact(tf.constant(chosen, tf.int64))
    dense = np.zeros((len(chosen), COLUMNS), np.float32)
    dense[:, used.numpy()] = batch.numpy()
    np.testing.assert_array_equal(dense, whole[chosen].toarray())
    assert sorted(used.numpy().tolist()) == sorted(set(whole[chosen].indices.tolist()))


def test_row_without_an_entry_is_zero(matrix):
    used, batch = Rows(matrix).compact(tf.constant([3], tf.int64))
    assert used.shape == (0,)
    assert batch.shape == (1, 0)
    used, batch = Rows(matrix).compact(tf.constant([3, 0], tf.int64))
    assert not batch.numpy()[0].any()
    assert batch.shape == (2, matrix[0].nnz)


def test_rows_of_the_kernel_are_those_asked_for():
    initial = np.arange(20.0, dtype=np.float32).reshape(5, 4)
    kernel = SparseKernel(initial)
    np.testing.assert_array_equal(kernel.rows(tf.constant([4, 1])), initial[[4, 1]])


def test_step_is_that_of_adam():
    random = np.random.default_rng(2)
    initial = random.normal(size=(6, 3)).astype(np.float32)
    ours, theirs = SparseKernel(initial), tf.Variable(initial)
    adam = keras.optimizers.Adam(0.01, epsilon=1e-7)
    every = tf.range(6, dtype=tf.int64)
    for rate in corrected(np.full(5, 0.01), 1):
        gradient = tf.constant(random.normal(size=(6, 3)), tf.float32)
        ours.update(every, ours.rows(every), gradient, rate.astype(np.float32))
        adam.apply([gradient], [theirs])
    np.testing.assert_allclose(ours.kernel.numpy(), theirs.numpy(), atol=1e-5)


def test_rows_that_are_not_used_keep_weights_and_moments():
    initial = np.ones((4, 2), np.float32)
    kernel = SparseKernel(initial)
    used = tf.constant([2, 0], tf.int64)
    kernel.update(used, kernel.rows(used), tf.constant([[1.0, -1.0], [2.0, 0.0]]), 0.1)
    changed = kernel.kernel.numpy() != 1
    np.testing.assert_array_equal(changed, [[True, False], [False] * 2, [True, True], [False] * 2])
    assert kernel.kernel.numpy()[2, 0] < 1 < kernel.kernel.numpy()[2, 1]
    for moment in (kernel.moment_1, kernel.moment_2):
        assert not moment.numpy()[[1, 3]].any()
        assert moment.numpy()[2].all()


def test_entries_are_in_single_precision():
    rows = Rows(csr_matrix(np.array([[0.1, 0.0, 0.2]])))
    used, batch = rows.compact(tf.constant([0], tf.int64))
    assert batch.dtype == tf.float32
    assert used.dtype == tf.int64
