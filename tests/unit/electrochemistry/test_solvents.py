"""Solvents of cells."""

import pytest
import yaml

from organode.electrochemistry.solvents import known_solvents, solvent
from organode.errors import UsageError
from organode.settings import CustomSolvent, Screen


def own(**changes):
    given = {"reduction": 0.2, "oxidation": 4, "kind": "exp", "source": "us"}
    return CustomSolvent(**given | changes)


def test_common_solvents_are_known():
    named = {"ACN", "EC", "PC", "DMC", "DEC", "DME", "diglyme", "DMSO", "DMF", "THF", "water"}
    assert set(known_solvents()) == named
    assert [name for name, liquid in known_solvents().items() if liquid.protic] == ["water"]


@pytest.mark.parametrize("name", known_solvents())
def test_reduction_is_below_oxidation(name):
    found = solvent(Screen(solvent=name))
    assert found is known_solvents()[name]
    assert found.name == name
    assert found.reduction.computed_scale < found.oxidation.computed_scale


def test_limits_are_named_after_the_solvent():
    acetonitrile = known_solvents()["ACN"]
    assert acetonitrile.title == "acetonitrile"
    assert acetonitrile.reduction.what == "acetonitrile is reduced"
    assert acetonitrile.oxidation.what == "acetonitrile is oxidised"
    assert (acetonitrile.reduction.volts, acetonitrile.oxidation.volts) == (-2.6, 3.5)


def test_solvent_of_the_settings():
    cell = Screen(solvent="G4", solvents={"G4": own(title="tetraglyme", protic=True)})
    found = solvent(cell)
    assert (found.name, found.title, found.protic) == ("G4", "tetraglyme", True)
    assert (found.reduction.volts, found.oxidation.volts) == (0.2, 4)
    assert found.reduction.what == "tetraglyme is reduced"
    assert found.oxidation.what == "tetraglyme is oxidised"
    assert found.oxidation.source == "us (params.yaml)"


def test_solvent_without_title_is_called_by_its_code():
    found = solvent(Screen(solvent="G4", solvents={"G4": own()}))
    assert (found.title, found.protic) == ("G4", False)
    assert found.reduction.what == "G4 is reduced"


def test_solvent_of_the_settings_replaces_a_known_one():
    assert solvent(Screen(solvent="ACN", solvents={"ACN": own()})).oxidation.volts == 4
    assert solvent(Screen(solvent="ACN")).oxidation.volts == 3.5  # elsewhere it is as it was


def test_unknown_solvent_lists_known_ones_and_how_to_add():
    with pytest.raises(UsageError, match=r"unknown solvent 'G4': known are ACN.* mine;") as raised:
        solvent(Screen(solvent="G4", solvents={"mine": own()}))
    assert "screen.solvents" in str(raised.value)
    ((name, example),) = yaml.safe_load(str(raised.value).split("`")[1]).items()
    assert name == "G4"
    assert CustomSolvent(**example).title == "tetraglyme"  # what it shows can be copied


def test_unknown_reference_of_a_solvent_is_rejected_only_where_it_is_used():
    solvents = {"mine": own(reference="XYZ")}
    with pytest.raises(UsageError, match="unknown reference 'XYZ'"):
        solvent(Screen(solvent="mine", solvents=solvents))
