"""Sparse matrices from dense ones."""

import numpy as np
import pytest
from scipy.sparse import csr_matrix

from organode.utils.sparse import sparse_rows


@pytest.mark.parametrize("shape", [(4, 3), (1, 5), (0, 3)])
def test_same_arrays_as_scipy(shape):
    dense = np.random.default_rng(1).integers(0, 3, shape).astype(np.float32)
    result, expected = sparse_rows(dense), csr_matrix(dense)
    assert result.shape == expected.shape
    assert result.indices.dtype == expected.indices.dtype
    for name in ("data", "indices", "indptr"):
        np.testing.assert_array_equal(getattr(result, name), getattr(expected, name))
    assert result.dtype == np.float32
