"""The first layer of a network, for sparse input: zeros cost no time in a training step."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.sparse import csr_matrix

from organode.models.network import adam
from organode.models.network.backend import tf


class SparseKernel:
    """The weight matrix (kernel) of the first layer, with a row for each input column.

    A training step reads and updates only some rows: those whose input column is not zero for at
    least one molecule of the batch. About 25 of the few thousand entries of a fingerprint are not
    zero, so most rows of the kernel, which holds most of the network's weights, have no gradient in
    a step. The optimiser, Adam, updates the rows with a gradient; in all other rows, its moments
    (running averages of the gradient and of its square) stay unchanged.
    """

    def __init__(self, initial: np.ndarray) -> None:
        self.kernel = tf.Variable(initial)
        self.moment_1 = tf.Variable(tf.zeros_like(initial))
        self.moment_2 = tf.Variable(tf.zeros_like(initial))

    def rows(self, used: Any) -> Any:
        """Return the weights in the rows with the numbers `used`, shape (len(used), units)."""
        return tf.gather(self.kernel, used)

    def update(self, used: Any, kernel: Any, gradient: Any, rate: Any) -> None:
        """Update the rows with the numbers `used` by a step of the optimiser Adam.

        `kernel` holds the present weights in these rows, `gradient` the gradient of the loss with
        respect to these weights; `rate` is the learning rate times Adam's bias correction.
        """
        moments = tf.gather(self.moment_1, used), tf.gather(self.moment_2, used)
        moved = adam.moved(kernel, moments, gradient, rate)
        variables = (self.kernel, self.moment_1, self.moment_2)
        for variable, rows in zip(variables, moved, strict=True):
            variable.scatter_update(tf.IndexedSlices(rows, used))


class Rows:
    """Sparse fingerprints as TensorFlow tensors, from which a training step takes its batch."""

    def __init__(self, matrix: csr_matrix) -> None:
        splits = matrix.indptr.astype(np.int64)
        self.columns = tf.RaggedTensor.from_row_splits(matrix.indices.astype(np.int64), splits)
        self.values = tf.RaggedTensor.from_row_splits(matrix.data.astype(np.float32), splits)

    def compact(self, rows: Any) -> tuple[Any, Any]:
        """Return b rows of the fingerprints, without the columns that are zero in all b rows.

        `rows` holds the numbers of the b rows.

        Returns
        -------
        used : tensor of shape (u,)
            Numbers of the columns that are not zero in at least one of the b rows.
        batch : tensor of shape (b, u)
            The b rows with the columns `used` only. The tensor is dense, because u is only a few
            hundred, and a dense matrix product of this size is faster than a sparse product.
        """
        columns = tf.gather(self.columns, rows)
        used, place = tf.unique(columns.values, out_idx=tf.int64)
        indices = tf.stack([columns.value_rowids(), place], axis=1)
        shape = tf.stack([tf.size(rows, tf.int64), tf.size(used, tf.int64)])
        return used, tf.scatter_nd(indices, tf.gather(self.values, rows).values, shape)
