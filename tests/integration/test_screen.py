"""The command `screen`: rows, rules, references, rankings, reports, and resuming."""

import json
import pickle
import re
import subprocess
import time
from html import unescape
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from rdkit import Chem

from faults import Planted
from helpers import PROGRAM, environment, killed_when, run_all, run_ok, started
from library_files import CELLS
from organode.electrochemistry import window
from organode.electrochemistry.cells import ROLES
from organode.electrochemistry.stability import FATAL, OXIDISED, REDUCED, verdict
from organode.label.correction import fit
from organode.pipeline.screen import FILES
from organode.screening.criteria.stability import TIER_ORDER
from organode.settings import Screen
from screening import WIDE, contents

WITHOUT = "verified.csv"  # comes with --verify only

IN_PROCESSES = ("--engine", "processes", "--jobs", "2")
ALL_TIERS = ("--set", "screen.tiers=[fine, caution, fatal]")


def is_stable(smiles: str, side: str) -> bool:
    return verdict(Chem.MolFromSmiles(smiles), side).tier != FATAL


def test_every_row_has_a_status_and_candidates_meet_the_criteria(trained, library, tmp_path):
    out = tmp_path / "screened"
    run_ok("screen", library, "--solvent", "ACN", "--out", out, cwd=trained)
    assert {file.name for file in out.iterdir()} == set(FILES) - {WITHOUT}
    table = pd.read_parquet(out / "all.parquet")
    summary = json.loads((out / "summary.json").read_text())
    assert table["row"].tolist() == list(range(len(CELLS)))
    assert table["smiles"].tolist() == CELLS
    assert table["status"][7] == "repeat of row 0"
    assert sum(summary["status"].values()) == summary["rows"] == len(CELLS)
    good = table[table["status"] == "ok"]
    for role in ROLES:
        assert good[f"{role}_type"].nunique() == 2  # candidates and others
        refused = sum(summary["refused"][role].values())
        assert refused + summary["candidates"][role] == len(good)
    cell = window(Screen())
    low, high = cell.low.volts, cell.high.volts
    assert summary["window_V"] == [pytest.approx(low, abs=1e-3), pytest.approx(high, abs=1e-3)]
    for row in good.itertuples():
        assert row.E_ox_computed == pytest.approx(row.IE - 1.40, abs=1e-5)
        assert row.E_red_computed == pytest.approx(row.EA - 1.40, abs=1e-5)
        in_window = row.E_ox >= 3.0 and row.E_ox_upper <= high
        assert row.p_type == (in_window and row.IE_in_domain and is_stable(row.smiles, OXIDISED))
        in_window = row.E_red <= 2.5 and row.E_red_lower >= low
        assert row.n_type == (in_window and row.EA_in_domain and is_stable(row.smiles, REDUCED))
        assert row.p_type == (row.p_remark == "")
        assert row.n_type == (row.n_remark == "")
        assert 0 <= row.P_ox <= 1
        assert 0 <= row.P_red <= 1


def test_thesis_rule_uses_the_same_error_bar_for_all(trained, tmp_path, called_ok):
    out = tmp_path / "screened"
    called_ok("screen", "data/embedded/library.csv", "--out", out, "--margin", "thesis",
           "--collector", "Al", "--set", "screen.in_domain=false", *ALL_TIERS,
           cwd=trained)  # fmt: skip
    table = pd.read_parquet(out / "all.parquet")
    summary = json.loads((out / "summary.json").read_text())
    margins = summary["thesis_margin_V"]
    assert summary["computed_window_V_vs_Li"] == [0.44, 4.7]
    expected = (table["IE"] - 1.40).between(3.0, 4.7 - margins["E_ox"])
    assert (table["p_type"] == expected).all()
    expected = (table["EA"] - 1.40).between(0.44 + margins["E_red"], 2.5)
    assert (table["n_type"] == expected).all()
    assert 0 < expected.sum() < len(expected)
    selected = summary["selected_by_margin"]
    assert selected["thesis"]["n"] == expected.sum()
    assert selected["both"]["n"] <= selected["interval"]["n"]
    assert "By the thesis's rule, on the computed scale" in (out / "report.html").read_text()


def screened(out: Path) -> tuple[pd.DataFrame, pd.DataFrame, dict, str]:
    return (
        pd.read_parquet(out / "all.parquet"),
        pd.read_parquet(out / "candidates.parquet"),
        json.loads((out / "summary.json").read_text()),
        unescape((out / "report.html").read_text()),
    )


SOME = ("screen", "data/embedded/library.csv", "--set", "screen.in_domain=false")


@pytest.fixture(scope="module")
def acetonitrile(trained, tmp_path_factory):
    out = tmp_path_factory.mktemp("acetonitrile") / "out"
    run_all([*SOME, "--out", out], cwd=trained)
    return screened(out)


def test_first_tile_is_the_coverage_of_measured_potentials(acetonitrile):
    _, _, summary, page = acetonitrile
    tests = summary["measured"].values()
    n, inside = (sum(test[key] for test in tests) for key in ("n", "inside"))
    tile = re.search(r'<div class="tile"><b>(.*?)</b><span>(.*?)</span>', page)
    assert tile[1] == f"{round(100 * inside / n)} %"
    assert tile[2] == f"of {n} measured potentials of families left out lie inside their error bar"
    assert all(test["families"] > 4 and test["level"] == 0.95 for test in tests)


def test_reference_electrode_shifts_potentials_limits_and_partners_together(
    trained, acetonitrile, tmp_path, called_ok
):
    called_ok(*SOME, "--reference", "Na/Na+", "--out", tmp_path / "out", cwd=trained)
    table, candidates, summary, page = screened(tmp_path / "out")
    before, listed, of_li, _ = acetonitrile
    shift = of_li["conversion"]["volts_vs_Fc"] - summary["conversion"]["volts_vs_Fc"]
    assert summary["reference"] == "Na/Na+"
    for name in ("E_ox", "E_ox_upper", "E_red", "E_red_lower"):
        np.testing.assert_allclose(table[name], before[name] + shift, atol=1e-4)
    np.testing.assert_allclose(summary["window_V"], np.add(of_li["window_V"], shift), atol=2e-3)
    assert 0.1 < abs(shift) < 1
    assert (table[["p_type", "n_type"]] == before[["p_type", "n_type"]]).all().all()
    assert candidates["smiles"].tolist() == listed["smiles"].tolist()
    np.testing.assert_allclose(candidates["energy_Wh_kg"], listed["energy_Wh_kg"], atol=0.05)
    np.testing.assert_allclose(table["E_ox_computed"], before["E_ox_computed"])
    assert "E_ox / V vs Na/Na⁺ in acetonitrile" in " ".join(page.split())
    assert "window of the cell, vs Na/Na⁺ in acetonitrile" in page


def test_unknown_reference_is_rejected_and_known_references_are_listed(trained, tmp_path, called):
    done = called(*SOME, "--reference", "RHE", "--out", tmp_path / "out", cwd=trained)
    assert done.returncode == 2
    assert "unknown reference 'RHE': known are Fc/Fc+, Li/Li+" in " ".join(done.stderr.split())


def test_other_solvent_is_named_and_shifts_the_potentials(
    trained, acetonitrile, tmp_path, called_ok
):
    for code, title in (("DMF", "N,N-dimethylformamide"), ("PC", "propylene carbonate")):
        called_ok(*SOME, "--solvent", code, "--out", tmp_path / code, cwd=trained)
        table, _, summary, page = screened(tmp_path / code)
        before, _, of_acetonitrile, _ = acetonitrile
        zero = of_acetonitrile["conversion"]["volts_vs_Fc"] - summary["conversion"]["volts_vs_Fc"]
        for name, effect in summary["solvent_shift_V"].items():
            moved = table[name] - before[name]
            np.testing.assert_allclose(moved, zero + effect["shift"], atol=2e-3)
            assert (effect["shift"] != 0) == (effect["n"] > 0)
            width, acetonitriles = (
                each[f"{name}_upper"] - each[f"{name}_lower"] for each in (table, before)
            )
            assert (width > acetonitriles).all()
        assert summary["solvent"] == code
        assert f"Potentials are those expected in {title}" in page
        assert f"V vs Li/Li⁺ in {title}" in page
    assert "No E_ox measured in this solvent is known" in page
    assert "Potentials are those expected" not in acetonitrile[3]


def test_water_warns_about_proton_transfer(trained, tmp_path, called_ok):
    done = called_ok(*SOME, "--solvent", "water", "--out", tmp_path / "out", cwd=trained)
    _, _, summary, page = screened(tmp_path / "out")
    for text in (done.stderr, " ".join(summary["warnings"]), page):
        assert "proton transfer is not modelled" in " ".join(text.split())


def test_level_beyond_the_measured_potentials_is_rejected(trained, tmp_path, called):
    done = called(*SOME, "--set", "screen.level=0.999", "--out", tmp_path / "out", cwd=trained)
    assert done.returncode == 2
    assert "can vouch for error bars of at most" in " ".join(done.stderr.split())


def test_candidates_are_ranked_and_paired(trained, tmp_path, called_ok):
    out = tmp_path / "screened"
    called_ok("screen", "data/embedded/library.csv", "--out", out, "--trained", *WIDE, cwd=trained)
    candidates = pd.read_csv(out / "candidates.csv")
    records = [*Chem.SDMolSupplier(str(out / "candidates.sdf"))]
    assert len(records) == len(candidates) > 0
    assert records[0].GetProp("smiles") == candidates["smiles"][0]
    assert candidates[["role", "electrode"]].drop_duplicates().to_numpy().tolist() == [
        ["p", "positive"],
        ["n", "negative"],
    ]
    for role, group in candidates.groupby("role"):
        assert group["rank"].tolist() == list(range(1, len(group) + 1))
        inside = group[{"p": "P_ox", "n": "P_red"}[role]]
        np.testing.assert_array_equal(group["P_inside"], inside)
        assert group["P_stable"].between(0.01, 0.99).all()
        score = group["expected_Wh_kg"] * group["P_stable"]
        np.testing.assert_allclose(group["score"], score, rtol=2e-3, atol=0.05)
        single = group[group["electrons"] == 1]
        expected = single["P_inside"] * single["energy_Wh_kg"]
        np.testing.assert_allclose(single["expected_Wh_kg"], expected, rtol=2e-3, atol=0.05)
        wave, sign = {"p": ("E_ox", 1), "n": ("E_red", -1)}[role]
        apart = sign * (group[f"{wave}2"] - group[wave])
        assert apart.dropna().between(0.1, 1.2).all()  # the second electron is the harder one
        assert group["tier"].map(TIER_ORDER).is_monotonic_increasing
        for _, of_tier in group.groupby("tier"):
            assert of_tier["score"].is_monotonic_decreasing
        assert (group["front"] >= 1).all()
        picks = group["pick"].dropna()
        assert sorted(picks) == list(range(1, len(picks) + 1))
    assert candidates["pick"].notna().sum() > 1
    assert set(candidates["tier"]) == {"fine", "caution"}
    mass = candidates["molar_mass_g_mol"]
    capacity = 26801.5 * candidates["electrons"] / mass
    np.testing.assert_allclose(candidates["capacity_mAh_g"], capacity, rtol=1e-3)
    assert set(candidates["electrons"]) == {1, 2}
    pairs = pd.read_csv(out / "pairs.csv")
    assert len(pairs) > 1
    of_role = {role: group.set_index("id") for role, group in candidates.groupby("role")}
    plus, minus = of_role["p"].loc[pairs["positive"]], of_role["n"].loc[pairs["negative"]]
    lasting = plus["P_stable"].to_numpy() * minus["P_stable"].to_numpy()
    assert (np.diff(pairs["energy_Wh_kg"] * lasting) < 1).all()  # but for rounding
    for side, role in ((plus, "p"), (minus, "n")):
        picked = of_role[role]["pick"].notna()
        best = min(of_role[role].loc[picked, "tier"], key=TIER_ORDER.__getitem__)
        assert set(side["tier"]) == {best}
    assert (pairs["voltage_lower_V"] <= pairs["voltage_V"]).all()
    html = (out / "report.html").read_text()
    assert html.count('<div class="card"') == candidates["pick"].notna().sum()
    assert "organode-IE" in html


def test_input_text_becomes_neither_markup_nor_formula(trained, library, tmp_path, called_ok):
    out = tmp_path / "screened"
    called_ok(
        "screen", library, "--out", out, *WIDE, "--set", "screen.absolute_li=2.9", cwd=trained
    )
    html = (out / "report.html").read_text()
    assert html.count("<script") == 1
    assert "<img" not in html
    assert "&lt;img src=x" in html
    assert re.search(r"script-src 'sha256-[\w+/=]+'", html)
    assert "Two conventions" in html


def test_chunks_without_molecules_or_candidates_are_screened(trained, tmp_path, called_ok):
    good = pd.read_csv(trained / "data/embedded/library.csv")["smiles"].head(30).tolist()
    lines = [*["junk"] * 2_000, *["CCCC"] * 2_000, *good]
    (tmp_path / "library.smi").write_text("\n".join(lines) + "\n")
    called_ok("screen", tmp_path / "library.smi", "--out", tmp_path / "out", *WIDE, cwd=trained)
    summary = json.loads((tmp_path / "out/summary.json").read_text())
    assert summary["rows"] == 4_030
    assert summary["status"]["not a valid SMILES"] == 2_000
    assert sum(summary["candidates"].values()) > 0


def test_pattern_of_files_and_pipe_give_the_same_result(trained, tmp_path, called_ok):
    smiles = pd.read_csv(trained / "data/embedded/library.csv")["smiles"].head(30).tolist()
    for number in range(3):
        part = smiles[10 * number : 10 * number + 10]
        (tmp_path / f"part-{number}.smi").write_text("\n".join(part) + "\n")
    called_ok("screen", f"{tmp_path}/part-*.smi", "--out", tmp_path / "a", cwd=trained)
    done = subprocess.run(
        [PROGRAM, "screen", "-", "--out", tmp_path / "b"],
        cwd=trained,
        env=environment(),
        input="\n".join(smiles).encode(),
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    a, b = (pd.read_parquet(tmp_path / name / "all.parquet") for name in "ab")
    assert a["smiles"].tolist() == smiles
    np.testing.assert_allclose(a["IE"], b["IE"], rtol=1e-5)
    assert "standard input" in (tmp_path / "b/report.html").read_text()


@pytest.mark.slow
def test_candidate_is_verified_at_its_level_of_theory(trained, tmp_path, root):
    # A molecule of the training set, computed at the level of its label.
    embedded = pd.read_csv(root / "data/embedded/molecules.csv")
    known = embedded.query("level == 'xtb' and not unbound").iloc[[0]]
    known.assign(id="=1+1").to_csv(tmp_path / "one.csv", index=False)
    reference = embedded.query("level == 'b3lyp'").head(300)  # a correction that is fitted fast
    reference.to_csv(tmp_path / "reference.csv", index=False)
    out = tmp_path / "screened"
    run_ok("screen", tmp_path / "one.csv", "--out", out, *WIDE, "--verify", "1",
           "--set", f"curate.xtb_reference={tmp_path / 'reference.csv'}",
           "--set", "screen.absolute_li=2.9", "--set", "screen.level=0.3", cwd=trained)  # fmt: skip
    verified = pd.read_csv(out / "verified.csv")
    assert (verified["status"] == "ok").all()
    inside = verified["IE_computed"].between(verified["IE_lower"], verified["IE_upper"])
    assert (verified["IE_inside"] == inside).all()
    computed = verified.iloc[0]
    for target in ("IE", "EA"):
        solvation = known[target] - known[f"{target}_calibrated"]
        label = fit(reference, target).apply(known) + solvation
        assert computed[f"{target}_computed"] == pytest.approx(label.iloc[0], abs=0.05)
    # … and an id that a spreadsheet would run is text in every CSV.
    assert computed["id"] == "'=1+1"
    assert pd.read_csv(out / "candidates.csv")["id"][0] == "'=1+1"
    assert "The best candidates, computed" in (out / "report.html").read_text()


@pytest.mark.slow
def test_best_candidates_of_each_role_are_verified(trained, tmp_path, root):
    out = tmp_path / "screened"
    run_ok("screen", "data/embedded/library.csv", "--out", out, *WIDE, "--verify", "2",
           "--set", f"curate.xtb_reference={root / 'data/embedded/molecules.csv'}",
           cwd=trained)  # fmt: skip
    verified = pd.read_csv(out / "verified.csv")
    assert verified["electrode"].value_counts().to_dict() == {"positive": 2, "negative": 2}
    assert verified["role"].value_counts().to_dict() == {"p": 2, "n": 2}
    assert (verified["status"] == "ok").all()


@pytest.mark.slow
def test_killed_screening_in_processes_resumes_with_the_result_of_one_process(
    trained, tmp_path, called_ok
):
    library = tmp_path / "library.smi"
    smiles = pd.read_csv(trained / "data/embedded/molecules.csv")["smiles"].tolist()
    library.write_text("\n".join(smiles * 5) + "\n")  # two chunks
    called_ok("screen", library, "--out", tmp_path / "whole", *WIDE, cwd=trained)
    command = [PROGRAM, "screen", library, "--out", tmp_path / "killed", *WIDE, *IN_PROCESSES]
    parts = tmp_path / ".killed.parts"
    killed_when(lambda: [*parts.glob("whole/*/*-rows.arrow")], *command, cwd=trained)
    assert not (tmp_path / "killed/report.html").exists()
    assert parts.stat().st_mode & 0o777 == 0o700
    files = [path for path in parts.rglob("*") if path.is_file()]
    assert {path.suffix for path in files} <= {".json", ".arrow", ".arrays", ".tmp"}
    # As a killed screening of an earlier version left it, in your own folder.
    proof = tmp_path / "proof"
    (parts / "models.joblib").write_bytes(pickle.dumps(Planted(proof)))

    done = run_ok(*command[1:], cwd=trained)
    assert "resuming after" in " ".join(done.stderr.split())
    assert not proof.exists()
    assert contents(tmp_path / "killed") == contents(tmp_path / "whole")
    assert not list(tmp_path.glob(".killed*"))


@pytest.mark.slow
def test_killed_at_twenty_moments_gives_the_same_result(trained, tmp_path):
    library = tmp_path / "library.smi"
    smiles = pd.read_csv(trained / "data/embedded/molecules.csv")["smiles"].tolist()
    library.write_text("\n".join(smiles * 100) + "\n")
    begun = time.monotonic()
    run_ok("screen", library, "--out", tmp_path / "whole", *WIDE, cwd=trained)
    duration = time.monotonic() - begun
    command = [PROGRAM, "screen", library, "--out", tmp_path / "killed", *WIDE]
    for moment in np.random.default_rng(4).uniform(0, duration / 2, 20):
        with started(*command, cwd=trained):
            time.sleep(moment)
    run_ok(*command[1:], cwd=trained)
    assert contents(tmp_path / "killed") == contents(tmp_path / "whole")


def test_models_can_be_named(trained, library, tmp_path, called_ok, called):
    called_ok("screen", library, "--out", tmp_path / "out", "--ie", "1", "--ea", "champion",
           "--stability", "1", cwd=trained)  # fmt: skip
    models = json.loads((tmp_path / "out/summary.json").read_text())["models"]
    assert [(model["name"], model["version"]) for model in models] == [
        ("organode-IE", "1"),
        ("organode-EA", "1"),
        ("organode-stability", "1"),
    ]
    done = called("screen", library, "--out", tmp_path / "no", "--ie", "7", cwd=trained)
    assert done.returncode == 2
    message = " ".join(done.stderr.split())
    assert "no version, alias or run '7' of organode-IE" in message
    assert "there are versions 1@champion" in message
