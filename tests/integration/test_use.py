"""`predict` as a chemist uses it."""

import json
import re
import subprocess

import numpy as np
import pandas as pd
import pytest

from helpers import PROGRAM, environment, organode, run_ok
from library_files import CELLS


def test_predict_gives_one_row_for_each_row_in_order(trained, library, tmp_path, called_ok):
    for run, name in ((run_ok, "out.csv"), (called_ok, "out.parquet")):
        done = run("predict", library, "--out", tmp_path / name, cwd=trained)
        assert "5 of 12 rows predicted" in done.stdout
    table = pd.read_parquet(tmp_path / "out.parquet")
    assert list(table.columns) == [
        "row", "id", "smiles", "status", "note",
        "IE", "IE_lower", "IE_upper", "IE_in_domain", "IE_remark",
        "E_ox", "E_ox_lower", "E_ox_upper", "E_ox_remark",
        "E_ox2", "E_ox2_lower", "E_ox2_upper", "E_ox2_remark", "stable_ox", "stable_ox_reason",
        "EA", "EA_lower", "EA_upper", "EA_in_domain", "EA_remark",
        "E_red", "E_red_lower", "E_red_upper", "E_red_remark",
        "E_red2", "E_red2_lower", "E_red2_upper", "E_red2_remark", "stable_red",
        "stable_red_reason",
    ]  # fmt: skip
    assert table["row"].tolist() == list(range(len(CELLS)))
    assert table["smiles"].tolist() == CELLS
    good = table["status"] == "ok"
    assert table.index[good].tolist() == [0, 1, 5, 7, 10]
    assert (table[["IE", "EA", "IE_lower", "EA_in_domain"]].notna().all(axis=1) == good).all()
    assert not table["IE_in_domain"][5]
    assert "training molecule" in table["IE_remark"][5]
    known = table[good]
    assert known["IE"].between(known["IE_lower"], known["IE_upper"]).all()
    stable = ["stable_ox", "stable_red"]
    assert (table[stable].notna().all(axis=1) == good).all()
    assert known[stable].ge(0).all(axis=None)
    assert known[stable].le(1).all(axis=None)
    assert (table["stable_red_reason"].ne("") == good).all()
    written = pd.read_csv(tmp_path / "out.csv")
    assert len(written) == len(CELLS)
    for values in (known[["IE", "EA"]], written.loc[good, ["IE", "EA"]]):
        assert values.shape == (5, 2)
        assert np.isfinite(values.to_numpy()).all()


def test_predict_shows_smiles_of_the_command_line(trained, called_ok):
    done = called_ok("--quiet", "predict", "O=C1C=CC(=O)C=C1", "junk", "C" * 60, cwd=trained)
    head, quinone, junk, giant, axis, lasts = done.stdout.splitlines()
    assert head.split("  ")[0] == "SMILES"
    assert "E_red / V" in head
    assert "V vs Li/Li+ in acetonitrile" in axis
    assert "95% of EA" in head
    assert "remark" in head
    assert " to " in quinone
    assert re.search(r"  0\.\d\d / 0\.95  ", quinone)  # the reduction is measured
    assert "oxidised / reduced" in lasts
    assert " / 0" not in junk
    assert "not a valid SMILES" in junk
    assert "OUT" in giant
    assert "IE: 60 heavy atoms" in giant


def test_repeat_units_are_capped_as_asked_and_come_back_as_given(trained, called_ok):
    unit = "*CC(*)c1ccc(OC)cc1"
    asked = ("--quiet", "predict", unit, "CCc1ccc(OC)cc1", "--json")
    capped, plain = json.loads(called_ok(*asked, "--cap", "H", cwd=trained).stdout)
    assert capped["smiles"] == unit
    assert capped["note"] == "repeat unit read as CCc1ccc(OC)cc1: 2 ends capped with H"
    assert capped["E_ox"] == plain["E_ox"]
    refused, _ = json.loads(called_ok(*asked, cwd=trained).stdout)
    assert "--cap H" in refused["status"]
    assert refused["E_ox"] is None


def test_predict_reads_a_pipe_and_answers_json(trained):
    done = subprocess.run(
        [PROGRAM, "predict", "-", "--json", "--level", "0.5"],
        cwd=trained,
        env=environment(),
        input="CCO ethanol\n\njunk\n",
        text=True,
        capture_output=True,
        check=True,
    )
    ethanol, blank, junk = json.loads(done.stdout)
    assert (blank["row"], blank["status"]) == (1, "empty SMILES")
    assert ethanol["id"] == "ethanol"
    assert ethanol["IE_lower"] < ethanol["IE_upper"]
    assert ethanol["IE_in_domain"] in (True, False)
    assert junk["status"] == "not a valid SMILES"
    assert junk["IE"] is None


def volts(done):
    return [row["E_red"] for row in json.loads(done.stdout)]


def test_potentials_are_given_against_any_reference_in_any_solvent(trained, called):
    smiles = ["O=C1C=CC(=O)C=C1", "O=C1c2ccccc2C(=O)c2ccccc21"]
    lithium = volts(called("predict", *smiles, "--json", cwd=trained))
    ferrocene = called("predict", *smiles, "--json", "--reference", "Fc/Fc+", cwd=trained)
    sodium = volts(called("predict", *smiles, "--json", "--reference", "Na/Na+", cwd=trained))
    assert np.subtract(lithium, volts(ferrocene)) == pytest.approx(3.28, abs=1e-3)
    assert np.subtract(lithium, sodium) == pytest.approx(0.23, abs=1e-3)
    assert lithium[0] > lithium[1]  # benzoquinone is reduced before anthraquinone
    shown = called("predict", *smiles, "--solvent", "DMF", "--reference", "SCE", cwd=trained)
    assert "V vs SCE in N,N-dimethylformamide" in shown.stdout
    water = called("predict", *smiles, "--solvent", "water", "--reference", "SHE", cwd=trained)
    assert "proton transfer is not modelled" in " ".join(water.stderr.split())


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["CCO", "molecules.csv"], "'molecules.csv' is a file: give one file, or SMILES"),
        (["CCO", "--level", "95"], "--level 95: must lie between 0 and 1"),
        (["CCO", "--reference", "NHE"], "unknown reference 'NHE': known are Fc/Fc+, Li/Li+"),
        (["CCO", "--solvent", "ether"], "unknown solvent 'ether': known are ACN"),
    ],
)
def test_predict_says_what_is_wrong_with_its_arguments(trained, arguments, says, called):
    done = called("predict", *arguments, cwd=trained)
    assert done.returncode == 2
    assert says in done.stderr


def test_an_empty_pipe_is_said(trained):
    done = organode("predict", "-", cwd=trained)
    assert done.returncode == 2
    assert "standard input is empty" in done.stderr
