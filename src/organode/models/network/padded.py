"""Sparse input columns of several networks as dense arrays, for which a GPU has all kernels."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy.sparse import csr_matrix

from organode.models.network.backend import tf


class PaddedRows:
    """The sparse inputs of k networks, each row padded to the greatest number of entries of a row.

    An entry that pads has the value 0, in a column of its own after the last. All networks have as
    many rows as that with most, and one more: the row with the number `missing`. These rows are
    empty, and stand in for those that a batch lacks.

    Attributes
    ----------
    columns, values : tensor of shape (k, n + 1, m)
        Column number and value of each entry, where m is the greatest number of entries of a row.
    width : int
        Number of columns, with that of the padding.
    missing : int
        Number of an empty row of each network: n, the greatest number of rows.
    """

    def __init__(self, matrices: Sequence[csr_matrix]) -> None:
        entries = [np.diff(matrix.indptr) for matrix in matrices]
        self.missing = max(matrix.shape[0] for matrix in matrices)
        padding = matrices[0].shape[1]
        self.width = padding + 1
        shape = (len(matrices), self.missing + 1, max(each.max(initial=0) for each in entries))
        # TensorFlow keeps int32 arguments of a compiled function in the memory of the host, from
        # where each step would copy them.
        columns, values = np.full(shape, padding, np.int64), np.zeros(shape, np.float32)
        for place, (matrix, count) in enumerate(zip(matrices, entries, strict=True)):
            row = np.repeat(np.arange(matrix.shape[0]), count)
            position = np.arange(matrix.nnz) - np.repeat(matrix.indptr[:-1], count)
            columns[place, row, position] = matrix.indices
            values[place, row, position] = matrix.data
        self.columns, self.values = tf.constant(columns), tf.constant(values)

    def batch(self, chosen: Any) -> tuple[Any, Any]:
        """Return b rows of each network, and which columns have an entry in them.

        `chosen` holds the numbers of the rows, shape (k, b), int64.

        Returns
        -------
        batch : tensor of shape (k, b, width)
            The rows. They are dense: a batch has far fewer numbers than the rows of the kernel that
            its entries would select one by one, and the dense product adds in the same order each
            time.
        used : tensor of bool, shape (k, width)
            Columns with an entry, also one whose value is zero, in at least one of the b rows.
        """
        columns = tf.gather(self.columns, chosen, batch_dims=1)
        values = tf.gather(self.values, chosen, batch_dims=1)
        networks, size = chosen.shape
        network = tf.range(networks, dtype=tf.int64)[:, None, None]
        row = network * size + tf.range(size, dtype=tf.int64)[:, None]
        batch = _scattered(row * self.width + columns, values, networks * size * self.width)
        times = _scattered(
            network * self.width + columns, tf.ones_like(values), networks * self.width
        )
        return (
            tf.reshape(batch, [networks, size, self.width]),
            tf.reshape(times > 0, [networks, self.width]),
        )


def _scattered(places: Any, values: Any, length: int) -> Any:
    """Return a vector of zeros with the values added at their places."""
    return tf.scatter_nd(tf.reshape(places, [-1, 1]), tf.reshape(values, [-1]), [length])
