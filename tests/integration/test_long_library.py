"""A library too long to be scored in full."""

import json
import time

import numpy as np
import pandas as pd
import pytest

from helpers import PROGRAM, killed_when, run_ok, started
from organode.electrochemistry.cells import ROLES
from organode.screening.engine import funnel
from screening import WIDE, contents

LONG = (*WIDE, "--set", "screen.in_full=1000", "--set", "screen.keep=30")
PASSES = ("sample", "estimate", "compare", "score")


@pytest.fixture(scope="module")
def library(root, tmp_path_factory):
    """The embedded species, a few invalid rows, and some repeats."""
    smiles = pd.read_csv(root / "data/embedded/molecules.csv")["smiles"].tolist()
    lines = [*smiles, "junk", "CC.O", "", *smiles[:5], "C[C@H](O)CC", "C[C@@H](O)CC"]
    path = tmp_path_factory.mktemp("long") / "library.smi"
    path.write_text("\n".join(f"{line}\tm{row}" for row, line in enumerate(lines)) + "\n")
    return path


@pytest.fixture(scope="module")
def screened(trained, library):
    out = library.parent / "screened"
    run_ok("screen", library, "--out", out, *LONG, cwd=trained)
    return out


@pytest.fixture(scope="module")
def whole(trained, library):
    """The same library, scored in full."""
    out = library.parent / "whole"
    run_ok("screen", library, "--out", out, *LONG, "--set", "screen.in_full=100000", cwd=trained)
    return out


def check_every_row(screened, library):
    """Check that each row has a status, and that a valid one was scored or estimated."""
    table = pd.read_parquet(screened / "all.parquet")
    summary = json.loads((screened / "summary.json").read_text())
    lines = library.read_text().splitlines()
    assert table["row"].tolist() == list(range(len(lines)))
    assert table["id"].tolist() == [line.partition("\t")[2] for line in lines]
    assert table["status"].str.startswith("repeat of row").sum() >= 6
    good = table["status"] == "ok"
    assert table.loc[good, ["IE", "EA_lower", "E_ox_upper", "E_red_computed"]].notna().all().all()
    assert table.loc[~table["scored"], ["P_ox", "P_red"]].isna().all().all()
    assert not table.loc[~table["scored"], ["p_type", "n_type"]].any().any()
    assert summary["scored"] == table["scored"].sum() < 0.7 * good.sum()
    assert sum(summary["status"].values()) == summary["rows"] == len(table)
    assert set(summary["estimate"]["deviation_V"]) == {"E_ox", "E_red"}
    assert "A long library: the models scored" in (screened / "report.html").read_text()


@pytest.mark.slow
def test_every_row_has_a_status_with_a_small_sample(
    trained, library, tmp_path, called_ok, monkeypatch
):
    """The sample of the command takes a minute: it is that of the slow tests."""
    monkeypatch.setattr(funnel, "SAMPLE", 1_200)
    lines = library.read_text().splitlines(keepends=True)
    (tmp_path / "library.smi").write_text("".join([*lines[:2_500], *lines[-10:]]))
    called_ok("screen", tmp_path / "library.smi", "--out", tmp_path / "out", *LONG,
              "--engine", "serial", cwd=trained)  # fmt: skip
    check_every_row(tmp_path / "out", tmp_path / "library.smi")


@pytest.mark.slow
def test_every_row_has_a_status_and_is_scored_or_estimated(screened, library):
    check_every_row(screened, library)


@pytest.mark.slow
def test_rows_are_those_of_a_full_screening(screened, whole):
    table, full = (pd.read_parquet(out / "all.parquet") for out in (screened, whole))
    assert table["row"].tolist() == full["row"].tolist()
    assert table["status"].tolist() == full["status"].tolist()
    assert full.loc[full["status"] == "ok", "scored"].all()
    scored = table["scored"]
    pd.testing.assert_frame_equal(table[scored], full[scored], rtol=1e-5, atol=1e-5)


@pytest.mark.slow
def test_error_of_the_surrogate_is_as_reported(screened, whole):
    table, full = (pd.read_parquet(out / "all.parquet") for out in (screened, whole))
    deviation = json.loads((screened / "summary.json").read_text())["estimate"]["deviation_V"]
    rest = ~table["scored"] & (table["status"] == "ok")
    assert set(deviation) == {"E_ox", "E_red"}
    assert rest.sum() > 1_000
    for potential, volts in deviation.items():
        errors = (table.loc[rest, potential] - full.loc[rest, potential]).abs()
        assert (errors <= volts).mean() > 0.93
        lower, upper = f"{potential}_lower", f"{potential}_upper"
        inside = (table[lower] <= full[lower]) & (full[upper] <= table[upper])
        assert inside[rest].mean() > 0.93


@pytest.mark.slow
def test_best_candidates_are_listed(screened, whole):
    estimate = json.loads((screened / "summary.json").read_text())["estimate"]
    part, full = (pd.read_parquet(out / "candidates.parquet") for out in (screened, whole))
    for role in ROLES:
        listed = set(part.loc[part["role"] == role, "row"])
        wanted = set(full.loc[full["role"] == role, "row"])
        assert len(listed) == len(wanted) == 30
        assert len(listed & wanted) >= 25
        expected = estimate["candidates_expected"][role]
        counted = json.loads((whole / "summary.json").read_text())["candidates"][role]
        assert expected == pytest.approx(counted, rel=0.15)
    assert "A long library" not in (whole / "report.html").read_text()


@pytest.mark.slow
def test_result_is_the_same_with_every_engine_and_from_a_built_library(
    trained, library, screened, tmp_path
):
    run_ok(
        "screen", library, "--out", tmp_path / "serial", *LONG, "--engine", "serial", cwd=trained
    )
    assert contents(tmp_path / "serial") == contents(screened)
    params = (trained / "params.yaml").read_text().replace("in_full: 100000", "in_full: 1000")
    (tmp_path / "params.yaml").write_text(params)  # other tests use the project's own file
    run_ok("--params", tmp_path / "params.yaml", "library", "build", library, "--out",
           tmp_path / "library", cwd=trained)  # fmt: skip
    assert not list((tmp_path / "library").rglob("arrays.npz"))
    run_ok("screen", tmp_path / "library", "--out", tmp_path / "built", *LONG, cwd=trained)
    # A report names a built library by its files.
    assert contents(tmp_path / "built") == contents(screened)


@pytest.mark.slow
def test_filter_is_applied_before_scoring(trained, library, tmp_path):
    only = ("--set", "screen.filter.motifs=[quinone]")
    some = tmp_path / "library.smi"
    some.write_text("".join(library.read_text().splitlines(keepends=True)[:4_000]))
    run_ok("screen", some, "--out", tmp_path / "out", *LONG, *only, cwd=trained)
    candidates = pd.read_parquet(tmp_path / "out/candidates.parquet")
    assert set(candidates["motif"]) == {"quinone"}
    table = pd.read_parquet(tmp_path / "out/all.parquet")
    assert (table["p_remark"] == "group of no interest").any()


@pytest.mark.slow
@pytest.mark.parametrize(("cell", "listed"), [("metal", ["p", "n"]), ("symmetric", ["np"])])
def test_best_candidates_are_listed_in_every_type_of_cell(trained, library, tmp_path, cell, listed):
    options = (*LONG, "--cell", cell, "--set", "screen.roles={}")
    run_ok("screen", library, "--out", tmp_path / "part", *options, cwd=trained)
    run_ok("screen", library, "--out", tmp_path / "whole", *options,
           "--set", "screen.in_full=100000", cwd=trained)  # fmt: skip
    names = ("part", "whole")
    listed_in_part, listed_in_whole = (
        pd.read_parquet(tmp_path / name / "candidates.parquet") for name in names
    )
    part, whole = (json.loads((tmp_path / name / "summary.json").read_text()) for name in names)
    assert list(part["estimate"]["share_listed"]) == listed
    for role in listed:
        wanted, rows = (
            set(table.loc[table["role"] == role, "row"])
            for table in (listed_in_whole, listed_in_part)
        )
        assert len(wanted) == 30
        assert len(wanted & rows) >= 27
        expected = part["estimate"]["candidates_expected"][role]
        assert expected == pytest.approx(whole["candidates"][role], rel=0.15)
    table = pd.read_parquet(tmp_path / "part/all.parquet")
    refused = table["p_remark"].str.startswith("oxidised form does not last: ")
    assert refused[~table["scored"]].any()
    if listed == ["np"]:
        assert (table.loc[refused, "n_remark"] == table.loc[refused, "p_remark"]).all()


@pytest.mark.slow
def test_library_with_too_few_molecules_is_scored_in_full(trained, tmp_path):
    smiles = pd.read_csv(trained / "data/embedded/molecules.csv")["smiles"].tolist()[:40]
    (tmp_path / "library.smi").write_text("\n".join([*smiles, *["junk"] * 1_500]) + "\n")
    run_ok("screen", tmp_path / "library.smi", "--out", tmp_path / "out", *LONG, cwd=trained)
    table = pd.read_parquet(tmp_path / "out/all.parquet")
    assert table.loc[table["status"] == "ok", "scored"].all()
    assert json.loads((tmp_path / "out/summary.json").read_text())["estimate"] is None


@pytest.mark.slow
def test_screening_killed_in_every_pass_gives_the_same_result(trained, library, screened, tmp_path):
    command = [PROGRAM, "screen", library, "--out", tmp_path / "killed", *LONG]
    parts = tmp_path / ".killed.parts"
    for name in PASSES:
        pattern = f"{name}/*/*-rows.arrow"
        killed_when(lambda pattern=pattern: [*parts.glob(pattern)], *command, cwd=trained)
        assert not (tmp_path / "killed/report.html").exists()
    done = run_ok(*command[1:], cwd=trained)
    assert "estimate: resuming after" in " ".join(done.stderr.split())
    assert contents(tmp_path / "killed") == contents(screened)
    assert not list(tmp_path.glob(".killed*"))


@pytest.mark.slow
def test_killed_at_twenty_moments_gives_the_same_result(trained, library, screened, tmp_path):
    begun = time.monotonic()
    run_ok("screen", library, "--out", tmp_path / "whole", *LONG, cwd=trained)
    duration = time.monotonic() - begun
    command = [PROGRAM, "screen", library, "--out", tmp_path / "killed", *LONG]
    for moment in np.random.default_rng(5).uniform(0, duration / 2, 20):
        with started(*command, cwd=trained):
            time.sleep(moment)
    run_ok(*command[1:], cwd=trained)
    assert contents(tmp_path / "killed") == contents(screened)
