"""Screenings for each type of cell: roles, electrodes, tiers and energies."""

import json
from html import unescape
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from helpers import run_all

MOLECULES = {
    "anthraquinone": "O=C1c2ccccc2C(=O)c2ccccc21",
    "dimethylbenzoquinone": "CC1=CC(=O)C(C)=CC1=O",
    "NDI": "CN1C(=O)c2ccc3c4c(ccc(c24)C1=O)C(=O)N(C)C3=O",
    "phenothiazine": "CN1c2ccccc2Sc2ccccc21",
    "triphenylamine": "c1ccc(N(c2ccccc2)c2ccccc2)cc1",
    "TEMPO": "CC1(C)CCCC(C)(C)N1[O]",
    "verdazyl": "CN1N=C(c2ccccc2)[N]N(C)C1=O",
    "hydroquinone": "Oc1ccc(O)cc1",
}
# Conditions under which the small models of the tests find all of them.
LOOSE = ("--set", "screen.in_domain=false", "--set", "screen.collector=carbon",
         "--set", "screen.level=0.5")  # fmt: skip
PHENOL = "oxidised form does not last: O-H on an arene or enol"
ARENE = "oxidised form does not last: arene without a donor"
DOUBT = "whether the oxidised form lasts is in doubt: triarylamine with an open para position"


@pytest.fixture(scope="module")
def library(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("cells") / "library.csv"
    pd.Series(MOLECULES, name="smiles").rename_axis("id").to_csv(path)
    return path


@pytest.fixture(scope="module")
def screened(trained, library) -> dict[str, Path]:
    """A screening for each type of cell; its last line is in a file `….said`."""
    outs = {cell: library.parent / cell for cell in ("flow", "metal", "symmetric")}
    said = run_all(
        *(["screen", library, "--out", out, "--cell", cell, *LOOSE] for cell, out in outs.items()),
        cwd=trained,
    )
    for cell, text in zip(outs, said, strict=True):
        (library.parent / f"{cell}.said").write_text(text)
    return outs


def candidates(out: Path) -> pd.DataFrame:
    return pd.read_parquet(out / "candidates.parquet")


@pytest.mark.parametrize(
    ("cell", "name", "role", "electrode"),
    [
        ("flow", "anthraquinone", "n", "negative"),
        ("flow", "anthraquinone", "p", None),
        ("flow", "phenothiazine", "p", "positive"),
        ("flow", "hydroquinone", "p", None),
        ("metal", "anthraquinone", "n", "positive"),
        ("metal", "dimethylbenzoquinone", "n", "positive"),
        ("metal", "NDI", "n", "positive"),
        ("metal", "phenothiazine", "p", "positive"),
        ("metal", "phenothiazine", "n", None),
        ("symmetric", "TEMPO", "np", "both"),
        ("symmetric", "verdazyl", "np", "both"),
        ("symmetric", "anthraquinone", "np", None),
        ("symmetric", "hydroquinone", "np", None),
    ],
)
def test_electrode_follows_from_role_and_cell(screened, cell, name, role, electrode):
    table = candidates(screened[cell])
    electrodes = table.query("id == @name and role == @role")["electrode"].tolist()
    assert electrodes == ([electrode] if electrode else [])


@pytest.mark.parametrize(
    ("cell", "name", "p_remark", "n_remark"),
    [
        ("flow", "phenothiazine", "", None),
        ("flow", "anthraquinone", ARENE, ""),
        ("flow", "hydroquinone", PHENOL, None),
        ("metal", "hydroquinone", PHENOL, None),
        ("metal", "phenothiazine", "", "of no interest: potential too low"),
        ("symmetric", "TEMPO", "", ""),
        ("symmetric", "hydroquinone", PHENOL, PHENOL),
        ("symmetric", "anthraquinone", ARENE, ARENE),
    ],
)
def test_refused_molecule_names_the_rule(screened, cell, name, p_remark, n_remark):
    row = pd.read_parquet(screened[cell] / "all.parquet").set_index("id").loc[name]
    for role, remark in (("p", p_remark), ("n", n_remark)):
        if remark is not None:
            assert row[f"{role}_remark"] == remark
            assert row[f"{role}_type"] == (remark == "")


@pytest.mark.parametrize(
    ("cell", "roles", "electrodes", "has_pairs"),
    [
        ("flow", ["p", "n"], ["positive", "negative"], True),
        ("metal", ["p", "n"], ["positive", "positive"], False),
        ("symmetric", ["np"], ["both"], False),
    ],
)
def test_all_files_list_the_same_roles(screened, library, cell, roles, electrodes, has_pairs):
    out = screened[cell]
    table, summary = candidates(out), json.loads((out / "summary.json").read_text())
    listed = table[["role", "electrode"]].drop_duplicates()
    assert listed["role"].tolist() == roles
    assert listed["electrode"].tolist() == electrodes
    counts = table["role"].value_counts().to_dict()
    assert summary["cell"] == cell
    assert summary["candidates"] == summary["listed"] == counts
    assert list(summary["refused"]) == list(summary["selected_by_margin"]["both"]) == roles
    for role in roles:
        assert counts[role] + sum(summary["refused"][role].values()) == len(MOLECULES)
    expected = ", ".join(f"{counts[role]} {role}-type" for role in roles)
    assert f"{expected} candidates among 8 rows" in library.with_name(f"{cell}.said").read_text()
    page = (out / "report.html").read_text()
    for role in roles:
        assert f'<section id="{role}">' in page
    assert (out / "pairs.csv").exists() == has_pairs == ('<section id="pairs">' in page)
    assert ("pairs.csv" in page) == has_pairs


def test_symmetric_cell_has_one_row_a_molecule_with_both_potentials(screened):
    table = candidates(screened["symmetric"])
    assert table["id"].is_unique
    assert {"TEMPO", "verdazyl", "phenothiazine"} <= set(table["id"])
    np.testing.assert_allclose(table["P_inside"], table["P_ox"] * table["P_red"])
    volts = table["E_ox"] - table["E_red"]
    np.testing.assert_allclose(table["energy_Wh_kg"], table["capacity_mAh_g"] * volts, rtol=1e-6)
    worst = table.set_index("id")["tier"]
    assert worst[["TEMPO", "phenothiazine"]].tolist() == ["fine", "caution"]
    reason = table.set_index("id")["tier_reason"]["phenothiazine"]
    assert reason == "reduced form: nothing in it is known to hold the electron"
    page = unescape((screened["symmetric"] / "report.html").read_text())
    assert page.count("<button>E_ox / V</button>") == page.count("<button>E_red / V</button>") == 1
    first = table.iloc[0]
    for name in ("E_ox", "E_red"):
        assert f'{name} <span class="v">{first[name]:.2f} V</span>' in page
        assert f"{first[f'{name}_lower']:.2f} to {first[f'{name}_upper']:.2f}</span>" in page


def test_metal_cell_counts_energy_against_lithium(screened):
    for role, potential in (("p", "E_ox"), ("n", "E_red")):
        table = candidates(screened["metal"])
        table = table[table["role"] == role]
        energy = table["capacity_mAh_g"] * table[potential]
        np.testing.assert_allclose(table["energy_Wh_kg"], energy, rtol=1e-6)


def test_fine_molecules_come_before_doubtful_ones(screened):
    for out in screened.values():
        for _, group in candidates(out).groupby("role"):
            tiers = group.sort_values("rank")["tier"].tolist()
            assert tiers == sorted(tiers, key=["fine", "caution"].index)
            assert "fine" in tiers


@pytest.mark.parametrize(
    ("tiers", "remarks", "left_out"),
    [
        ("[fine]", ["", DOUBT, PHENOL], "caution or fatal"),
        ("[fine, caution]", ["", "", PHENOL], "fatal"),
        ("[fine, caution, fatal]", ["", "", ""], None),
    ],
)
def test_tiers_limit_the_candidates(
    trained, library, tmp_path, called_ok, tiers, remarks, left_out
):
    out = tmp_path / "out"
    called_ok(
        "screen", library, "--out", out, *LOOSE, "--set", f"screen.tiers={tiers}", cwd=trained
    )
    names = ["phenothiazine", "triphenylamine", "hydroquinone"]  # fine, caution, fatal
    table = pd.read_parquet(out / "all.parquet").set_index("id").loc[names]
    assert table["p_remark"].tolist() == remarks
    listed = candidates(out).query("role == 'p' and id in @names")["id"].tolist()
    assert listed == [name for name, why in zip(names, remarks, strict=True) if not why]
    page = " ".join((out / "report.html").read_text().split())
    assert ("are left out, and listed below by rule" in page) == (left_out is not None)
    assert left_out is None or f"Those found {left_out} are left out" in page


@pytest.mark.parametrize(
    ("options", "parts"),
    [
        (["--cell", "lead"], ["'lead'", "'flow'", "'metal'", "'symmetric'"]),
        (["--set", "screen.cell=lead"], ["screen.cell = 'lead'", "'flow', 'metal' or 'symmetric'"]),
        (["--set", "screen.roles.n.low=3"], ["screen.roles.n", "at least 3 and at most 2.5 V"]),
        (
            ["--cell", "symmetric", "--set", "screen.roles.p.partner=3"],
            ["screen.roles.p.partner", "symmetric cell", "leave it out"],
        ),
    ],
)
def test_unknown_cell_or_impossible_role_is_rejected(
    trained, library, tmp_path, options, parts, called
):
    done = called("screen", library, "--out", tmp_path / "out", *options, cwd=trained)
    assert done.returncode == 2
    message = " ".join(done.stderr.replace("│", " ").split())
    assert all(part in message for part in parts), message
    assert not (tmp_path / "out").exists()


def test_limits_of_a_role_can_be_stated(trained, library, screened, tmp_path, called_ok):
    called_ok("screen", library, "--out", tmp_path / "out", "--cell", "metal", *LOOSE,
           "--set", "screen.roles={n: {low: 2.1, partner: 0.5}}", cwd=trained)  # fmt: skip
    table = candidates(tmp_path / "out").query("role == 'n'").set_index("id")
    before = candidates(screened["metal"]).query("role == 'n'").set_index("id")
    assert set(table.index) == set(before.index[before["E_red"] >= 2.1]) < set(before.index)
    loss = (before["energy_Wh_kg"] - table["energy_Wh_kg"])[table.index]
    np.testing.assert_allclose(loss, 0.5 * table["capacity_mAh_g"], rtol=1e-5)


def test_thesis_rule_in_a_symmetric_cell_checks_both_potentials(
    trained, library, tmp_path, called_ok
):
    out = tmp_path / "out"
    called_ok("screen", library, "--out", out, "--cell", "symmetric", "--margin", "thesis", *LOOSE,
              "--set", "screen.tiers=[fine, caution, fatal]", cwd=trained)  # fmt: skip
    table, summary = (
        pd.read_parquet(out / "all.parquet"),
        json.loads((out / "summary.json").read_text()),
    )
    low, high = summary["computed_window_V_vs_Li"]
    margins = summary["thesis_margin_V"]
    expected = table["E_ox_computed"].between(low, high - margins["E_ox"]) & (
        table["E_red_computed"].between(low + margins["E_red"], high)
    )
    assert (table["p_type"] == expected).all()
    assert (table["n_type"] == expected).all()
    page = (out / "report.html").read_text()
    assert "By the thesis's rule, on the computed scale" in page
    assert "with E_ox and E_red both inside the window" not in page
