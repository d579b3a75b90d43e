"""Tables as people's programs write them: every row keeps its place, none is lost or invented."""

import io
import os
import random
import zipfile

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from openpyxl import Workbook
from rdkit import Chem

from organode.errors import UsageError
from organode.fetch.numbers import read_numbers
from organode.library.chunk import own_names
from organode.library.columns import MOST_COLUMNS, Wanted, lay_out
from organode.library.formats import AS_FOUND, ReadOptions
from organode.library.stream import Library, open_table


def read(path, wanted=None, options=AS_FOUND):
    """(id, SMILES, whether the row could be read) of each row."""
    library = Library.find([str(path)], wanted or Wanted(), path.parent, options)
    return [
        (*row, not problem)
        for chunk in library.pieces()
        for *row, problem in zip(chunk.ids, chunk.smiles, chunk.problems, strict=True)
    ]


def written(tmp_path, name, content):
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


# --- quotes


@pytest.mark.parametrize(
    "cell",
    ['"2 inch', '"2 inch tube, wide', 'tube 2"', '2" tube', "5'-O", "5′ 3″", '"', '""', 'a "b" c'],
)
def test_a_quote_that_nobody_closes_swallows_no_row(tmp_path, cell):
    for head, line in (("smiles,id", f"CCO,{cell}"), ("id,smiles", f"{cell},CCO")):
        rows = "".join(f"{line}\n{'CCN,tube 2' if head[0] == 's' else 'tube 2,CCN'}\"\n"
                       for _ in range(3))  # fmt: skip
        table = read(written(tmp_path, "a.csv", f"{head}\n{rows}"))
        assert len(table) == 6, cell
        assert [row[1] for row in table[1::2]] == ["CCN"] * 3


def test_a_cell_over_several_lines_is_one_cell(tmp_path):
    text = 'smiles,note\nCCO,"first line\nsecond, line\nand ""third"""\nCCN,x\n'
    path = written(tmp_path, "a.csv", text)
    assert [(row[1], row[2]) for row in read(path)] == [("CCO", True), ("CCN", True)]
    with open_table(path, Wanted(), AS_FOUND) as table:
        cells = [row[3] for row in table.rows]
    assert cells[0][1] == 'first line\nsecond, line\nand "third"'


def test_a_mol_block_in_a_cell_is_a_cell(tmp_path):
    blocks = [Chem.MolToMolBlock(Chem.MolFromSmiles(smiles)) for smiles in ("C" * 30, "CCN")]
    table = pd.DataFrame({"id": ["a", "b"], "molfile": blocks, "smiles": ["C" * 30, "CCN"]})
    table.to_csv(tmp_path / "a.csv", index=False)
    assert read(tmp_path / "a.csv") == [("a", "C" * 30, True), ("b", "CCN", True)]


def test_twenty_thousand_open_quotes_cost_no_more_than_their_lines(tmp_path):
    text = "smiles,id\n" + 'xx,"a\n' * 20_000 + "CCO,last\n"
    table = read(written(tmp_path, "a.csv", text))
    assert (len(table), table[-1]) == (20_001, ("last", "CCO", True))


# --- width


@pytest.mark.parametrize(("mark", "name"), [(",", "comma"), (";", "semicolon"), ("\t", "tab")])
def test_a_row_with_a_cell_too_many_is_rejected_and_shifts_nothing(tmp_path, mark, name):
    lines = [
        "id,smiles,note",
        "2,4-dinitrophenol,C,x",
        "b,CC,y",
        "c,CCC,z,",
        "d,CCCC",
        "e",
        "f,,,g",
    ]
    text = "\n".join(line.replace(",", mark) for line in lines)
    path = written(tmp_path, "a.csv", text)
    library = Library.find([str(path)], Wanted(), tmp_path)
    (chunk,) = library.pieces(columns=True)
    assert [bool(problem) for problem in chunk.problems] == [True, False, False, False, False, True]
    assert "4 cells, and the header has 3" in chunk.problems[0]
    assert name in chunk.problems[0]
    assert chunk.smiles[1:5] == ("CC", "CCC", "CCCC", "")
    assert chunk.columns["note"].to_pylist() == [None, "y", "z", "", "", None]


def test_columns_without_a_name_at_the_end_are_no_room_for_a_comma(tmp_path):
    text = "smiles,id,,\nCCO,2,4-xylenol,\nCCN,b,,\n"
    assert [row[2] for row in read(written(tmp_path, "a.csv", text))] == [False, True]


# --- ends of lines


@pytest.mark.parametrize(
    "inside", ["\u2028", "\u2029", "\x85", "\x0b", "\x0c", "\x1c", "\x1d", "\x1e"]
)
@pytest.mark.parametrize("kind", ["smi", "csv"])
def test_nothing_but_line_ends_ends_a_line(tmp_path, inside, kind):
    names = [f"a{inside}b", "c", f"d{inside}"]
    text = "".join(f"CCO\t{name}\n" for name in names)
    if kind == "csv":
        text = "smiles\tid\n" + text
    assert [row[1] for row in read(written(tmp_path, f"a.{kind}", text))] == ["CCO"] * 3


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_rows_end_as_on_any_system(tmp_path, end):
    text = end.join(["smiles,id", "CCO,a", "", "CCN,b", "C,c"])
    assert read(written(tmp_path, "a.csv", text + end)) == read(written(tmp_path, "b.csv", text))
    assert [row[:2] for row in read(tmp_path / "a.csv")] == [
        ("a", "CCO"), ("1", ""), ("b", "CCN"), ("c", "C"),
    ]  # fmt: skip


def test_line_ends_that_blocks_cut_are_one(tmp_path, monkeypatch):
    for size in (1, 2, 3, 7):
        monkeypatch.setattr("organode.library.text.BLOCK", size)
        text = "smiles,id\r\nCCO,a\r\n\r\nCC\xe4N,b\rC,c\r\n\nO,d\n".encode("latin-1")
        assert len(read(written(tmp_path, "a.csv", text))) == 6


def test_a_line_that_is_too_long_says_that_it_was_cut(tmp_path, monkeypatch):
    monkeypatch.setattr("organode.library.text.LONGEST", 100)
    monkeypatch.setattr("organode.library.text.BLOCK", 16)
    text = "smiles,id,note\nCCO,a," + "x" * 200 + "\nCCN,b,y\n"
    (chunk,) = Library.find([str(written(tmp_path, "a.csv", text))], Wanted(), tmp_path).pieces(
        columns=True
    )
    assert chunk.smiles == ("CCO", "CCN")
    assert chunk.columns["note"].to_pylist()[0].endswith("[cut: the line is longer than 4 MiB]")
    assert chunk.columns["note"].to_pylist()[1] == "y"


@pytest.mark.parametrize(
    ("line", "row"),
    [
        ("", ("0", "")), ("   ", ("0", "")), ("\tbenzene", ("benzene", "")),
        (" benzene", ("benzene", "")), ("  sodium chloride", ("sodium chloride", "")),
        (" CCO ethanol", ("ethanol", "CCO")), ("CCO\t ethyl  alcohol ", ("ethyl alcohol", "CCO")),
        ("CCO", ("0", "CCO")), ("\t", ("0", "")),
    ],
)  # fmt: skip
def test_a_line_of_a_list_without_a_structure_has_none(tmp_path, line, row):
    text = f"{line}\nCCN last\n"
    assert [row[:2] for row in read(written(tmp_path, "a.smi", text))] == [row, ("last", "CCN")]


@pytest.mark.parametrize(
    ("line", "row"),
    [
        ("phenol red", ("0", "phenol red")), ("CC |Z:0| odd", ("odd", "CC |Z:0|")),
        ("[CH3] |^1:0|", ("0", "[CH3] |^1:0|")), ("c1cc[nH]c1 a b", ("a b", "c1cc[nH]c1")),
    ],
)  # fmt: skip
def test_words_of_a_line_stay_together(tmp_path, line, row):
    assert read(written(tmp_path, "a.smi", line + "\n"))[0][:2] == row


def test_a_list_whose_columns_stand_in_another_order_is_named(tmp_path):
    with pytest.raises(UsageError, match="first line names columns"):
        read(written(tmp_path, "a.smi", "name smiles\nCO CCO\nCN c1ccccc1\n"))


# --- encodings


@pytest.mark.parametrize(
    ("encoding", "names"),
    [
        ("utf-8", ["Größe", "벤조퀴논", "苯醌"]), ("utf-8-sig", ["é", "Ω"]),
        ("utf-16", ["Größe", "벤조퀴논"]), ("latin-1", ["Größe", "naïve", "é"]),
        ("cp1252", ["“x” – y", "10 µm"]), ("cp949", ["벤조퀴논", "안트라퀴논 유도체"]),
        ("shift_jis", ["ベンゾキノン", "アントラキノン"]), ("gb18030", ["苯醌", "蒽醌衍生物"]),
    ],
)  # fmt: skip
def test_names_survive_the_encodings_that_tables_have(tmp_path, encoding, names):
    text = "smiles,id\n" + "".join(f"CCO,{name}\n" for name in names)
    path = written(tmp_path, "a.csv", text.encode(encoding))
    assert [row[0] for row in read(path)] == names
    stated = encoding.removesuffix("-sig")
    if not encoding.endswith("-sig"):
        assert [row[0] for row in read(path, options=ReadOptions(encoding=stated))] == names


def test_a_byte_order_mark_is_no_part_of_a_structure(tmp_path):
    for mark in (b"\xef\xbb\xbf", "\u200b".encode()):
        for name, text in (("a.smi", b"CCO a\n"), ("a.csv", b"smiles,id\nCCO,a\n")):
            joined = mark + text + (mark + b"CCN b\n" if name == "a.smi" else mark + b"CCN,b\n")
            path = written(tmp_path, name, joined if mark[0] == 0xEF else joined[len(mark) :])
            assert [row[1] for row in read(path)] == ["CCO", "CCN"]


def test_an_encoding_that_nobody_knows_is_named(tmp_path):
    for name in ("utf-9", "base64", "hex", "rot13", "undefined"):
        with pytest.raises(UsageError, match=f"no encoding '{name}'"):
            read(written(tmp_path, "a.smi", "CCO"), options=ReadOptions(encoding=name))
    for name in ("utf-16", "utf-32"):  # no mark in front
        path = written(tmp_path, "a.smi", "CCO a\n".encode(f"{name}-le"))
        assert read(path, options=ReadOptions(encoding=name)) == [("a", "CCO", True)]


def test_a_separator_is_one_character(tmp_path):
    assert ReadOptions("tab") == ReadOptions("\t")
    for separator in (";;", '"', "\n"):
        with pytest.raises(UsageError, match="one character"):
            ReadOptions(separator)


# --- separators and names of columns


@pytest.mark.parametrize(
    "text",
    [
        "sep=;\nsmiles;id\nCCO;a\n", '"sep=;"\nsmiles;id\nCCO;a\n', "smiles;id\nCCO;a\n",
        "smiles;IE, eV;EA, eV;id\nCCO;8,9;-1,2;a\n", '"smiles";"x, y, z";"id"\nCCO;x;a\n',
        "smiles|id\nCCO|a\n", "smiles\tid\tx,y,z\nCCO\ta\t1\n", 'id,"IE\n(eV)",smiles\na,1,CCO\n',
        "smiles,id,\nCCO,a,\n", "SMILES ; Id \nCCO;a\n",
    ],
)  # fmt: skip
def test_the_separator_is_the_one_under_which_the_table_makes_sense(tmp_path, text):
    assert read(written(tmp_path, "a.csv", text)) == [("a", "CCO", True)]


def test_a_stated_separator_decides(tmp_path):
    path = written(tmp_path, "a.csv", "smiles,id;other\nCCO,a;b\n")
    assert read(path, options=ReadOptions(separator=","))[0][:2] == ("0", "CCO")
    with pytest.raises(UsageError, match="no column 'smiles'"):
        read(path, Wanted("smiles"), ReadOptions(separator=";"))


@pytest.mark.parametrize(
    ("smiles", "name"),
    [
        ("SMILES", "Name"), ("Smiles", "ID"), ("canonical_smiles", "CAS"), ("smi", "title"),
        ("Structure (SMILES)", "Compound ID"), ("CanonicalSMILES", "CAS No."),
        ("cxsmiles smiles", "cid"),
        ("SMILES ", "MOL-ID"), ("InChI", "name"), ("Isomeric SMILES", "Compound_Name"),
    ],
)  # fmt: skip
def test_usual_names_are_found_and_the_choice_is_said(tmp_path, capsys, smiles, name):
    path = written(tmp_path, "a.csv", f"x,{name},{smiles}\n1,a,CCO\n")
    assert read(path) == [("a", "CCO", True)]
    assert f"'{smiles.strip()}'" in " ".join(capsys.readouterr().err.split())


def test_structures_are_never_guessed_between_two_columns(tmp_path):
    with pytest.raises(UsageError, match=r"several columns .*'a smiles', 'b smiles'.*--column"):
        read(written(tmp_path, "a.csv", "a smiles,b smiles\nC,CC\n"))
    with pytest.raises(UsageError, match="'smiles' twice"):
        read(written(tmp_path, "a.csv", "smiles,smiles\nC,CC\n"))
    with pytest.raises(UsageError, match=r"no column 'mol'.*it has: smiles, id.*--column"):
        read(written(tmp_path, "a.csv", "smiles,id\nC,CC\n"), Wanted("mol"))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("CCO,ethanol\nCCN,x\n", r"no header.*'CCO'"),
        ("Table 1\nsmiles,id\nC,a\n", "line 2 looks like"),
        ("\n\nsmiles,id\nC,a\n", "line 3 looks like"),
        ("Name,price\nbenzene,1\n", "--column 'Name'"),
    ],
)  # fmt: skip
def test_a_table_without_its_header_says_what_to_do(tmp_path, text, says):
    with pytest.raises(UsageError, match=says) as caught:
        read(written(tmp_path, "a.csv", text))
    assert "\n" not in str(caught.value)


def test_a_list_may_have_a_header_or_be_a_table(tmp_path):
    for name in ("a.smi", "a.txt"):
        for text in ("smiles id\nCCO a\n", "SMILES,ID\nCCO,a\n", "CCO a\n", "id\tsmiles\na\tCCO\n"):
            assert read(written(tmp_path, name, text)) == [("a", "CCO", True)], text
    assert read(written(tmp_path, "a.smi", "CCO\tsmiles\nCCN\tb\n"))[0][:2] == ("smiles", "CCO")


# --- workbooks


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


def test_a_cover_sheet_and_a_title_are_one_sentence(tmp_path):
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


def test_blank_rows_keep_their_place_and_those_at_the_end_are_none(tmp_path):
    path = book(tmp_path, Data=[["smiles", "id"], ["CCO", "a"], [], [None, "b"], ["C"], [" "], []])
    assert [row[:2] for row in read(path)] == [
        ("a", "CCO"), ("1", ""), ("b", ""), ("3", "C"), ("4", ""),
    ]  # fmt: skip


def test_a_first_row_that_is_blank_or_a_first_sheet_that_is_hidden(tmp_path):
    with pytest.raises(UsageError, match="row 2 of sheet 'Data'"):
        read(book(tmp_path, Data=[[], ["smiles"], ["C"]]))
    from openpyxl import load_workbook

    path = book(tmp_path, Old=[["smiles"], ["CC"]], Data=[["smiles"], ["CCO"]])
    made = load_workbook(path)
    made["Old"].sheet_state = "hidden"
    made.save(path)
    assert [row[1] for row in read(path)] == ["CCO"]


def test_a_cell_at_the_far_corner_is_said_and_costs_nothing(tmp_path):
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


def test_a_workbook_that_unpacks_without_end_is_refused(tmp_path, monkeypatch):
    path = book(tmp_path, Data=[["smiles"], ["C"]])
    monkeypatch.setattr("organode.library.formats.spreadsheet.UNPACKED", 1 << 20)
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/media/bomb", bytes(1 << 21))
    with pytest.raises(UsageError, match="unpacks to"):
        read(path)


def test_formulas_without_a_value_are_no_empty_cells(tmp_path):
    path = book(tmp_path, Data=[["smiles", "IE", "EA"], ["CCO", "=1+1", 1], ["C", 9.5, "=B2"]])
    with open_table(path, Wanted(values={"IE": "IE", "EA": "EA"}), AS_FOUND) as table:
        rows = [row[3] for row in table.rows]
    assert read_numbers(row[1] for row in rows).unread.keys() == {0}
    assert read_numbers(row[2] for row in rows).unread.keys() == {1}


# --- SDF


def record(smiles, title="", tag="ID", **items):
    block = Chem.MolToMolBlock(Chem.MolFromSmiles(smiles)) if smiles else "\n\n\nx\nM  END\n"
    lines = block.split("\n")
    lines[0] = title
    data = "".join(f">  <{name}>  ({tag})\n{value}\n\n" for name, value in items.items())
    return "\n".join(lines) + data + "$$$$\n"


def test_titles_are_names_and_data_items_come_back(tmp_path):
    text = record("CCO", "first", note="a\nb", Name="n") + record("", "broken", extra="y")
    text += record("CCN", "", Name="third <x>")
    library = Library.find([str(written(tmp_path, "a.sdf", text))], Wanted(), tmp_path)
    (chunk,) = library.pieces(columns=True)
    assert chunk.ids == ("first", "broken", "third <x>")
    assert chunk.smiles == ("CCO", "", "CCN")
    assert [bool(problem) for problem in chunk.problems] == [False, True, False]
    assert chunk.columns.to_pydict() == {
        "note": ["a\nb", "", ""],
        "Name": ["n", "", "third <x>"],
        "extra": ["", "y", ""],
    }


def test_data_items_of_any_name_come_back(tmp_path):
    more = ">  <HPLC>\n>95 <area>\n\n>  <HPLC>\nagain\n\n>  <smiles>\nOCC\n\n>  <CAS>"
    text = record("CCO", "Untitled", CAS="64-17-5") + record("CCN", "Untitled")
    text = text.replace(">  <CAS>", more, 1)
    path = written(tmp_path, "a.sdf", text)
    (chunk,) = Library.find([str(path)], Wanted(), tmp_path).pieces(columns=True)
    assert chunk.columns.to_pydict() == {
        "HPLC": [">95 <area>\nagain", ""], "smiles": ["OCC", ""], "CAS": ["64-17-5", ""],
    }  # fmt: skip
    assert [row[0] for row in read(path, Wanted(id="CAS"))] == ["64-17-5", "1"]


def test_an_sdf_by_another_name_is_named(tmp_path):
    with pytest.raises(UsageError, match="is an SDF"):
        read(written(tmp_path, "a.smi", record("CCO", "ethanol")))


# --- Parquet


def test_odd_parquet_columns_come_back_or_are_named(tmp_path):
    columns = {
        "smiles": pa.array(["CCO", None, "C"], pa.large_string()),
        "whole": pa.array([1, None, 2**60], pa.int64()),
        "real": pa.array([0.1, None, float("nan")]),
        "list": pa.array([[1], None, []]),
        "when": pa.array([0, None, 2**62], pa.timestamp("us")),
        "map": pa.array([[("a", 1)], None, []], pa.map_(pa.string(), pa.int8())),
        "bytes": pa.array([b"\xff", None, b"a"]),
        "kind": pa.array(["a", None, "a"]).dictionary_encode(),
    }
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table(columns), path)
    (chunk,) = Library.find([str(path)], Wanted(), tmp_path).pieces(columns=True)
    assert chunk.smiles == ("CCO", "", "C")
    table = chunk.columns
    assert table["whole"].to_pylist() == [1, None, 2**60]
    assert table["real"].to_pylist()[0] == 0.1
    assert table["list"].to_pylist()[0] == "[1]"
    assert table["kind"].to_pylist()[0] == "a"
    assert all(len(table[name]) == 3 for name in table.column_names)
    bad = [None, pa.py_buffer(b"\0\0\0\0\3\0\0\0\6\0\0\0"), pa.py_buffer(b"a\xffbCCO")]
    pq.write_table(
        pa.table({"smiles": pa.Array.from_buffers(pa.string(), 2, bad)}), tmp_path / "b.parquet"
    )
    assert [row[1] for row in read(tmp_path / "b.parquet")] == ["a\ufffdb", "CCO"]
    with pytest.raises(UsageError, match="'whole' holds int64, not text"):
        read(path, Wanted("whole"))


# --- limits


def test_a_table_of_very_many_columns_is_one_sentence(tmp_path):
    head = ",".join(["smiles", *(f"x{at}" for at in range(100_000))])
    with pytest.raises(UsageError, match=f"100,001 columns, and at most {MOST_COLUMNS:,}"):
        read(written(tmp_path, "a.csv", f"{head}\nC\n"))


def test_a_gzip_that_unpacks_without_end_is_refused(tmp_path, monkeypatch):
    import gzip

    monkeypatch.setattr("organode.library.files.FREE", 1 << 20)
    path = written(tmp_path, "a.smi.gz", gzip.compress(b"C\n" * (1 << 22)))
    with pytest.raises(UsageError, match="unpacks to more than"):
        read(path)
    real = "".join(f"CCO{'C' * (row % 17)} molecule {row * 7919}\n" for row in range(60_000))
    assert len(read(written(tmp_path, "b.smi.gz", gzip.compress(real.encode())))) == 60_000


def test_pipes_devices_and_folders_are_one_sentence(tmp_path):
    os.mkfifo(tmp_path / "a.csv")
    (tmp_path / "b.csv").mkdir()
    (tmp_path / "c.csv").symlink_to("c.csv")
    for name, says in (
        ("a.csv", "a pipe or a device"),
        ("b.csv", "folder"),
        ("c.csv", "cannot read|too many levels|symbolic"),
    ):
        with pytest.raises(UsageError, match=says):
            read(tmp_path / name)
    with pytest.raises(UsageError, match="a pipe or a device"):
        Library.find(["/dev/zero"], Wanted(), tmp_path)


def test_folders_that_link_to_each_other_give_each_file_once(tmp_path):
    (tmp_path / "x").mkdir()
    (tmp_path / "x" / "a.smi").write_text("C\n")
    for name in ("l1", "l2", "l3"):
        (tmp_path / "x" / name).symlink_to(tmp_path / "x")
    library = Library.find([f"{tmp_path}/**/*.smi"], Wanted(), tmp_path)
    assert len(library.files) == 1


# --- numbers


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("−1.6", -1.6), ("–1.6", -1.6), ("8,9", 8.9), ("12.2 eV", 12.2), ("12,2eV", 12.2),
        ("(-2.8)", -2.8), ("(−2,8)", -2.8), ("+3", 3), ("1e1", 10), (" 8.9 ", 8.9), ("８.９", 8.9),
        ("8.9\u00a0eV", 8.9), ("'8.9", 8.9), ("- 2.8", -2.8), (8, 8), (np.float32(0.5), 0.5),
        (".5", 0.5), ("5.", 5),
    ],
)  # fmt: skip
def test_a_number_that_has_one_meaning_is_read(cell, value):
    numbers = read_numbers([cell])
    assert numbers.values.tolist() == [pytest.approx(value)]
    assert not numbers.unread


@pytest.mark.parametrize(
    "cell", ["", " ", None, "n/a", "NaN", "-", "–", "#N/A", pd.NA, pd.NaT, "n.d."]
)
def test_a_missing_number_is_missing(cell):
    numbers = read_numbers([cell])
    assert np.isnan(numbers.values[0])
    assert not numbers.unread


@pytest.mark.parametrize(
    "cell",
    [
        "2026-11-08", "8. Nov", "12.2 kJ/mol", "> 8", "8.9-9.1", "1.2.3", "1,234.5", "inf", "-inf",
        "(2.8)", "=B2", "abc", "10²", "#DIV/0!", True, np.True_, float("inf"), [8.9], "8 9", "0x10",
    ],
)  # fmt: skip
def test_what_is_no_number_is_kept_to_be_shown(cell):
    numbers = read_numbers([1.0, cell])
    assert np.isnan(numbers.values[1])
    assert list(numbers.unread) == [1]


# --- all readers on the same rows


PARTS = [
    "C",
    "c1ccccc1",
    "N",
    "O=",
    '"',
    "'",
    " ",
    "a",
    "é",
    "\u2028",
    "\x0c",
    "-",
    "=",
    "1",
    "[",
    ")",
]


def test_the_same_rows_are_the_same_in_every_kind_of_file(tmp_path):
    generator = random.Random(5)

    def cell(most):
        return "".join(generator.choices(PARTS, k=generator.randrange(most))).strip(' \t"')

    table = pd.DataFrame({
        "smiles": [cell(6) for _ in range(1_000)], "id": [cell(8) for _ in range(1_000)],
        "note": [cell(8) for _ in range(1_000)],
    }).map(lambda text: " ".join(text.split()))  # fmt: skip
    table.loc[999] = ["C", "last", ""]
    # A workbook holds no form feed, and takes a text with = in front for a formula.
    clean = table.map(lambda text: text.replace("\x0c", "").replace("\u2028", "").lstrip("= "))
    table.to_csv(tmp_path / "a.csv", index=False)
    table.to_csv(tmp_path / "a.tsv", index=False, sep="\t")
    table.to_csv(tmp_path / "semi.csv", index=False, sep=";")
    table.to_parquet(tmp_path / "a.parquet")
    expected = read(tmp_path / "a.parquet")
    assert len(expected) == 1_000
    for name in ("a.csv", "a.tsv", "semi.csv"):
        assert read(tmp_path / name) == expected, name
    clean.to_excel(tmp_path / "a.xlsx", index=False)
    clean.to_parquet(tmp_path / "clean.parquet")
    assert read(tmp_path / "a.xlsx") == read(tmp_path / "clean.parquet")


def test_ten_thousand_hostile_lines_give_ten_thousand_rows(tmp_path):
    generator = random.Random(11)
    alphabet = b"C\"c1,;\\=\x00\xff\t +@<|'\x85\x0c"
    lines = [bytes(generator.choices(alphabet, k=generator.randrange(24))) for _ in range(10_000)]
    for row in range(0, 10_000, 10):
        lines[row] = b"CCO,good"
    path = written(tmp_path, "a.csv", b"smiles,id\n" + b"\n".join(lines) + b"\n")
    table = read(path)
    with open_table(path, Wanted(), AS_FOUND) as opened:
        # A quoted cell may really go over lines that are no rows by themselves.
        cells = (cell for row in opened.rows for cell in row[3] or [row[1]])
        joined = sum(str(cell).count("\n") for cell in cells)
    assert len(table) + joined == 10_000
    assert sum(row == ("good", "CCO", True) for row in table) == 1_000


def test_columns_are_found_by_the_same_rules_for_labels():
    wanted = Wanted(values={"IE": "IE", "EA": "EA"})
    for names in (
        ["smiles", "IE (eV)", "EA / eV"],
        ["SMILES", "ie", "ea"],
        ["smi", "IE, eV", "EA_eV"],
    ):
        assert dict(lay_out("t", names, wanted).values) == {"IE": 1, "EA": 2}
    with pytest.raises(UsageError, match=r"no column 'EA'"):
        lay_out("t", ["smiles", "IE", "EA / kJ"], wanted)
    with pytest.raises(UsageError, match=r"several columns .*'IE \(eV\)', 'ie / eV'"):
        lay_out("t", ["smiles", "IE (eV)", "ie / eV", "EA"], wanted)


def test_a_stream_of_text_is_read_as_a_file_is(tmp_path, monkeypatch):
    for content in (b"\nCCO a\n\n\tb\n", "smiles;Name\nCCO;벤조\n".encode("cp949"), b"CC\xe4,x\n"):
        expected = read(written(tmp_path, "a.smi", content))
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(content)))
        spool = tmp_path / "spool"
        library = Library.find(["-"], Wanted(), spool)
        (chunk,) = library.pieces()
        assert [*zip(chunk.ids, chunk.smiles, strict=True)] == [row[:2] for row in expected]
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b" \n\n")))
    with pytest.raises(UsageError, match="nothing came through standard input"):
        Library.find(["-"], Wanted(), tmp_path / "spool")


def test_own_columns_never_take_each_other_s_names():
    assert own_names(["IE", "IE_given", "x"], ["IE"]) == ["IE_given_given", "IE_given", "x"]
