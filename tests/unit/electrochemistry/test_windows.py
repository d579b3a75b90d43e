"""Limits of solvents and collectors, and the window that they leave."""

import pytest

from organode.electrochemistry import (
    FC,
    LI,
    axis,
    computed_window,
    convert,
    from_li,
    known_references,
    solvent,
    warnings,
    window,
)
from organode.electrochemistry.solvents import known_solvents
from organode.errors import UsageError
from organode.settings import CustomCollector, CustomSolvent, Screen


def own(**changes):
    return CustomSolvent(
        **{"reduction": 0, "oxidation": 4, "kind": "exp", "source": "us"} | changes
    )


@pytest.mark.parametrize("name", known_solvents())
def test_every_solvent_and_reference_has_window(name):
    for reference in known_references():
        result = window(Screen(solvent=name, reference=reference, collector="carbon"))
        assert result.low.volts < result.high.volts
        assert (result.reference, result.solvent) == (reference, name)
        assert result.conversion.reference == reference
        assert result.low in result.compared
        assert result.high in result.compared
        assert all(limit.source and limit.kind and limit.what for limit in result.compared)
        assert all(0 <= limit.uncertainty < 0.6 for limit in result.compared)


def test_limits_are_converted_in_solvent_of_measurement():
    result = window(Screen(collector="Al"))
    assert result.low.volts == pytest.approx(-2.6 - 0.624 + 3.28)
    assert result.low.uncertainty == pytest.approx(0.104, abs=0.001)
    assert (result.low.kind, result.high.kind) == ("measured", "thesis")
    assert result.high.volts == pytest.approx(4.7 - 3.25 + 3.28)  # stated in carbonates
    assert window(Screen(solvent="EC", collector="Al")).high.volts == 4.7
    assert window(Screen(solvent="EC", collector="Al")).high.uncertainty == 0
    assert window(Screen(solvent="DMSO")).low.volts == pytest.approx(-2.52 + 3.70)
    assert window(Screen(solvent="EC")).low.volts == pytest.approx(1.36)


@pytest.mark.parametrize("name", ["ACN", "DMSO", "THF"])
def test_lithium_is_deposited_at_zero_volts_in_every_solvent(name):
    deposited = window(Screen(solvent=name)).compared[1]
    assert (deposited.what, deposited.volts, deposited.uncertainty) == (
        "lithium is deposited",
        0,
        0,
    )


@pytest.mark.parametrize("reference", ["Na/Na+", "K/K+", "Mg/Mg2+", FC, "SCE"])
def test_other_reference_shifts_limits_and_thresholds_equally(reference):
    for name in ("ACN", "PC", "DME", "DMSO"):
        lithium, other = Screen(solvent=name), Screen(solvent=name, reference=reference)
        shift = convert(0, LI, reference, name)
        pairs = zip(window(lithium).compared, window(other).compared, strict=True)
        assert all(b.volts - a.volts == pytest.approx(shift) for a, b in pairs)
        assert from_li(3.0, other) - from_li(3.0, lithium) == pytest.approx(shift)
        assert from_li(3.0, lithium) == 3.0


@pytest.mark.parametrize(
    ("cell", "low", "high"),
    [
        ({}, 0.44, 6.54),
        ({"collector": "Al"}, 0.44, 4.7),
        ({"cell": "metal"}, 0.0, 4.7),
        ({"cell": "metal", "solvent": "ACN"}, 0.44, 4.7),
        ({"cell": "metal", "solvent": "mine", "solvents": {"mine": own(reduction=1)}}, 1.0, 4.0),
        ({"solvent": "EC", "collector": "carbon"}, 1.36, 6.2),
        ({"solvent": "PC", "collector": "carbon"}, 1.6, 6.6),
        ({"solvent": "DMC", "collector": "carbon"}, 1.32, 6.7),
        ({"negative_collector": "Al", "collector": "Cu"}, 0.44, 3.1),
        ({"reference": "SCE", "collector": "Ti"}, 0.44, 5.0),
    ],
)
def test_thesis_window_on_computed_scale(cell, low, high):
    assert computed_window(Screen(**cell)) == (low, high)


def test_custom_limits_are_in_solvent_of_cell():
    cell = Screen(
        solvent="mine",
        collector="foil",
        reference=FC,
        solvents={"mine": own(reduction=-2.6, oxidation=2.0, reference="SHE")},
        collectors={"foil": CustomCollector(low=0, high=3.5, kind="exp", source="us")},
    )
    result = window(cell)
    assert result.low.volts == pytest.approx(-2.6 - 0.624)
    assert result.high.volts == pytest.approx(3.5 - 3.28)
    assert "us (params.yaml)" in result.low.source
    assert solvent(cell).oxidation.volts == 2.0
    assert computed_window(cell) == pytest.approx((0.44, 3.5))


def test_unknown_reference_is_rejected_wherever_it_is_named():
    with pytest.raises(UsageError, match="unknown reference 'XYZ'"):
        window(Screen(reference="XYZ"))
    with pytest.raises(UsageError, match="unknown reference 'XYZ'"):
        window(Screen(solvent="a", solvents={"a": own(reference="XYZ")}))
    with pytest.raises(UsageError, match="unknown reference 'XYZ'"):
        from_li(3.0, Screen(reference="XYZ"))


def test_empty_window_is_rejected():
    cell = Screen(solvent="a", solvents={"a": own(reduction=5, oxidation=1)})
    for make in (window, computed_window):
        with pytest.raises(UsageError, match="nothing is left of the window"):
            make(cell)


def test_protic_solvents_warn_that_proton_transfer_is_not_modelled():
    assert "proton transfer is not modelled" in warnings(Screen(solvent="water"))[0]
    cell = Screen(solvent="mine", solvents={"mine": own(protic=True)})
    assert "mine is protic" in warnings(cell)[0]
    assert not any("protic" in text for text in warnings(Screen()))


def test_lithium_electrode_in_a_solvent_without_film_has_a_warning():
    (text,) = warnings(Screen(cell="metal", solvent="ACN"))
    assert "acetonitrile is not known to form a film" in text
    for cell in (Screen(cell="metal"), Screen(cell="metal", solvent="DME"), Screen(solvent="ACN")):
        assert not any("film" in text for text in warnings(cell))


def test_solvent_of_the_user_has_its_own_limits_whatever_its_name():
    of_user = {"EC": own(reduction=1.0), "ACN": own(reduction=1.0)}
    for name in of_user:
        cell = Screen(cell="metal", solvent=name, solvents=of_user)
        assert window(cell).low.volts == pytest.approx(1.0)
        assert not any("film" in text for text in warnings(cell))


def test_conversions_from_other_solvents_have_warnings():
    (borrowed,) = warnings(Screen(solvent="diglyme"))
    assert "-3.25 ± 0.15 V" in borrowed
    assert "the value in EC" in borrowed
    assert warnings(Screen()) == []


def test_axis_names_reference_solvent_and_uncertainty():
    assert axis(Screen()) == (
        "V vs Li/Li+ in acetonitrile (Li/Li+ at -3.28 ± 0.10 V vs Fc/Fc+, not re-read)"
    )
    assert axis(Screen(reference="Fc/Fc+", solvent="DMF")).startswith("V vs Fc/Fc+ in")
    assert "(" not in axis(Screen(reference="Fc/Fc+"))
