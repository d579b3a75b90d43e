"""`predict` and `screen` as a chemist uses them."""

import json
import math
import os
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
from rdkit import Chem

from conftest import environment, organode, run_ok

CELLS = [
    "O=C1C=CC(=O)C=C1", "CN1c2ccccc2Sc2ccccc21", "junk", "", "[Na+].[Cl-]", "C[CH2]", "CI",
    "C1=CC(=O)C=CC1=O", "<script>alert(1)</script>", "=cmd()", "c1ccccc1", "C" * 2500,
]  # fmt: skip


@pytest.fixture
def library(tmp_path):
    path = tmp_path / "library.csv"
    ids = [f"m{row}" for row in range(len(CELLS))]
    ids[1] = "<img src=x onerror=alert(2)>"
    pd.DataFrame({"id": ids, "smiles": CELLS}).to_csv(path, index=False)
    return path


def test_predict_gives_one_row_for_each_row_in_order(trained, library, tmp_path):
    for name in ("out.csv", "out.parquet"):
        done = run_ok("predict", library, "--out", tmp_path / name, cwd=trained)
        assert "4 of 12 rows predicted" in done.stdout
    table = pd.read_parquet(tmp_path / "out.parquet")
    assert list(table.columns) == [
        "row", "id", "smiles", "status",
        "IE", "IE_lower", "IE_upper", "IE_in_domain", "IE_remark",
        "EA", "EA_lower", "EA_upper", "EA_in_domain", "EA_remark",
    ]  # fmt: skip
    assert table["row"].tolist() == list(range(len(CELLS)))
    assert table["smiles"].tolist() == CELLS
    good = table["status"] == "ok"
    assert table.index[good].tolist() == [0, 1, 7, 10]
    assert (table[["IE", "EA", "IE_lower", "EA_in_domain"]].notna().all(axis=1) == good).all()
    known = table[good]
    assert known["IE"].between(known["IE_lower"], known["IE_upper"]).all()
    assert len(pd.read_csv(tmp_path / "out.csv")) == len(CELLS)


def test_predict_shows_smiles_of_the_command_line(trained):
    done = run_ok("--quiet", "predict", "O=C1C=CC(=O)C=C1", "junk", "C" * 60, cwd=trained)
    head, quinone, junk, giant = done.stdout.splitlines()
    assert head.split("  ")[0] == "SMILES"
    assert "95% of EA" in head
    assert "remark" in head
    assert " to " in quinone
    assert "not a valid SMILES" in junk
    assert "OUT" in giant
    assert "IE: 60 heavy atoms" in giant


def test_predict_reads_a_pipe_and_answers_json(trained):
    done = subprocess.run(
        [Path(sys.executable).parent / "organode", "predict", "-", "--json", "--level", "0.5"],
        cwd=trained, env=environment(), input="CCO ethanol\n\njunk\n", text=True,
        capture_output=True, check=True,
    )  # fmt: skip
    ethanol, junk = json.loads(done.stdout)
    assert ethanol["id"] == "ethanol"
    assert ethanol["IE_lower"] < ethanol["IE_upper"]
    assert ethanol["IE_in_domain"] in (True, False)
    assert junk["status"] == "not a valid SMILES"
    assert junk["IE"] is None


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["CCO", "molecules.csv"], "'molecules.csv' is a file: give one file, or SMILES"),
        (["CCO", "--level", "95"], "--level 95: must lie between 0 and 1"),
        (["-"], "nothing came through standard input"),
    ],
)
def test_predict_says_what_is_wrong_with_its_arguments(trained, arguments, says):
    done = organode("predict", *arguments, cwd=trained)
    assert done.returncode == 2
    assert says in done.stderr


def test_screen_accounts_for_every_row_and_obeys_its_rule(trained, library, tmp_path):
    out = tmp_path / "screened"
    run_ok("screen", library, "--solvent", "ACN", "--out", out, cwd=trained)
    assert {file.name for file in out.iterdir()} == {
        "report.html", "candidates.csv", "candidates.sdf", "all.parquet", "summary.json",
    }  # fmt: skip
    table = pd.read_parquet(out / "all.parquet")
    summary = json.loads((out / "summary.json").read_text())
    assert table["row"].tolist() == list(range(len(CELLS)))
    assert table["status"][7] == "repeat of row 0"
    assert sum(summary["status"].values()) == summary["rows"] == len(CELLS)
    low, high = summary["usable_V_vs_Li"]
    assert high == pytest.approx(4.7 - summary["error_bar_V"]["E_ox"], abs=1e-3)
    assert low == pytest.approx(0.44 + summary["error_bar_V"]["E_red"], abs=1e-3)
    for row in table[table["status"] == "ok"].itertuples():
        assert row.E_ox == pytest.approx(row.IE - 1.40)
        assert row.E_red == pytest.approx(row.EA - 1.40)
        assert row.positive == (3.0 <= row.E_ox <= 4.7 - summary["error_bar_V"]["E_ox"])
        assert row.negative == (0.44 + summary["error_bar_V"]["E_red"] <= row.E_red <= 2.5)


def test_the_default_library_gives_a_report_with_candidates(trained, tmp_path):
    out = tmp_path / "screened"
    # A wide window, so that the small models of the tests find something too.
    run_ok(
        "screen", "data/embedded/library.csv", "--out", out, "--trained",
        "--set", "screen.positive_above=0", "--set", "screen.negative_below=6", cwd=trained,
    )  # fmt: skip
    candidates = pd.read_csv(out / "candidates.csv")
    records = [molecule for molecule in Chem.SDMolSupplier(str(out / "candidates.sdf"))]
    assert len(records) == len(candidates) > 0
    assert records[0].GetProp("smiles") == candidates["smiles"][0]
    for _, group in candidates.groupby("electrode"):
        assert group["rank"].tolist() == list(range(1, len(group) + 1))
    html = (out / "report.html").read_text()
    drawn = candidates["electrode"].value_counts().clip(upper=100).sum()
    assert html.count('<div class="card">') == drawn
    assert "organode-IE" in html


def test_no_text_of_the_input_becomes_markup(trained, library, tmp_path):
    out = tmp_path / "screened"
    run_ok("screen", library, "--out", out, "--set", "screen.positive_above=-2",
           "--set", "screen.absolute_li=2.9", cwd=trained)  # fmt: skip
    html = (out / "report.html").read_text()
    assert "<script" not in html
    assert "<img" not in html


def test_screening_again_replaces_the_report_and_gives_the_same_bytes(trained, library, tmp_path):
    out = tmp_path / "screened"
    contents = []
    for _ in range(2):
        run_ok("screen", library, "--out", out, cwd=trained)
        contents.append({file.name: file.read_bytes() for file in out.iterdir()})
    assert contents[0].keys() == contents[1].keys()
    for name in contents[0]:
        assert contents[0][name] == contents[1][name], name
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_read_only_folder_as_another_user_than_root(trained, library, tmp_path):
    folder = tmp_path / "closed"
    folder.mkdir(mode=0o500)
    done = organode("screen", library, "--out", folder / "out", cwd=trained)
    assert done.returncode == 1
    assert "cannot write" in done.stderr


def test_numbers_in_the_tables_are_finite(trained, library, tmp_path):
    run_ok("predict", library, "--out", tmp_path / "out.csv", cwd=trained)
    table = pd.read_csv(tmp_path / "out.csv")
    for value in table.loc[table["status"] == "ok", ["IE", "EA"]].to_numpy().ravel():
        assert math.isfinite(value)
