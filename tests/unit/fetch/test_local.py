"""Files of every format, valid and invalid, read by the stage `fetch`."""

import gzip
import hashlib
import io
import json
from datetime import datetime
from decimal import Decimal

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from openpyxl import Workbook
from rdkit import Chem

from organode.errors import UsageError
from organode.pipeline.fetch import fetch
from organode.settings import Settings

SMILES = ["CCO", "c1ccccc1", "not a molecule", None, "O=C1C=CC(=O)C=C1"]
IE = [10.5, 9.25, 8.0, np.nan, 10.125]
EA = [-1.5, -1.0, np.nan, 0.0, 1.75]


def settings(path, columns=None, **file):
    return Settings.model_validate(
        {"fetch": {"source": "file", "file": {"path": path, "columns": columns or {}} | file}}
    )


def run(path, tmp_path, columns=None, **file):
    return fetch(settings(path, columns, **file), tmp_path / "raw")


def as_csv(delimiter):
    rows = [["smiles", "IE", "EA"], *zip(SMILES, IE, EA, strict=True)]
    cells = [["" if cell is None or cell != cell else str(cell) for cell in row] for row in rows]
    return "\n".join(delimiter.join(row) for row in cells).encode() + b"\n"


def as_xlsx():
    book = Workbook()
    book.active.append(["smiles", "IE", "EA"])
    for row in zip(SMILES, IE, EA, strict=True):
        book.active.append([None if cell != cell else cell for cell in row])
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def as_parquet():
    stream = io.BytesIO()
    pd.DataFrame({"smiles": SMILES, "IE": IE, "EA": EA}).to_parquet(stream)
    return stream.getvalue()


def as_sdf():
    broken = "\n\n\n  1  0  0  0  0  0  0  0  0  0999 V2000\n    what is this\nM  END\n"
    records = []
    for text, ionization, affinity in zip(SMILES, IE, EA, strict=True):
        molecule = Chem.MolFromSmiles(text) if text and text != "not a molecule" else None
        block = broken if molecule is None else Chem.MolToMolBlock(molecule)
        for name, value in (("IE", ionization), ("EA", affinity)):
            if value == value:
                block += f">  <{name}>  (1)\n{value}\n\n"
        records.append(block + "$$$$\n")
    return "".join(records).encode()


KINDS = {
    "t.csv": lambda: as_csv(","),
    "t.tsv": lambda: as_csv("\t"),
    "semicolon.csv": lambda: as_csv(";"),
    "t.xlsx": as_xlsx,
    "t.parquet": as_parquet,
    "t.sdf": as_sdf,
}


@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gz"])
@pytest.mark.parametrize("name", KINDS)
def test_every_format_keeps_the_order_of_rows(tmp_path, name, packed):
    content = KINDS[name]()
    path = tmp_path / (name + ".gz" if packed else name)
    path.write_bytes(gzip.compress(content) if packed else content)
    raw = run(path, tmp_path)
    texts = list(SMILES)
    if name.endswith(".sdf"):
        texts[2] = None
    table = pd.read_parquet(tmp_path / "raw" / "molecules.parquet")
    assert list(table.columns) == ["row", "smiles", "IE", "EA", "problem", "unread"]
    assert table["unread"].isna().all()
    assert table["row"].dtype == np.int64
    assert table["row"].tolist() == [0, 1, 2, 3, 4]
    assert [None if pd.isna(text) else text for text in table["smiles"]] == texts
    assert (table["IE"].dtype, table["EA"].dtype) == (np.float64, np.float64)
    np.testing.assert_array_equal(table["IE"], IE)
    np.testing.assert_array_equal(table["EA"], EA)
    pd.testing.assert_frame_equal(raw.table, table)


def test_provenance_holds_the_settings(tmp_path):
    path = tmp_path / "t.csv"
    path.write_bytes(as_csv(","))
    raw = run(path, tmp_path, reference="li", licence="CC0", citation="me", level_of_theory="HF")
    stored = json.loads((tmp_path / "raw" / "provenance.json").read_text())
    assert list(stored) == [
        "source", "query", "time", "rows", "sha256", "affinity_sign", "reference",
        "level_of_theory", "licence", "citation",
    ]  # fmt: skip
    assert stored["source"] == "file"
    assert stored["rows"] == 5
    assert stored["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()
    assert stored["affinity_sign"] == "neutral-minus-anion"
    assert (stored["reference"], stored["level_of_theory"]) == ("li", "HF")
    assert (stored["licence"], stored["citation"]) == ("CC0", "me")
    assert datetime.fromisoformat(stored["time"]).utcoffset().total_seconds() == 0
    assert raw.provenance.query["path"] == path.as_posix()


def test_same_content_gives_the_same_bytes(tmp_path):
    path = tmp_path / "t.csv"
    path.write_bytes(as_csv(","))
    fetch(settings(path), tmp_path / "a")
    fetch(settings(path), tmp_path / "b")
    first, second = (tmp_path / name / "molecules.parquet" for name in "ab")
    assert first.read_bytes() == second.read_bytes()
    assert sorted(entry.name for entry in (tmp_path / "a").iterdir()) == [
        "molecules.parquet",
        "provenance.json",
    ]


def test_other_sign_of_affinity_is_inverted(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("smiles,IE,EA\nC,1,2.5\nCC,2,0\nCCC,3,-1\n")
    raw = run(path, tmp_path, affinity_sign="anion-minus-neutral")
    assert raw.table["EA"].tolist() == [-2.5, 0.0, 1.0]
    assert not np.signbit(raw.table["EA"][1])
    assert raw.table["IE"].tolist() == [1, 2, 3]
    assert raw.provenance.affinity_sign == "anion-minus-neutral"


def test_columns_are_mapped_and_a_target_may_be_missing(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("id,EA,ip,structure\n7,99,8.5,CCO\n")
    raw = run(path, tmp_path, {"smiles": "structure", "IE": "ip", "EA": None})
    assert raw.table["smiles"].tolist() == ["CCO"]
    assert raw.table["IE"].tolist() == [8.5]
    assert raw.table["EA"].isna().all()


def test_cells_that_are_not_numbers_become_nan_and_no_smiles_is_taken_as_missing(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text(
        'smiles,IE,EA\nN,abc, 1.5 \nNA,inf,1e-1\n  ,True,"1,5"\nnan,5 eV,\n\n"C",1,2,3\nCC\n'
    )
    table = run(path, tmp_path).table
    assert [None if pd.isna(text) else text for text in table["smiles"]] == [
        "N", "NA", None, "nan", None, "C,1,2,3", "CC",
    ]  # fmt: skip
    assert table["IE"].isna().tolist() == [True, True, True, False, True, True, True]
    np.testing.assert_array_equal(table["EA"][:3], [1.5, 0.1, 1.5])
    assert table["problem"].notna().tolist() == [False] * 5 + [True, False]
    assert table["unread"].notna().tolist() == [True] * 3 + [False] * 4


def test_rows_with_a_trailing_comma_do_not_shift(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("smiles,IE,EA\nC,1,2,\nCC,3,4,\n")
    table = run(path, tmp_path).table
    assert table["smiles"].tolist() == ["C", "CC"]
    assert table["EA"].tolist() == [2, 4]


def test_semicolons_with_decimal_commas(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("smiles;IE;EA\nC;1,25;-2,5\n")
    assert run(path, tmp_path).table[["IE", "EA"]].to_numpy().tolist() == [[1.25, -2.5]]


@pytest.mark.parametrize(
    ("encoding", "name"), [("utf-8", "Größe"), ("utf-8-sig", "Größe"), ("latin-1", "Größe")]
)
def test_encodings_are_recognised(tmp_path, encoding, name):
    path = tmp_path / "t.csv"
    path.write_bytes(f"smiles,{name},EA\r\nC,1,2\r\n".encode(encoding))
    table = run(path, tmp_path, {"IE": name}).table
    assert table[["smiles", "IE", "EA"]].to_numpy().tolist() == [["C", 1, 2]]


def test_parquet_columns_of_other_types(tmp_path):
    path = tmp_path / "t.parquet"
    columns = {
        "smiles": pa.array(["C", "CC", None]).dictionary_encode(),
        "IE": pa.array([Decimal("1.5"), None, Decimal("2.5")]),
        "EA": pa.array([True, False, None]),
        "list": pa.array([[1.0], [2.0], None]),
        "single": pa.array([1.5, None, 2.5], pa.float32()),
    }
    pq.write_table(pa.table(columns), path)
    table = run(path, tmp_path).table
    assert table["smiles"].tolist()[:2] == ["C", "CC"]
    np.testing.assert_array_equal(table["IE"], [1.5, np.nan, 2.5])
    assert table["EA"].isna().all()
    table = run(path, tmp_path, {"IE": "list", "EA": "single"}).table
    assert table["IE"].isna().all()
    assert table["unread"].notna().tolist() == [True, True, False]
    np.testing.assert_array_equal(table["EA"], [1.5, np.nan, 2.5])
    with pytest.raises(UsageError, match="'EA' holds bool, not text"):
        run(path, tmp_path, {"smiles": "EA", "EA": "single"})


BAD = {
    "missing.csv": (None, "does not exist", "fetch.file.path"),
    "empty.csv": (b"", "is empty"),
    "blank.csv": (b" \n\n", "is empty"),
    "empty.csv.gz": (gzip.compress(b""), "is empty"),
    "header.csv": (b"smiles,IE,EA\n", "no rows"),
    "junk.csv": (bytes(range(256)) * 20, "not a text table"),
    "twice.csv": (b"smiles,IE,IE,EA\nC,1,2,3\n", "'IE' twice"),
    "junk.xlsx": (b"PK\x03\x04 not a workbook", "not an XLSX"),
    "junk.parquet": (b"PAR1 junk PAR1", "not a Parquet"),
    "junk.sdf": (b"\x00\x01 nothing here", "not an SDF"),
    "plain.csv.gz": (b"smiles,IE,EA\nC,1,2\n", "not a complete gzip"),
    "cut.csv.gz": (gzip.compress(as_csv(",") * 500)[:-20], "not a complete gzip"),
    "table.docx": (b"x", ".csv", "fetch.file.path"),
    "noname": (b"x", ".parquet"),
    "mol.csv": (b"mol,IE,EA\nC,1,2\n", "'smiles'", "mol, IE, EA", "fetch.file.columns.smiles"),
    "other.csv": (
        b"SMILES,IE,affinity\nC,1,2\n",
        "'EA'",
        "SMILES, IE, affinity",
        "fetch.file.columns.EA in params.yaml",
    ),
    "other.sdf": (as_sdf().replace(b"<EA>", b"<affinity>"), "'EA'", "IE, affinity"),
}


@pytest.mark.parametrize("name", BAD)
def test_invalid_file_is_an_error_of_one_sentence_with_remedy(tmp_path, name):
    content, *parts = BAD[name]
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(UsageError) as caught:
        run(path, tmp_path)
    message = str(caught.value)
    assert all(part in message for part in parts), message
    assert name in message
    assert "\n" not in message
    assert len(message) < 400
    assert not (tmp_path / "raw").exists()


def test_missing_column_in_xlsx_and_parquet_is_named(tmp_path):
    for name in ("t.xlsx", "t.parquet"):
        (tmp_path / name).write_bytes(KINDS[name]())
        with pytest.raises(UsageError, match=r"'x'.*smiles, IE, EA.*fetch\.file\.columns\.IE"):
            run(tmp_path / name, tmp_path, {"IE": "x"})


def test_folder_is_rejected(tmp_path):
    (tmp_path / "t.csv").mkdir()
    with pytest.raises(UsageError, match="is a folder"):
        run(tmp_path / "t.csv", tmp_path)


def test_missing_columns_of_both_targets_are_rejected(tmp_path):
    path = tmp_path / "t.csv"
    path.write_bytes(as_csv(","))
    with pytest.raises(UsageError, match=r"fetch\.file\.columns\.IE and .*EA are both null"):
        run(path, tmp_path, {"IE": None, "EA": None})


def test_failure_does_not_change_the_former_table(tmp_path):
    path = tmp_path / "t.csv"
    path.write_bytes(as_csv(","))
    run(path, tmp_path)
    before = (tmp_path / "raw" / "molecules.parquet").read_bytes()
    path.write_bytes(b"")
    with pytest.raises(UsageError):
        run(path, tmp_path)
    assert (tmp_path / "raw" / "molecules.parquet").read_bytes() == before


def test_embedded_set_is_read_with_its_provenance(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError, match=r"data/embedded/molecules\.csv is missing"):
        fetch(Settings())
    (tmp_path / "data" / "embedded").mkdir(parents=True)
    (tmp_path / "data" / "embedded" / "molecules.csv").write_text(
        "smiles,family,IE,EA\nCCO,alcohol,10.1,-2.2\n"
    )
    raw = fetch(Settings())
    assert (tmp_path / "data" / "raw" / "molecules.parquet").is_file()
    assert raw.table.astype(object).where(raw.table.notna(), None).to_numpy().tolist() == [
        [0, "CCO", 10.1, -2.2, None, None]
    ]
    assert raw.provenance.reference == "absolute"
    assert raw.provenance.licence == "CC BY 4.0"
    assert raw.provenance.level_of_theory.startswith("B3LYP/6-31+G(d)//GFN2-xTB")
