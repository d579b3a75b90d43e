"""Current collectors."""

import pytest
import yaml

from organode.electrochemistry.collectors import collector, known_collectors
from organode.errors import UsageError
from organode.settings import CustomCollector, Screen


def own(**changes):
    given = {"low": 0.5, "high": 3.5, "kind": "measured", "source": "our cell"}
    return CustomCollector(**given | changes)


def test_common_collectors_are_known():
    assert set(known_collectors()) == {"Al", "Cu", "Ti", "carbon"}


def test_limits_are_on_their_own_side():
    for name, known in known_collectors().items():
        assert known.name == name
        assert known.title
        assert known.low.computed_scale < known.high.computed_scale
    aluminium = known_collectors()["Al"]
    assert "takes up lithium" in aluminium.low.what
    assert "oxidised" in aluminium.high.what
    assert aluminium.high.volts == 4.7


def test_known_collector_is_found_by_name():
    assert collector(Screen(), "Cu") is known_collectors()["Cu"]


def test_collector_of_the_settings():
    found = collector(Screen(collectors={"foil": own(reference="SHE")}), "foil")
    assert (found.name, found.title) == ("foil", "foil")
    assert (found.low.volts, found.high.volts) == (0.5, 3.5)
    assert (found.low.what, found.high.what) == ("foil: lower limit", "foil: upper limit")
    assert {found.low.reference, found.high.reference} == {"SHE"}
    assert found.low.source == "our cell (params.yaml)"
    assert found.low.kind == "measured"


def test_collector_of_the_settings_replaces_a_known_one():
    cell = Screen(collectors={"Al": own(high=3.9)})
    assert collector(cell, "Al").high.volts == 3.9
    assert collector(Screen(), "Al").high.volts == 4.7  # in other cells it is as it was


def test_unknown_collector_lists_known_ones_and_how_to_add():
    with pytest.raises(UsageError, match=r"unknown collector 'Au': known are Al.* foil;") as raised:
        collector(Screen(collectors={"foil": own()}), "Au")
    assert "screen.collectors" in str(raised.value)
    (example,) = yaml.safe_load(str(raised.value).split("`")[1]).items()
    assert example[0] == "Au"
    assert CustomCollector(**example[1]).high == 3.9  # what it shows can be copied


def test_unknown_reference_of_a_collector_is_rejected():
    with pytest.raises(UsageError, match="unknown reference 'XYZ'"):
        collector(Screen(collectors={"foil": own(reference="XYZ")}), "foil")
