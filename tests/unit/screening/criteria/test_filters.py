"""Filters on structure and capacity."""

import numpy as np
import pytest

from organode.errors import UsageError
from organode.screening.criteria.filters import check_filter, looks_at_structures, refusals
from organode.settings import Filter
from screening import properties


def test_filters_refuse_only_what_is_set():
    structures = ["Brc1ccccc1", "COc1ccc(OC)cc1"]
    table = properties(structures, np.ones(2), 1)
    assert refusals(Filter(), structures, table) == ["", ""]
    assert refusals(Filter(avoid_elements=("Br",)), structures, table) == ["contains Br", ""]
    assert refusals(Filter(motifs=("alkoxybenzene",)), structures, table)[0]
    assert refusals(Filter(min_capacity=180), structures, table) == [
        "capacity below 180 mAh/g",
        "",
    ]
    assert refusals(Filter(max_sa_score=1.0), structures, table)[1] == "SA score above 1"


def test_unknown_element_or_group_is_rejected():
    for wrong in ({"avoid_elements": ("br",)}, {"motifs": ("quinnone",)}):
        with pytest.raises(UsageError, match=next(iter(wrong.values()))[0]):
            check_filter(Filter(**wrong))


def test_structures_are_looked_at_only_where_a_filter_asks_for_them():
    assert not looks_at_structures(Filter(min_capacity=180))
    for asked in ({"avoid_elements": ("Br",)}, {"no_alerts": True}, {"max_sa_score": 3.0}):
        assert looks_at_structures(Filter(**asked))
