"""Comparison on the page."""

import pytest

from organode.api.load import PACKAGED
from organode.app.comparison import compared
from organode.errors import UsageError
from organode.models.model import Model
from organode.settings import Screen

METHOXY = "COc1cccc2c1C(=O)c1ccccc1C2=O"


@pytest.fixture(scope="module")
def model():
    return Model.load(PACKAGED)


def test_each_wave_has_its_difference_and_the_fragments_shares(model):
    table = compared(model, ["methoxy"], [METHOXY], "AQ", Screen(), 0.95)
    reduction, oxidation = table.to_dict("records")
    assert (reduction["wave"], oxidation["wave"]) == ("reduction", "oxidation")
    assert reduction["difference / V"] < 0
    assert reduction["measured + difference / V"] == pytest.approx(
        1.97 + reduction["difference / V"], abs=0.011
    )
    assert "*OC" in reduction["fragments"]
    assert oxidation["measured + difference / V"] != oxidation["measured + difference / V"]


def test_unknown_reference_is_refused(model):
    with pytest.raises(UsageError):
        compared(model, ["a"], [METHOXY], "no such molecule", Screen(), 0.95)
