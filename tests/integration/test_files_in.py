"""The same file through every command: the same rows, the same answers, the user's own columns."""

import gzip
import json
import random
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
from rdkit import Chem, rdBase

from helpers import environment, run_all, run_ok
from organode.label.method import Method
from organode.label.record import Label
from organode.label.workers import label_row
from organode.library.chunk import join_chunks
from organode.library.columns import Wanted
from organode.library.stream import Library
from organode.pipeline.fetch import fetch
from organode.settings import Settings

HOSTILE = b"C\"c1,;\\=\x00\xff\t +@<|'\x85\x0cON"
LOOSE = (
    *("--set", "screen.roles.p.low=0", "--set", "screen.roles.n.high=9"),
    *("--set", "screen.in_domain=false", "--set", "screen.collector=carbon"),
    *("--set", "screen.level=0.5", "--set", "screen.tiers=[fine,caution,fatal]"),
)
ROWS = [
    ("anthraquinone", "O=C1c2ccccc2C(=O)c2ccccc21", "1.50", "84-65-1"),
    ("=1+1", "CN1c2ccccc2Sc2ccccc21", "-2", "@SUM(A1)"),
    ("2,5-DBBB", "COc1cc(C(C)(C)C)c(OC)cc1C(C)(C)C", "x", ""),
    ("acetate", "CC(=O)[O-].[Na+]", "", "salt"),
    ("oxide", "[O-][S+]1c2ccccc2Sc2ccccc12", "7", "a\u2028b"),
    ("no", "C1CC(", "8", "<b>bad</b>"),
    ("", "", "9", "nothing"),
    ("TMA", "C[N+](C)(C)C", "10", "cation"),
]
FUZZED = ("csv", "tsv", "parquet", "xlsx", "sdf", "smi")
NAMES = ["Name", "SMILES", "IE", "CAS No."]


@pytest.fixture(scope="module")
def files(tmp_path_factory) -> dict[str, Path]:
    """The same molecules in every kind of file."""
    folder = tmp_path_factory.mktemp("files")
    table = pd.DataFrame(ROWS, columns=NAMES)
    made = {kind: folder / f"molecules.{kind}" for kind in ("csv", "tsv", "parquet", "xlsx", "sdf")}
    table.to_csv(made["csv"], index=False)
    table.to_csv(made["tsv"], index=False, sep="\t")
    table.to_parquet(made["parquet"], index=False)
    # A workbook takes a text with = in front for a formula.
    table.replace("=1+1", "'=1+1").replace("@SUM(A1)", "'@SUM(A1)").to_excel(
        made["xlsx"], index=False
    )
    with made["sdf"].open("w", encoding="utf-8") as stream:
        for name, smiles, *rest in ROWS:
            molecule = Chem.MolFromSmiles(smiles)
            block = Chem.MolToMolBlock(molecule) if molecule and smiles else "\n\n\nx\nM  END\n"
            stream.write(f"{name}\n" + block.partition("\n")[2])
            for item, value in zip(NAMES[2:], rest, strict=True):
                stream.write(f">  <{item}>\n{value}\n\n")
            stream.write("$$$$\n")
    return made


@pytest.fixture(scope="module")
def predicted(trained, files) -> dict[str, pd.DataFrame]:
    """What `organode predict` makes of them."""
    outs = {kind: path.with_name(f"of-{kind}.parquet") for kind, path in files.items()}
    commands = [["predict", path, "--out", outs[kind]] for kind, path in files.items()]
    run_all(*commands, cwd=trained)
    return {kind: pd.read_parquet(out) for kind, out in outs.items()}


@pytest.mark.parametrize("kind", ["tsv", "parquet", "xlsx", "sdf"])
def test_every_kind_of_file_gets_the_same_answers(predicted, kind):
    expected, table = predicted["csv"], predicted[kind]
    assert table["row"].tolist() == list(range(len(ROWS)))
    readable = expected["smiles"] != "C1CC("
    same = ["status", "note"] if kind != "sdf" else ["note"]
    for name in same:
        assert table.loc[readable, name].tolist() == expected.loc[readable, name].tolist()
    numbers = ["IE", "IE_lower", "IE_upper", "EA", "EA_lower", "EA_upper"]
    pd.testing.assert_frame_equal(table[numbers], expected[numbers], rtol=1e-6, atol=1e-6)


def test_own_columns_and_names_come_back_with_each_row(predicted):
    table = predicted["csv"]
    assert list(table.columns[:7]) == [
        "row",
        "id",
        "smiles",
        "IE_given",
        "CAS No.",
        "status",
        "note",
    ]
    assert table["id"].tolist() == [name or "6" for name, *_ in ROWS]
    assert table["smiles"].tolist() == [smiles for _, smiles, *_ in ROWS]
    assert table["IE_given"].tolist() == [value for *_, value, _ in ROWS]
    assert table["CAS No."].tolist() == [value for *_, value in ROWS]
    assert table["status"].tolist() == [
        *["ok"] * 5,
        "not a valid SMILES",
        "empty SMILES",
        "ok",
    ]
    assert "neutral parent" in table["note"][3]


def test_csv_is_safe_for_spreadsheets(trained, files, tmp_path, called_ok):
    called_ok("predict", files["csv"], "--out", tmp_path / "o.csv", cwd=trained)
    lines = (tmp_path / "o.csv").read_text(encoding="utf-8").split("\n")
    assert lines[2].startswith("1,'=1+1,CN1c2ccccc2Sc2ccccc21,-2,'@SUM(A1),ok")


@pytest.fixture(scope="module")
def screened(trained, files, tmp_path_factory) -> Path:
    """A screening of the CSV and, beside it, one of the library that is built from it."""
    folder = tmp_path_factory.mktemp("screened")
    run_all(
        ["screen", files["csv"], "--out", folder / "direct", *LOOSE],
        ["library", "build", files["csv"], "--out", folder / "library"],
        ["screen", folder / "library", "--out", folder / "built", *LOOSE],
        cwd=trained,
    )
    return folder


def test_a_screening_keeps_rows_names_and_columns(screened, predicted):
    table = pd.read_parquet(screened / "direct" / "all.parquet")
    expected = predicted["csv"]
    for name in ("row", "id", "smiles", "IE_given", "CAS No.", "status", "note"):
        assert table[name].tolist() == expected[name].tolist(), name
    candidates = pd.read_csv(
        screened / "direct" / "candidates.csv", dtype=str, keep_default_na=False
    )
    assert set(candidates["row"]) <= {"0", "1", "2", "3", "4", "7"}
    assert len(candidates) > 1
    for row in candidates.to_dict("records"):
        name, smiles, value, cas = ROWS[int(row["row"])]
        assert (row["id"].lstrip("'"), row["smiles"], row["IE_given"]) == (name, smiles, value)
        assert row["CAS No."].lstrip("'") == cas
        assert Chem.MolFromSmiles(row["structure"]) is not None
        assert "." not in row["structure"]
    supplier = Chem.SDMolSupplier(str(screened / "direct" / "candidates.sdf"))
    assert {molecule.GetProp("_Name") for molecule in supplier} <= {name for name, *_ in ROWS}
    assert all(
        molecule.HasProp("IE_given") for molecule in supplier if molecule.GetProp("row") != "3"
    )
    page = (screened / "direct" / "report.html").read_text(encoding="utf-8")
    cards = page[page.index('class="cards"') :]
    assert "anthraquinone" in cards
    assert "84-65-1" in cards


def test_a_built_library_gives_the_same_tables(screened):
    for name in ("all.parquet", "candidates.csv", "candidates.sdf"):
        direct, built = (screened / folder / name for folder in ("direct", "built"))
        assert direct.read_bytes() == built.read_bytes(), name


def test_labels_come_with_the_same_rows(trained, files, tmp_path):
    run_ok("label", files["tsv"], "--out", tmp_path / "l.csv", "--jobs", "1", cwd=trained)
    table = pd.read_csv(tmp_path / "l.csv", dtype=str, keep_default_na=False)
    assert table["id"].str.lstrip("'").tolist() == [name or "6" for name, *_ in ROWS]
    assert table["IE_given"].tolist() == [value for *_, value, _ in ROWS]
    assert (table["status"] == "ok").tolist() == [True] * 5 + [False, False, True]


def test_a_training_table_accounts_for_every_row(trained, tmp_path, files):
    (tmp_path / "params.yaml").write_bytes((trained / "params.yaml").read_bytes())
    (tmp_path / "data").symlink_to(trained / "data")
    text = files["csv"].read_text(encoding="utf-8").replace("CAS No.", "EA / eV")
    (tmp_path / "own.csv").write_text(f"{text}a,b,CCO,1\n", encoding="utf-8")
    from organode.pipeline.fetch import fetch
    from organode.settings import load_settings

    settings = load_settings(
        tmp_path / "params.yaml",
        ["fetch.source=file", f"fetch.file.path={tmp_path}/own.csv"],
    )
    table = fetch(settings, tmp_path / "raw").table
    assert len(table) == len(ROWS) + 1
    assert table["IE"].tolist()[:2] == [1.5, -2]
    assert "IE 'x' is not a number" in table["unread"][2]
    assert table["problem"].notna().tolist() == [False] * len(ROWS) + [False]


def test_hostile_lines_have_the_same_status_in_every_command(trained, tmp_path):
    generator = random.Random(3)
    lines = [bytes(generator.choices(HOSTILE, k=generator.randrange(16))) for _ in range(600)]
    lines[::7] = [b"Cc1ccccc1,good"] * len(lines[::7])
    (tmp_path / "a.csv").write_bytes(b"smiles,id\n" + b"\n".join(lines) + b"\n")
    run_all(
        ["predict", tmp_path / "a.csv", "--out", tmp_path / "p.parquet"],
        ["library", "build", tmp_path / "a.csv", "--out", tmp_path / "lib"],
        ["screen", tmp_path / "a.csv", "--out", tmp_path / "s", *LOOSE],
        cwd=trained,
    )
    predicted = pd.read_parquet(tmp_path / "p.parquet")
    screened = pd.read_parquet(tmp_path / "s" / "all.parquet")
    built = pd.read_parquet(next((tmp_path / "lib").glob("*/*/rows.parquet")))
    assert len(predicted) == len(screened) == len(built)
    for name in ("id", "smiles"):
        assert predicted[name].tolist() == screened[name].tolist() == built[name].tolist()
    assert predicted["status"].tolist() == built["status"].tolist()
    repeated = screened["status"].str.startswith("repeat of row")
    assert (predicted.loc[repeated, "status"] == "ok").all()
    same = predicted.loc[~repeated, "status"].tolist()
    assert same == screened.loc[~repeated, "status"].tolist()
    assert (predicted["status"] == "ok").sum() >= len(lines[::7])


def test_a_pipe_is_read_as_a_file_is(trained, tmp_path, called_ok):
    content = "\nCc1ccccc1 톨루엔\n\n\tno structure\nO=C1C=CC(=O)C=C1\x85x\n".encode(
        "cp949", "replace"
    )
    (tmp_path / "a.smi").write_bytes(content)
    called_ok("predict", tmp_path / "a.smi", "--out", tmp_path / "file.csv", cwd=trained)
    done = subprocess.run(
        [Path(sys.executable).parent / "organode", "predict", "-", "--out", tmp_path / "pipe.csv"],
        cwd=trained,
        env=environment(),
        input=content,
        capture_output=True,
        timeout=600,
    )
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "pipe.csv").read_bytes() == (tmp_path / "file.csv").read_bytes()
    table = pd.read_csv(tmp_path / "pipe.csv")
    assert table["id"].astype(str).tolist()[:4] == ["0", "톨루엔", "2", "no structure"]


def test_words_that_are_no_files_are_molecules(trained):
    words = ["C" * 300, "C" * 5_000, "O=C1C=CC(=O)C=C1", "C/C=C/C", "106-51-4"]
    done = run_ok("--quiet", "predict", *words, "--json", cwd=trained)
    answers = json.loads(done.stdout)
    assert [row["smiles"] for row in answers] == words
    assert [row["status"] == "ok" for row in answers] == [False, False, True, True, True]
    assert answers[4]["EA"] == answers[2]["EA"]


def test_a_bomb_is_one_sentence(trained, tmp_path, called):
    (tmp_path / "a.smi.gz").write_bytes(gzip.compress(b"C\n" * (1 << 26)))
    done = called("predict", tmp_path / "a.smi.gz", "--out", tmp_path / "o.csv", cwd=trained)
    assert done.returncode == 2
    assert "unpacks to more than" in done.stderr
    assert not (tmp_path / "o.csv").exists()


@pytest.fixture(scope="module")
def fuzzed(tmp_path_factory) -> dict[str, Path]:
    """Ten thousand rows that nobody meant well with, in every kind of file."""
    folder = tmp_path_factory.mktemp("fuzzed")
    generator = random.Random(29)
    pieces = [*"C\"c1,;\\=ON[]()+-#@<|%.~*$'!?é\u2028\x85\x0c ", "InChI=", "benzene", "84-65-1"]
    cells = [
        ["".join(generator.choices(pieces, k=generator.randrange(1, 12))).strip() for _ in range(3)]
        for _ in range(10_000)
    ]
    for row in range(0, 10_000, 20):
        good = ["Cc1ccccc1", "O=C1C=CC(=O)C=C1", "CC[NH3+].[Cl-]", "CS(C)=O"]
        cells[row][0] = generator.choice(good)
    table = pd.DataFrame(cells, columns=["smiles", "id", "note"])
    made = {kind: folder / f"fuzz.{kind}" for kind in FUZZED}
    table.to_csv(made["csv"], index=False)
    table.to_csv(made["tsv"], index=False, sep="\t")
    table.to_parquet(made["parquet"], index=False)
    # What a workbook cannot hold, or takes for a formula, is left out there.
    held = table.map(lambda text: text.replace("\x0c", "").lstrip("=")).replace("", "x")
    held.to_excel(made["xlsx"], index=False)
    with made["smi"].open("w", encoding="utf-8", newline="") as stream:
        for smiles, name, _ in cells:
            stream.write(f"{smiles.replace(' ', '_')}\t{name}\n")
    with made["sdf"].open("w", encoding="utf-8", newline="") as stream:
        for smiles, name, note in cells:
            with rdBase.BlockLogs():
                molecule = Chem.MolFromSmiles(smiles) if smiles.isascii() else None
            block = Chem.MolToMolBlock(molecule) if molecule else "\n\n\n?\nM  END\n"
            stream.write(f"{name}\n{block.partition(chr(10))[2]}>  <note>\n{note}\n\n$$$$\n")
    return made


@pytest.mark.slow
@pytest.mark.parametrize("kind", FUZZED)
def test_ten_thousand_hostile_rows_are_the_same_in_every_command(
    trained, tmp_path, fuzzed, kind, monkeypatch
):
    path = fuzzed[kind]
    run_all(
        ["predict", path, "--out", tmp_path / "p.parquet"],
        ["library", "build", path, "--out", tmp_path / "lib"],
        ["screen", path, "--out", tmp_path / "s", *LOOSE],
        ["screen", tmp_path / "lib", "--out", tmp_path / "t", *LOOSE],
        cwd=trained,
    )
    predicted = pd.read_parquet(tmp_path / "p.parquet")
    assert predicted["row"].tolist() == list(range(10_000))
    parts = sorted((tmp_path / "lib").glob("*/*/rows.parquet"))
    built = pd.concat([pd.read_parquet(part) for part in parts], ignore_index=True)
    screened = pd.read_parquet(tmp_path / "s" / "all.parquet")
    assert (tmp_path / "s/all.parquet").read_bytes() == (tmp_path / "t/all.parquet").read_bytes()
    repeated = screened["status"].str.startswith("repeat of row")
    for name in ("id", "smiles", "note"):
        assert predicted[name].tolist() == screened[name].tolist() == built[name].tolist()
    assert predicted["status"].tolist() == built["status"].tolist()
    assert (predicted.loc[repeated, "status"] == "ok").all()
    assert predicted.loc[~repeated, "status"].tolist() == screened.loc[~repeated, "status"].tolist()
    assert (predicted["status"] == "ok").sum() >= 500

    library = Library.find([str(path)], Wanted(), tmp_path)
    given = join_chunks(library.chunks(columns=True))
    monkeypatch.setattr(
        "organode.label.xtb.label", lambda *_, **__: Label(*(9.0, 1.0) * 4, False, -9, -5)
    )
    for row, (smiles, problem) in enumerate(zip(given.smiles, given.problems, strict=True)):
        said = problem or label_row(row, smiles, Method())["status"]
        assert said == predicted["status"][row]
    if kind not in ("smi", "sdf"):
        columns = {"smiles": "smiles", "IE": "note", "EA": None}
        source = {"source": "file", "file": {"path": path, "columns": columns}}
        raw = fetch(Settings.model_validate({"fetch": source}), tmp_path / "raw").table
        assert len(raw) == 10_000
        assert (raw["problem"].notna() == [bool(problem) for problem in given.problems]).all()
        assert [text or "" for text in raw["smiles"].fillna("")] == list(given.smiles)
