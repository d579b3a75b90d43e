"""`compare` as a chemist uses it."""

import doctest
import json
import sys

import pandas as pd
import pytest

import organode.compare

METHOXY, AMINO_BROMO = "COc1cccc2c1C(=O)c1ccccc1C2=O", "O=C1c2ccccc2C(=O)c2c(N)cc(Br)cc21"


def test_derivatives_are_compared_with_a_measured_molecule(trained, called_ok):
    asked = ("--quiet", "compare", METHOXY, "junk", AMINO_BROMO, "--reference", "AQ")
    first, junk, second = json.loads(called_ok(*asked, "--json", cwd=trained).stdout)
    assert junk["status"] == "not a valid SMILES"
    assert junk["E_red_difference"] is None
    for row in (first, second):
        assert row["reference"] == "9,10-anthraquinone (AQ)"
        for name in ("E_ox", "E_red"):
            parts = row[f"{name}_contributions"]
            total = sum(part["volts"] for part in parts)
            assert total == pytest.approx(row[f"{name}_difference"], abs=3e-4)  # four decimals
            low, high = (row[f"{name}_difference_{end}"] for end in ("lower", "upper"))
            assert low < row[f"{name}_difference"] < high
        anchored = row["E_red_measured"] + row["E_red_difference"]
        assert row["E_red_anchored"] == pytest.approx(anchored, abs=3e-4)
        assert row["E_red_anchor"].startswith("reversible, in ACN; doi 10.1021/")
        assert row["E_ox_measured"] is None
    assert [part["fragment"] for part in second["E_red_contributions"]][:2] == ["*N", "*Br"]
    shown = called_ok(*asked, cwd=trained).stdout.splitlines()
    assert shown[0] == "reference: 9,10-anthraquinone (AQ) O=C1c2ccccc2C(=O)c2ccccc21"
    assert "not measured: only differences of predictions" in shown[1]
    assert "junk: not a valid SMILES" in shown
    assert any(line.startswith(f"  {AMINO_BROMO}: ") and "(*Br)" in line for line in shown)


def test_predictions_are_those_of_predict(trained, called_ok):
    options = ("--json", "--solvent", "DMF")
    compared = called_ok(
        "compare", METHOXY, "--reference", "AQ", "--electrode", "SCE", *options, cwd=trained
    )
    predicted = called_ok("predict", METHOXY, "--reference", "SCE", *options, cwd=trained)
    (row,), (alone,) = (json.loads(done.stdout) for done in (compared, predicted))
    for name in ("E_ox", "E_red", "E_red_lower", "E_red_upper"):
        assert row[name] == pytest.approx(alone[name], abs=1e-3)


def test_differences_are_the_same_against_any_electrode_in_any_solvent(trained, called_ok):
    rows = []
    for more in ((), ("--electrode", "Fc/Fc+", "--solvent", "DMF")):
        done = called_ok("compare", METHOXY, "--reference", "AQ", "--json", *more, cwd=trained)
        rows += json.loads(done.stdout)
    for name in ("E_red_difference", "E_red_difference_lower", "E_ox_difference"):
        assert rows[0][name] == pytest.approx(rows[1][name], abs=2e-4)
    widths = [row["E_red_anchored_upper"] - row["E_red_anchored_lower"] for row in rows]
    assert widths[0] < widths[1]  # AQ was measured in acetonitrile


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_a_comparison_is_written(trained, tmp_path, suffix, called_ok):
    out = tmp_path / f"compared{suffix}"
    done = called_ok("compare", METHOXY, "junk", "--reference", "AQ", "--out", out, cwd=trained)
    assert f"1 of 2 molecules compared: {out}" in done.stdout
    table = pd.read_csv(out) if suffix == ".csv" else pd.read_parquet(out)
    assert table["status"].tolist() == ["ok", "not a valid SMILES"]
    assert json.loads(table["E_red_contributions"][0])[0]["fragment"] == "*OC"


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["CCO", "--reference", "SCE"], "for the electrode: --electrode SCE"),
        (["CCO", "--reference", "nonsense"], "no name in the table of measured potentials"),
        (["CCO", "--reference", "AQ", "--electrode", "NHE"], "unknown reference 'NHE'"),
        (["CCO", "--reference", "AQ", "--level", "95"], "must lie between 0 and 1"),
        (["CCO", "--reference", "AQ", "--out", "x.txt"], "must end in .csv or .parquet"),
        (["CCO"], "--reference"),
    ],
)
def test_compare_says_what_is_wrong_with_its_arguments(trained, arguments, says, called):
    done = called("compare", *arguments, cwd=trained)
    assert done.returncode == 2
    assert says in done.stderr


def test_the_example_of_the_function_runs(trained, monkeypatch):
    monkeypatch.chdir(trained)
    module = sys.modules[organode.compare.compare.__module__]
    found = doctest.testmod(module)
    assert found.attempted > 0
    assert found.failed == 0
