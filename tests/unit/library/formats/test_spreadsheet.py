"""XLSX workbooks: sheets, blank rows, formulas, and limits of size."""

import re
import zipfile

import pytest
from openpyxl import Workbook
from openpyxl.worksheet.formula import ArrayFormula, DataTableFormula

from library_files import read, read_cells
from organode.errors import UsageError
from organode.fetch.numbers import read_numbers
from organode.library.columns import Wanted
from organode.library.formats import DEFAULT_OPTIONS, ReadOptions
from organode.library.stream import open_table


def book(tmp_path, **sheets):
    made = Workbook()
    made.remove(made.active)
    for title, rows in sheets.items():
        sheet = made.create_sheet(title)
        for row in rows:
            sheet.append(row)
    path = tmp_path / "a.xlsx"
    made.save(path)
    return path


def test_cover_sheet_or_title_row_is_rejected_with_remedy(tmp_path):
    data = [["smiles", "id"], ["CCO", "a"]]
    path = book(tmp_path, Cover=[["My data"]], Data=data)
    with pytest.raises(UsageError, match=r"sheet 'Cover' .* sheet 'Data' .*--sheet"):
        read(path)
    assert read(path, options=ReadOptions(sheet="Data")) == [("a", "CCO", True)]
    with pytest.raises(UsageError, match="no sheet 'x': it has Cover, Data"):
        read(path, options=ReadOptions(sheet="x"))
    with pytest.raises(UsageError, match=r"row 3 of sheet 'Data' looks like"):
        read(book(tmp_path, Data=[["Table S1"], [], *data]))
    with pytest.raises(UsageError, match="'smiles' twice"):
        read(book(tmp_path, Data=[["smiles", "smiles"], ["C", "C"]]))


def test_blank_rows_are_kept_except_at_the_end(tmp_path):
    path = book(tmp_path, Data=[["smiles", "id"], ["CCO", "a"], [], [None, "b"], ["C"], [" "], []])
    assert [row[:2] for row in read(path)] == [
        ("a", "CCO"),
        ("1", ""),
        ("b", ""),
        ("3", "C"),
        ("4", ""),
    ]


def test_blank_first_row_is_rejected_and_hidden_sheet_skipped(tmp_path):
    with pytest.raises(UsageError, match="row 2 of sheet 'Data'"):
        read(book(tmp_path, Data=[[], ["smiles"], ["C"]]))
    from openpyxl import load_workbook

    path = book(tmp_path, Old=[["smiles"], ["CC"]], Data=[["smiles"], ["CCO"]])
    made = load_workbook(path)
    made["Old"].sheet_state = "hidden"
    made.save(path)
    assert [row[1] for row in read(path)] == ["CCO"]


def test_stray_cell_far_below_is_rejected(tmp_path):
    made = Workbook()
    made.active.append(["smiles", "id"])
    made.active.append(["CCO", "a"])
    made.active["XFD1048576"] = "x"
    made.save(tmp_path / "a.xlsx")
    with pytest.raises(UsageError, match="empty rows in a row"):
        read(tmp_path / "a.xlsx")
    made.active["XFD1048576"] = None
    made.active["XFD4"] = "x"
    made.save(tmp_path / "a.xlsx")
    assert [row[2] for row in read(tmp_path / "a.xlsx")] == [True, True, False]


def test_workbook_that_unpacks_to_too_much_is_rejected(tmp_path, monkeypatch):
    path = book(tmp_path, Data=[["smiles"], ["C"]])
    monkeypatch.setattr("organode.library.formats.spreadsheet.MOST_UNPACKED", 1 << 20)
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/media/bomb", bytes(1 << 21))
    with pytest.raises(UsageError, match="unpacks to"):
        read(path)


def test_formulas_without_saved_value_are_not_empty(tmp_path):
    path = book(tmp_path, Data=[["smiles", "IE", "EA"], ["CCO", "=1+1", 1], ["C", 9.5, "=B2"]])
    with open_table(path, Wanted(values={"IE": "IE", "EA": "EA"}), DEFAULT_OPTIONS) as table:
        rows = [row[3] for row in table.rows]
    assert read_numbers(row[1] for row in rows).unread.keys() == {0}
    assert read_numbers(row[2] for row in rows).unread.keys() == {1}


NOT_SAVED = "=… (a formula whose value was not saved)"


def rejected(path, says):
    with pytest.raises(UsageError, match=says) as caught:
        read_cells(path)
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
        "=1+1",
        ArrayFormula("B2:B2", "=SUM(1,2)"),
        ArrayFormula("B2:B2", "SUM(1,2)"),
        DataTableFormula(ref="B2:B2", dt2D=False, r1="A1"),
    ],
)
@pytest.mark.parametrize("change", [lambda xml: xml, prefixed])
def test_no_kind_of_formula_without_value_is_empty(tmp_path, formula, change):
    assert read_cells(workbook(tmp_path, change, B2=formula)) == [["CCO", NOT_SAVED, "1"]]


@pytest.mark.parametrize("tag", ["<c/>", "<c />", '<c t="n"/>', "<c></c>"])
def test_row_of_millions_of_cells_is_rejected(tmp_path, monkeypatch, tag):
    path = workbook(tmp_path, behind(f"<row>{tag * 1_200_000}</row>"))
    with pytest.raises(UsageError, match=r"200 times its size|more than 16,384 cells"):
        read_cells(path)
    monkeypatch.setattr("organode.library.files.RATIO", 1 << 30)
    rejected(path, "a row of more than 16,384 cells")
    rejected(
        workbook(tmp_path, lambda xml: prefixed(behind(f"<row>{tag * 20_000}</row>")(xml))),
        "a row of more than 16,384 cells",
    )


def test_text_of_many_megabytes_is_rejected(tmp_path, monkeypatch):
    text = "C" * 30_000_000
    path = workbook(tmp_path, behind(f'<row><c t="inlineStr"><is><t>{text}</t></is></c></row>'))
    rejected(path, "200 times its size")
    monkeypatch.setattr("organode.library.files.RATIO", 1 << 30)
    rejected(path, "a cell with more than 1,048,576 bytes")


def test_wide_and_long_workbooks_are_read(tmp_path):
    made = Workbook(write_only=True)
    sheet = made.create_sheet("Data")
    sheet.append(["smiles", *(f"x{at}" for at in range(2_000))])
    for _ in range(40):
        sheet.append(["CCO", *["0"] * 2_000])
    sheet.append(["C" * 32_000])
    made.save(tmp_path / "a.xlsx")
    table = read_cells(tmp_path / "a.xlsx")
    assert (len(table), len(table[-1][0])) == (41, 32_000)
