"""The sparse first layer and its input: a step costs only the non-zero entries of its batch."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.sparse import csr_matrix

from organode.models.network.backend import tf

BETA_1, BETA_2, EPSILON = 0.9, 0.999, 1e-7  # Adam, Kingma and Ba, arXiv 1412.6980; as in Keras


class SparseKernel:
    """A kernel of which a step reads and updates only the rows that occur in its batch.

    About 25 of a few thousand entries of a fingerprint are not zero, so most rows of this kernel,
    which holds most of the weights, have no gradient in a step. Adam is applied to the rows with
    a gradient; the moments of the others stay unchanged.
    """

    def __init__(self, initial: np.ndarray) -> None:
        self.kernel = tf.Variable(initial)
        self.moment_1 = tf.Variable(tf.zeros_like(initial))
        self.moment_2 = tf.Variable(tf.zeros_like(initial))

    def rows(self, used: Any) -> Any:
        """Return the weights of some rows."""
        return tf.gather(self.kernel, used)

    def update(self, used: Any, kernel: Any, gradient: Any, rate: Any) -> None:
        """Take an Adam step for the rows `used`, whose weights are `kernel`.

        `rate` is the learning rate, multiplied by Adam's bias correction.
        """
        first = BETA_1 * tf.gather(self.moment_1, used) + (1 - BETA_1) * gradient
        second = BETA_2 * tf.gather(self.moment_2, used) + (1 - BETA_2) * tf.square(gradient)
        updated = kernel - rate * first / (tf.sqrt(second) + EPSILON)
        variables = (self.moment_1, self.moment_2, self.kernel)
        for variable, rows in zip(variables, (first, second, updated), strict=True):
            variable.scatter_update(tf.IndexedSlices(rows, used))


class Rows:
    """Sparse fingerprints on the device, from which a TensorFlow graph takes batches."""

    def __init__(self, matrix: csr_matrix) -> None:
        splits = matrix.indptr.astype(np.int64)
        self.columns = tf.RaggedTensor.from_row_splits(matrix.indices.astype(np.int64), splits)
        self.values = tf.RaggedTensor.from_row_splits(matrix.data.astype(np.float32), splits)

    def compact(self, rows: Any) -> tuple[Any, Any]:
        """Return the columns with an entry in some rows, and these rows with only those columns.

        Returns
        -------
        used : tensor of shape (u,)
            Column numbers.
        batch : tensor of shape (b, u)
            Dense: u is a few hundred, and a dense product of that size beats a sparse one.
        """
        columns = tf.gather(self.columns, rows)
        used, place = tf.unique(columns.values, out_idx=tf.int64)
        indices = tf.stack([columns.value_rowids(), place], axis=1)
        shape = tf.stack([tf.size(rows, tf.int64), tf.size(used, tf.int64)])
        return used, tf.scatter_nd(indices, tf.gather(self.values, rows).values, shape)
