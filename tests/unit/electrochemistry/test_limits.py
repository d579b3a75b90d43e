"""Stability limits as published, and as given in the settings."""

import pytest

from organode.electrochemistry import known_references
from organode.electrochemistry.conventions import on_computed_scale
from organode.electrochemistry.limits import custom, pick, read, stated
from organode.errors import UsageError

ROW = {
    "volts": "3.5", "reference": "SHE", "solvent": "ACN", "what": "it is oxidised",
    "kind": "measured", "citation": "Ue (1994)", "doi": "", "evidence": "source",
    "printed": "3.5 V", "electrode": "glassy carbon", "criterion": "1 mA/cm²",
    "computed_V": "6.54", "remark": "",
}  # fmt: skip


@pytest.mark.parametrize("name", ["solvents.csv", "collectors.csv"])
def test_every_limit_has_source_and_evidence(name):
    table = read(name)
    assert len({(row["name"], row["side"]) for row in table}) == len(table)
    for row in table:
        assert row["side"] in {"low", "high"}
        assert all(row[key] for key in ("title", "what", "citation", "printed", "electrode"))
        assert row["kind"] in {"measured", "computed", "thesis"}
        assert row["evidence"] in {"source", "compilation", "derived", "not re-read"}
        assert row["reference"] in known_references()
        assert row["doi"] or "thesis" in row["citation"] or row["evidence"] != "compilation"


@pytest.mark.parametrize("name", ["solvents.csv", "collectors.csv"])
def test_every_item_has_both_limits_in_order(name):
    limits = {}
    for row in read(name):
        limits.setdefault(row["name"], {})[row["side"]] = stated(row)
    for sides in limits.values():
        assert sides["low"].computed_scale < sides["high"].computed_scale


def test_row_becomes_limit():
    limit = stated(ROW)
    assert (limit.volts, limit.reference, limit.solvent) == (3.5, "SHE", "ACN")
    assert (limit.what, limit.kind, limit.computed_scale) == ("it is oxidised", "measured", 6.54)
    assert limit.source == "Ue (1994): 3.5 V; glassy carbon; 1 mA/cm²"


@pytest.mark.parametrize(
    ("cells", "source"),
    [
        ({"doi": "10.1/x"}, "Ue (1994), doi 10.1/x: 3.5 V; glassy carbon; 1 mA/cm²"),
        ({"remark": "A bound"}, "Ue (1994): 3.5 V; glassy carbon; 1 mA/cm². A bound"),
        ({"evidence": "not re-read"}, "Ue (1994) (not re-read): 3.5 V; glassy carbon; 1 mA/cm²"),
        (
            {"doi": "10.1/x", "evidence": "not re-read"},
            "Ue (1994), doi 10.1/x (not re-read): 3.5 V; glassy carbon; 1 mA/cm²",
        ),
    ],
)
def test_source_says_where_and_how_it_was_read(cells, source):
    assert stated(ROW | cells).source == source


def test_limit_of_the_settings_is_in_the_solvent_of_the_cell():
    limit = custom(-0.5, "SHE", "mine is reduced", "estimate", "our cell")
    assert (limit.volts, limit.reference, limit.solvent) == (-0.5, "SHE", "")
    assert (limit.what, limit.kind) == ("mine is reduced", "estimate")
    assert limit.source == "our cell (params.yaml)"
    assert limit.computed_scale == on_computed_scale(-0.5, "SHE") == pytest.approx(2.54)


def test_limit_vs_unknown_reference_is_rejected():
    with pytest.raises(UsageError, match="unknown reference 'XYZ'"):
        custom(1.0, "XYZ", "", "", "")


def test_item_is_picked_by_its_exact_name():
    assert pick({"Al": 1, "Cu": 2}, "Cu", "collector", "") == 2
    with pytest.raises(UsageError) as raised:
        pick({"Al": 1, "Cu": 2}, "cu", "collector", "{low: 0.0}")
    assert str(raised.value) == (
        "unknown collector 'cu': known are Al, Cu; your own goes into params.yaml under "
        "screen.collectors, as in `cu: {low: 0.0}`"
    )
