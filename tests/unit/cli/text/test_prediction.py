"""Predictions as JSON."""

import json

import pandas as pd
import pyarrow as pa
import pytest

from organode.cli.text.prediction import as_json
from organode.library.chunk import own_columns


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (pa.float64(), 1.234e-05),
        (pa.float64(), 1.5e-20),
        (pa.float64(), 0.123456789),
        (pa.float64(), 1e300),
        (pa.int64(), 2**60),
        (pa.string(), "1.23456"),
    ],
)
def test_numbers_of_user_keep_digits(kind, value):
    own = own_columns(pa.table({"mine": pa.array([value, None], kind)}), ["IE"])
    table = pd.DataFrame(
        {"row": [0, 1], "IE": [8.123456, float("nan")], "IE_in_domain": [True, None]}
    )
    first, second = json.loads(as_json(pd.concat([own, table], axis=1)))
    assert first == {"mine": value, "row": 0, "IE": 8.1235, "IE_in_domain": True}
    assert second == {"mine": None, "row": 1, "IE": None, "IE_in_domain": None}


def test_missing_and_infinite_are_null():
    own = own_columns(pa.table({"mine": pa.array([float("inf"), float("nan")])}), [])
    assert json.loads(as_json(own)) == [{"mine": None}, {"mine": None}]
