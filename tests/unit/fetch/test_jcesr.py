"""The table of the legacy molecules from the records of the API."""

from contextlib import contextmanager

import numpy as np
import pandas as pd
import pytest

from organode.fetch import jcesr
from organode.fetch.jcesr import QUERY, materials_project
from organode.fetch.pages import Answer
from organode.settings import Fetch

RECORDS = [
    {"task_id": "mol-1", "smiles": "O=C1C=CC(=O)C=C1", "IE": 9.5, "EA": 2.25},
    {"task_id": "mol-2", "smiles": None, "IE": 8.0, "EA": None},
    {"task_id": "mol-3", "EA": -1.0},
    {"task_id": "mol-4", "smiles": " CCO ", "IE": "nine", "EA": 0.0},
]


@pytest.fixture
def raw(monkeypatch):
    asked = []

    @contextmanager
    def download(query, page_size):
        asked.append((query, page_size))
        yield Answer(RECORDS, {"url": "https://example.org/", "page_size": page_size}, "abc")

    monkeypatch.setattr(jcesr, "download", download)
    with materials_project(Fetch(page_size=7)) as made:
        assert asked == [(QUERY, 7)]
        yield made


def test_every_record_is_a_row_with_what_it_has(raw):
    table = raw.table
    assert table["row"].tolist() == [0, 1, 2, 3]
    assert table["smiles"].fillna("none").tolist() == ["O=C1C=CC(=O)C=C1", "none", "none", "CCO"]
    np.testing.assert_array_equal(table["IE"], [9.5, 8.0, np.nan, np.nan])
    np.testing.assert_array_equal(table["EA"], [2.25, np.nan, -1.0, 0.0])
    assert table["unread"][3] == "IE 'nine' is not a number"
    assert table["problem"].isna().all()


def test_sign_of_the_affinity_is_kept(raw):
    """Quinones have positive values: E(neutral) − E(anion), as in the project's tables."""
    assert raw.provenance.affinity_sign == "neutral-minus-anion"
    assert raw.table["EA"][0] > 0


def test_provenance_says_where_the_numbers_are_from(raw):
    provenance = raw.provenance
    assert (provenance.source, provenance.rows, provenance.sha256) == (
        "materials-project",
        4,
        "abc",
    )
    assert provenance.query["url"] == "https://example.org/"
    assert provenance.reference == "unknown"  # not the same in all rows
    assert "10.1016/j.commatsci.2015.02.050" in provenance.citation
    assert provenance.licence == "CC BY 4.0"
    assert pd.Timestamp(provenance.time).utcoffset() == pd.Timedelta(0)


def test_query_sorts_and_asks_for_what_is_read():
    """Without an order, a record could be on two pages."""
    assert QUERY.parameters["_sort_fields"] == "task_id"
    assert {"smiles", "IE", "EA"} <= set(QUERY.parameters["_fields"].split(","))
