"""Model cards whose data are damaged."""

import pytest

from organode.errors import OrganodeError
from organode.tracking.registry.kinds.card import render_card


@pytest.mark.parametrize(
    "content", [lambda: {}, lambda: {"metrics": {}}, lambda: {}["missing"], lambda: {"weights": 1}]
)
def test_missing_values_are_reported_with_remedy(content):
    with pytest.raises(OrganodeError, match=r"metrics\.json is damaged \(.*\): run it again"):
        render_card("stability.md.j2", content, "metrics.json is damaged", "run it again")
