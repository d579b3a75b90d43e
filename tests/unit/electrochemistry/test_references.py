"""Potentials of reference electrodes, solvent by solvent."""

import csv
from importlib.resources import files

import pytest

from organode.electrochemistry import FC, LI, against_fc, convert, known_references
from organode.electrochemistry.references import uncertainty_between
from organode.errors import UsageError

SOLVENTS = ("ACN", "EC", "DMC", "PC", "DME", "diglyme", "DMSO", "DMF", "THF", "water", "unheard-of")


def rows():
    with (files("organode.electrochemistry") / "references.csv").open(encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


def test_every_row_is_unique_with_source_and_evidence():
    table = rows()
    assert len({(row["reference"], row["solvent"]) for row in table}) == len(table)
    for row in table:
        assert row["citation"]
        assert row["how"]
        assert row["evidence"] in {"source", "compilation", "derived", "not re-read"}
        assert 0 < float(row["uncertainty_V"]) < 0.5
        assert -4 < float(row["volts_vs_Fc"]) < 0


@pytest.mark.parametrize("solvent", SOLVENTS)
def test_conversions_round_trip_in_every_solvent(solvent):
    for reference in known_references():
        for to in known_references():
            there = convert(1.234, reference, to, solvent)
            assert convert(there, to, reference, solvent) == pytest.approx(1.234)
        assert convert(0.5, reference, reference, solvent) == 0.5
        assert convert(0, reference, FC, solvent) == against_fc(reference, solvent).volts


@pytest.mark.parametrize("solvent", ["ACN", "PC", "EC", "DMC", "DEC", "EMC", "DME", "diglyme"])
def test_ferrocene_vs_lithium_is_as_in_cells(solvent):
    assert 3.2 <= convert(0, FC, LI, solvent) <= 3.4


def test_ferrocene_vs_lithium_depends_on_solvent():
    assert convert(0, FC, LI, "DMSO") - convert(0, FC, LI, "ACN") == pytest.approx(0.42)


@pytest.mark.parametrize("solvent", ["ACN", "DMF", "DMSO", "DCM", "THF", "acetone", "DME"])
def test_differences_of_aqueous_electrodes_are_same_in_every_solvent(solvent):
    assert convert(0, "SCE", "SHE", solvent) == pytest.approx(0.244, abs=0.001)
    assert convert(0, "Ag/AgCl (sat. KCl)", "SHE", solvent) == pytest.approx(0.197)
    assert convert(0, "Ag/AgCl (3 M KCl)", "SHE", solvent) == pytest.approx(0.209)


@pytest.mark.parametrize(
    ("reference", "solvent", "expected", "uncertainty", "taken_from"),
    [
        ("SCE", "ACN", -0.380, 0.02, "ACN"),
        ("SHE", "water", -0.400, 0.005, "water"),
        ("Ag/Ag+ (0.01 M)", "ACN", -0.082, 0.1, "ACN"),
        (LI, "DMC", -3.25, 0.11, "EC"),
        (LI, "diglyme", -3.25, 0.15, "EC"),
        ("SCE", "diglyme", -0.51, 0.06, "DME"),
        (LI, "sulfolane", -3.28, 0.27, "ACN"),
        ("SCE", "PC", -0.38, 0.063, "ACN"),
        ("Mg/Mg2+", "ACN", -2.6, 0.32, "DME"),
    ],
)
def test_solvent_without_value_uses_similar_solvent(
    reference, solvent, expected, uncertainty, taken_from
):
    conversion = against_fc(reference, solvent)
    assert conversion.volts == pytest.approx(expected)
    assert conversion.uncertainty == pytest.approx(uncertainty, abs=0.005)
    assert (conversion.reference, conversion.solvent) == (reference, solvent)
    assert conversion.taken_from == taken_from
    assert conversion.source


def test_ferrocene_vs_itself_is_exact():
    conversion = against_fc(FC, "DMF")
    assert (conversion.volts, conversion.uncertainty, conversion.taken_from) == (0, 0, "DMF")


def test_unknown_reference_lists_known_ones():
    with pytest.raises(
        UsageError, match=r"unknown reference 'XYZ': known are Fc/Fc\+, Li/Li\+.*SCE"
    ):
        against_fc("XYZ", "ACN")
    with pytest.raises(UsageError, match="unknown reference 'Zn/Zn2"):
        convert(1, LI, "Zn/Zn2+", "ACN")


def test_shared_errors_cancel():
    lithium, sodium = against_fc(LI, "ACN"), against_fc("Na/Na+", "ACN")
    assert uncertainty_between(lithium, lithium) == 0
    assert uncertainty_between(lithium, sodium) == pytest.approx(0.05)
    assert uncertainty_between(against_fc("SCE", "DMF"), against_fc("SHE", "DMF")) < 0.02
    assert uncertainty_between(against_fc(LI, "DMC"), against_fc(LI, "EC")) == pytest.approx(0.05)
    assert uncertainty_between(lithium, against_fc("SHE", "ACN")) == pytest.approx(0.104, abs=0.001)
    assert uncertainty_between(lithium, against_fc(FC, "ACN")) == pytest.approx(0.1)
