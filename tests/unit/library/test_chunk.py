"""Chunks of rows, and names of own columns."""

from organode.library.chunk import own_names


def test_own_columns_get_distinct_names():
    assert own_names(["IE", "IE_given", "x"], ["IE"]) == ["IE_given_given", "IE_given", "x"]
