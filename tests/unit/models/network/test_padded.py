"""Padded inputs of several networks: the same numbers as the sparse ones."""

import numpy as np
import pytest
from scipy.sparse import csr_matrix
from scipy.sparse import random as random_sparse

from organode.models.network.backend import tf
from organode.models.network.padded import PaddedRows

COLUMNS = 20


@pytest.fixture(scope="module")
def matrices():
    random = np.random.default_rng(4)
    made = [random_sparse(n, COLUMNS, 0.2, "csr", np.float32, random) for n in (12, 9)]
    empty = made[0].tolil()
    empty[3] = 0  # a row without an entry
    return [empty.tocsr(), made[1]]


def test_batch_holds_the_rows_of_each_network(matrices):
    chosen = [[0, 5, 3, 11], [8, 1, 0, 1]]
    batch, used = PaddedRows(matrices).batch(tf.constant(chosen, tf.int64))
    assert batch.shape == (2, 4, COLUMNS + 1)
    for place, matrix in enumerate(matrices):
        expected = matrix[chosen[place]].toarray()
        np.testing.assert_array_equal(batch[place, :, :-1], expected)
        np.testing.assert_array_equal(used[place, :-1], expected.any(axis=0))


def test_padding_and_missing_rows_are_zero(matrices):
    rows = PaddedRows(matrices)
    assert rows.missing == 12
    assert rows.width == COLUMNS + 1
    batch, used = rows.batch(tf.constant([[12, 12], [12, 10]], tf.int64))
    assert not batch.numpy().any()
    assert not used.numpy()[:, :-1].any()
    batch, _ = rows.batch(tf.constant([[0, 12], [0, 12]], tf.int64))
    assert not batch.numpy()[:, :, -1].any()


def test_column_whose_only_entry_is_zero_is_used():
    matrix = csr_matrix((np.array([0.0, 2.0], np.float32), [1, 2], [0, 2]), shape=(1, 4))
    _, used = PaddedRows([matrix]).batch(tf.constant([[0]], tf.int64))
    np.testing.assert_array_equal(used[0, :-1], [False, True, True, False])
