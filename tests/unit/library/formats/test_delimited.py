"""Delimited tables and SMILES lists."""

import pytest

from library_files import read, read_cells, write
from organode.errors import UsageError
from organode.library.columns import Wanted
from organode.library.formats import ReadOptions
from organode.library.stream import Library


@pytest.mark.parametrize(("mark", "name"), [(",", "comma"), (";", "semicolon"), ("\t", "tab")])
def test_row_with_too_many_cells_is_rejected_and_shifts_nothing(tmp_path, mark, name):
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
    path = write(tmp_path, "a.csv", text)
    library = Library.find([str(path)], Wanted(), tmp_path)
    (chunk,) = library.chunks(columns=True)
    assert [bool(problem) for problem in chunk.problems] == [True, False, False, False, False, True]
    assert "4 cells, and the header has 3" in chunk.problems[0]
    assert name in chunk.problems[0]
    assert chunk.smiles[1:5] == ("CC", "CCC", "CCCC", "")
    assert chunk.columns["note"].to_pylist() == [None, "y", "z", "", "", None]


def test_unnamed_columns_at_the_end_do_not_hide_an_extra_comma(tmp_path):
    text = "smiles,id,,\nCCO,2,4-xylenol,\nCCN,b,,\n"
    assert [row[2] for row in read(write(tmp_path, "a.csv", text))] == [False, True]


@pytest.mark.parametrize(
    ("line", "row"),
    [
        ("", ("0", "")), ("   ", ("0", "")), ("\tbenzene", ("benzene", "")),
        (" benzene", ("benzene", "")), ("  sodium chloride", ("sodium chloride", "")),
        (" CCO ethanol", ("ethanol", "CCO")), ("CCO\t ethyl  alcohol ", ("ethyl alcohol", "CCO")),
        ("CCO", ("0", "CCO")), ("\t", ("0", "")),
    ],
)  # fmt: skip
def test_list_line_without_structure_is_kept_as_empty_row(tmp_path, line, row):
    text = f"{line}\nCCN last\n"
    assert [row[:2] for row in read(write(tmp_path, "a.smi", text))] == [row, ("last", "CCN")]


@pytest.mark.parametrize(
    ("line", "row"),
    [
        ("phenol red", ("0", "phenol red")),
        ("CC |Z:0| odd", ("odd", "CC |Z:0|")),
        ("[CH3] |^1:0|", ("0", "[CH3] |^1:0|")),
        ("c1cc[nH]c1 a b", ("a b", "c1cc[nH]c1")),
    ],
)
def test_names_of_several_words_and_cxsmiles_are_kept_together(tmp_path, line, row):
    assert read(write(tmp_path, "a.smi", line + "\n"))[0][:2] == row


def test_list_with_columns_in_another_order_is_rejected(tmp_path):
    with pytest.raises(UsageError, match="first line names columns"):
        read(write(tmp_path, "a.smi", "name smiles\nCO CCO\nCN c1ccccc1\n"))


def test_separator_is_a_single_character(tmp_path):
    assert ReadOptions("tab") == ReadOptions("\t")
    for separator in (";;", '"', "\n"):
        with pytest.raises(UsageError, match="one character"):
            ReadOptions(separator)


@pytest.mark.parametrize(
    "text",
    [
        "sep=;\nsmiles;id\nCCO;a\n", '"sep=;"\nsmiles;id\nCCO;a\n', "smiles;id\nCCO;a\n",
        "smiles;IE, eV;EA, eV;id\nCCO;8,9;-1,2;a\n", '"smiles";"x, y, z";"id"\nCCO;x;a\n',
        "smiles|id\nCCO|a\n", "smiles\tid\tx,y,z\nCCO\ta\t1\n", 'id,"IE\n(eV)",smiles\na,1,CCO\n',
        "smiles,id,\nCCO,a,\n", "SMILES ; Id \nCCO;a\n",
    ],
)  # fmt: skip
def test_separator_is_detected(tmp_path, text):
    assert read(write(tmp_path, "a.csv", text)) == [("a", "CCO", True)]


def test_stated_separator_is_used(tmp_path):
    path = write(tmp_path, "a.csv", "smiles,id;other\nCCO,a;b\n")
    assert read(path, options=ReadOptions(separator=","))[0][:2] == ("0", "CCO")
    with pytest.raises(UsageError, match="no column 'smiles'"):
        read(path, Wanted("smiles"), ReadOptions(separator=";"))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("CCO,ethanol\nCCN,x\n", r"no header.*'CCO'"),
        ("Table 1\nsmiles,id\nC,a\n", "line 2 looks like"),
        ("\n\nsmiles,id\nC,a\n", "line 3 looks like"),
        ("Name,price\nbenzene,1\n", "--column 'Name'"),
    ],
)
def test_missing_header_is_rejected_with_remedy(tmp_path, text, says):
    with pytest.raises(UsageError, match=says) as caught:
        read(write(tmp_path, "a.csv", text))
    assert "\n" not in str(caught.value)


def test_list_may_have_a_header_or_be_a_table(tmp_path):
    for name in ("a.smi", "a.txt"):
        for text in ("smiles id\nCCO a\n", "SMILES,ID\nCCO,a\n", "CCO a\n", "id\tsmiles\na\tCCO\n"):
            assert read(write(tmp_path, name, text)) == [("a", "CCO", True)], text
    assert read(write(tmp_path, "a.smi", "CCO\tsmiles\nCCN\tb\n"))[0][:2] == ("smiles", "CCO")


@pytest.mark.parametrize(
    ("text", "wanted", "says"),
    [
        ("mol,name\nO=C1C=CC(=O)C=C1,BQ\n", Wanted("molecule"), "no column 'molecule'"),
        ("x y\nCCO\n", Wanted("molecule"), "no column 'molecule'"),
        ("Table 1\nsmiles,id\nC,a\n", Wanted(), "line 2 looks like"),
        ("\nsmiles,id\nC,a\n", Wanted(), "line 2 looks like"),
        ("name,IE\nbenzene,9\n", Wanted(), "--column 'name'"),
        ("Compound,Structure\na,CCO\n", Wanted(), "has: Compound, Structure"),
        ("CCO,ethanol\nCCN,x\n", Wanted(), "no header"),
        ("CCO;ethanol\nCCN;x\n", Wanted(), "no header"),
    ],
)
def test_table_with_wrong_header_is_not_read_as_a_list(tmp_path, text, wanted, says):
    for name in ("a.smi", "a.txt", "a.csv"):
        with pytest.raises(UsageError, match=says):
            read_cells(write(tmp_path, name, text), wanted)
    with pytest.raises(UsageError):
        read_cells(write(tmp_path, "a.smi", text), Wanted(), ReadOptions(separator=","))


@pytest.mark.parametrize(
    "text", ["CCO,x\nCCN b\nC\n", "\nCCO a\n", "benzene\n2,4-xylenol\n", "junk\nCCO smiles\n"]
)
def test_list_with_a_bad_line_is_read_as_a_list(tmp_path, text):
    assert len(read_cells(write(tmp_path, "a.smi", text))) == text.count("\n")
