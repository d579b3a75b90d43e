import numpy as np
import pytest

from organode.curate.reference.assignment import declared, expand, to_absolute


def test_unreadable_rows_get_the_reference_of_the_row_before():
    references = expand(declared([True, False], 1.4, "stated"), np.array([1, 3]), 5)
    assert references.li.tolist() == [True, True, True, False, False]
    assert np.isnan(references.confidence[[0, 2, 4]]).all()
    assert np.isnan(references.residuals).all()


def test_only_rows_referred_to_lithium_are_shifted():
    references = declared([True, False], 1.24, "stated")
    absolute = to_absolute(np.array([[8.0, 0.5], [9.0, 1.0]]), references)
    assert absolute.ravel().tolist() == pytest.approx([9.24, 1.74, 9.0, 1.0])
    assert not references.is_mixed
