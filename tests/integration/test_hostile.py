"""Thousands of lines that nobody meant well with."""

import json
import random

import pandas as pd
import pytest

from chromium import CHROMIUM, opened
from helpers import run_ok

GOOD = ["CCO", "O=C1C=CC(=O)C=C1", "COc1ccc(OC)cc1", "N#Cc1ccccc1", "c1ccc2c(c1)Sc1ccccc1S2"]
BAD = [
    b"", b"   ", b"\x00\xff\xfe\x01", b"C" * 1_000_000, b"C1CC", b"c1ccccc", b"[Na+].[Cl-]",
    b"C[CH2]", b"[13CH4]", b"[Fe]", b"[2H]C([2H])[2H]", b"=cmd|' /C calc'!A0", b"+1+1", b"@SUM(A1)",
    b"<script>console.error('run')</script>", b"\"'><img src=x onerror=console.error(1)>",
    "Ünïcödé".encode(), "naïve".encode("latin-1"), b"not,a,molecule", b"\"open quote", b"C\\C",
    b"C%", b"CC(C", b"*", b"[U]", b"C.C.C", b"[H][H]", b"O", b"CI", b"$$$$", b"M  END",
]  # fmt: skip
NAMES = [b"a", b"a", b"<b onmouseover=console.error(2)>", b"=1+1", b"\xe4", b"", b"x\ty"]


def screened(trained, folder, rows):
    """Screen hostile lines, a good one among each five; return the results and the good rows."""
    chance = random.Random(11)
    lines, good = [], []
    large = 0
    for row in range(rows):
        if row % 5 == 0:
            smiles = chance.choice(GOOD).encode()
            good.append(row)
        else:
            smiles = chance.choice(BAD)
            large += len(smiles) > 1_000
            if large > 12:  # a dozen are enough
                smiles = BAD[4]
        end = b"\r\n" if row % 3 == 0 else b"\n"
        # A cell may hold no comma and no quote of its own; such lines are hostile too.
        lines.append(chance.choice(NAMES) + b"," + smiles + end)
    (folder / "library.csv").write_bytes(b"id,smiles\n" + b"".join(lines))
    run_ok(
        "screen", folder / "library.csv", "--out", folder / "out",
        "--set", "screen.roles.p.low=0", "--set", "screen.in_domain=false",
        "--set", "screen.tiers=[fine, caution, fatal]",
        "--set", "screen.collector=carbon", "--set", "screen.level=0.5", cwd=trained,
    )  # fmt: skip
    return folder / "out", good


@pytest.mark.slow
def test_every_line_has_a_status_and_every_good_row_its_answer(trained, tmp_path):
    out, good = screened(trained, tmp_path, 10_000)
    table = pd.read_parquet(out / "all.parquet")
    assert table["row"].tolist() == list(range(10_000))
    assert (table["status"].str.len() > 0).all()
    answered = (table["status"] == "ok") | table["status"].str.startswith("repeat of row ")
    assert answered[good].all()
    assert table.loc[good, "smiles"].isin(GOOD).all()
    first = table[table["status"] == "ok"]
    assert set(GOOD) <= set(first["smiles"])
    assert first[["IE", "EA", "IE_lower", "EA_upper"]].notna().all().all()
    summary = json.loads((out / "summary.json").read_text())
    assert sum(summary["status"].values()) == 10_000


@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine")
def test_nothing_of_it_runs_in_the_report(trained, tmp_path):
    out, _ = screened(trained, tmp_path, 1_000)
    with opened((out / "report.html").as_uri()) as page:
        assert page.value("document.querySelectorAll('.card').length") > 0
        assert page.value("document.scripts.length") == 1
        assert page.value("document.querySelectorAll('img').length") == 0
        assert page.problems == []
