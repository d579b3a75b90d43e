"""Small files that unpack to very much are refused in one sentence, before they do."""

import re
import zipfile

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from openpyxl import Workbook
from openpyxl.worksheet.formula import ArrayFormula, DataTableFormula

from organode.errors import UsageError
from organode.library.columns import Wanted
from organode.library.formats import AS_FOUND
from organode.library.stream import open_table

NOT_SAVED = "=… (a formula whose value was not saved)"


@pytest.fixture(autouse=True)
def _given_back():
    """Let no later test of the process go short of memory."""
    yield
    pa.default_memory_pool().release_unused()


def rows(path):
    with open_table(path, Wanted(), AS_FOUND) as table:
        return [list(row[3]) for row in table.rows]


def refused(path, says):
    with pytest.raises(UsageError, match=says) as caught:
        rows(path)
    assert "\n" not in str(caught.value)


def workbook(tmp_path, change=lambda xml: xml, **cells):
    """A workbook with a molecule; `change` is done to the text of its sheet."""
    made = Workbook()
    made.active.append(["smiles", "IE", "EA"])
    made.active.append(["CCO", 8.5, 1])
    for name, value in cells.items():
        made.active[name] = value
    made.save(tmp_path / "plain.xlsx")
    path = tmp_path / "a.xlsx"
    with (
        zipfile.ZipFile(tmp_path / "plain.xlsx") as plain,
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as changed,
    ):
        for name in plain.namelist():
            xml = plain.read(name).decode()
            changed.writestr(name, change(xml) if "sheet1" in name else xml)
    return path


def behind(text):
    return lambda xml: xml.replace("</sheetData>", f"{text}</sheetData>")


def prefixed(xml):
    return re.sub(r"<(/?)(\w+)", r"<\1x:\2", xml).replace("xmlns=", "xmlns:x=")


@pytest.mark.parametrize(
    "formula",
    [
        "=1+1", ArrayFormula("B2:B2", "=SUM(1,2)"), ArrayFormula("B2:B2", "SUM(1,2)"),
        DataTableFormula(ref="B2:B2", dt2D=False, r1="A1"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("change", [lambda xml: xml, prefixed])
def test_no_kind_of_formula_without_its_value_is_an_empty_cell(tmp_path, formula, change):
    assert rows(workbook(tmp_path, change, B2=formula)) == [["CCO", NOT_SAVED, "1"]]


@pytest.mark.parametrize("tag", ["<c/>", "<c />", '<c t="n"/>', "<c></c>"])
def test_a_row_of_millions_of_cells_is_refused(tmp_path, monkeypatch, tag):
    path = workbook(tmp_path, behind(f"<row>{tag * 1_200_000}</row>"))
    with pytest.raises(UsageError, match=r"200 times its size|more than 16,384 cells"):
        rows(path)
    monkeypatch.setattr("organode.library.formats.spreadsheet.FREE", 1 << 30)
    refused(path, "a row of more than 16,384 cells")
    refused(
        workbook(tmp_path, lambda xml: prefixed(behind(f"<row>{tag * 20_000}</row>")(xml))),
        "a row of more than 16,384 cells",
    )


def test_a_text_of_many_megabytes_is_refused(tmp_path, monkeypatch):
    text = "C" * 30_000_000
    path = workbook(tmp_path, behind(f'<row><c t="inlineStr"><is><t>{text}</t></is></c></row>'))
    refused(path, "200 times its size")
    monkeypatch.setattr("organode.library.formats.spreadsheet.FREE", 1 << 30)
    refused(path, "a cell with more than 1,048,576 bytes")


def test_wide_and_long_workbooks_that_people_have_are_read(tmp_path):
    made = Workbook(write_only=True)
    sheet = made.create_sheet("Data")
    sheet.append(["smiles", *(f"x{at}" for at in range(2_000))])
    for _ in range(40):
        sheet.append(["CCO", *["0"] * 2_000])
    sheet.append(["C" * 32_000])
    made.save(tmp_path / "a.xlsx")
    table = rows(tmp_path / "a.xlsx")
    assert (len(table), len(table[-1][0])) == (41, 32_000)


TEXT = "C" * 1_000_000
# Made when they are asked for: together they take 2 GB.
COLUMNS = {
    "dictionary": lambda: pa.DictionaryArray.from_arrays(pa.array([0] * 2_000, pa.int32()), [TEXT]),
    "text": lambda: pa.array([TEXT] * 500),
    "bytes": lambda: pa.array([TEXT.encode()] * 500),
    "list": lambda: pa.array([[TEXT]] * 500),
    "struct": lambda: pa.array([{"a": TEXT}] * 500),
    "numbers": lambda: pa.array([[0] * 100_000] * 400, pa.list_(pa.int8())),
}  # fmt: skip


@pytest.mark.parametrize("kind", COLUMNS)
def test_a_parquet_of_little_that_repeats_is_refused(tmp_path, kind):
    column = COLUMNS[kind]()
    path = tmp_path / "a.parquet"
    table = pa.table({"smiles": ["CCO"] * len(column), "x": column})
    pq.write_table(table, path, compression="zstd")
    refused(path, "more than 256 MiB in 2,000 of its rows")
    if kind == "text":
        encoding = {"smiles": "PLAIN", "x": "DELTA_BYTE_ARRAY"}
        pq.write_table(
            table, path, compression="zstd", use_dictionary=False, column_encoding=encoding
        )
        refused(path, "more than 256 MiB in 2,000 of its rows")


def test_a_parquet_that_unpacks_without_end_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("organode.library.formats.parquet.FREE", 1 << 20)
    table = pa.table({"smiles": ["C"] * 500_000, "x": [0.0] * 500_000})
    pq.write_table(table, tmp_path / "a.parquet", compression="zstd", use_dictionary=False)
    refused(tmp_path / "a.parquet", "unpacks to more than 200 times its size")


def test_parquet_columns_that_people_have_are_read(tmp_path):
    n = 5_000
    columns = {
        "smiles": ["C" * (1 + at % 60) for at in range(n)], "k": ["abc"] * n,
        "bits": [[at % 2] * 2_048 for at in range(n)], "names": [["a", "b"]] * n,
        "kind": pa.array(["a", None] * (n // 2)).dictionary_encode(),
        "view": pa.array(["a"] * n).cast(pa.string_view()), "block": ["x" * 20_000] * n,
    }  # fmt: skip
    pq.write_table(pa.table(columns), tmp_path / "a.parquet")
    table = rows(tmp_path / "a.parquet")
    assert len(table) == n
    assert table[n - 1][1:2] + table[n - 1][3:6] == ["abc", ["a", "b"], None, "a"]
