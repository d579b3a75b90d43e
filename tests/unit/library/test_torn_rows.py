"""Rows that nearly are what they should be: none is torn, swallowed or read as a list's line."""

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from rdkit import Chem

from organode.errors import UsageError
from organode.fetch.numbers import read_numbers
from organode.library.columns import Wanted
from organode.library.formats import AS_FOUND, ReadOptions
from organode.library.records import parsed
from organode.library.stream import open_table


def cells(tmp_path, name, content, wanted=None, options=AS_FOUND):
    path = tmp_path / name
    path.write_text(content, encoding="utf-8")
    with open_table(path, wanted or Wanted(), options) as table:
        return [list(row[3]) or row[2] for row in table.rows]


@pytest.mark.parametrize(
    ("head", "line", "row"),
    [
        ("smiles,IE,EA", 'CCO,"8,9"', ["CCO", "8,9", ""]),
        ("smiles,IE,EA", 'CCO, "8,9"', ["CCO", "8,9", ""]),
        ("smiles,IE,EA", 'CCO,"8,9" ,"1,2"', ["CCO", "8,9", "1,2"]),
        ("smiles;IE;EA", 'CCO;"8;9"', ["CCO", "8;9", ""]),
        ("smiles|IE|EA", 'CCO|"8|9"', ["CCO", "8|9", ""]),
        ("smiles\tIE\tEA", 'CCO\t"8\t9"', ["CCO", "8\t9", ""]),
        ("smiles,name,x", 'CCO,"1,2-diol"', ["CCO", "1,2-diol", ""]),
        ("name,smiles,x", '"2,2\'-bipyridine",c1ccncc1', ["2,2'-bipyridine", "c1ccncc1", ""]),
        ("smiles,name,x", 'CCO,"line 1\nline 2"', ["CCO", "line 1\nline 2", ""]),
        ("smiles,note,,", 'CCO,"line1\nline2",,', ["CCO", "line1\nline2", "", ""]),
        ("smiles,note", 'CCO,"says ""a, b"""', ["CCO", 'says "a, b"']),
    ],
)
def test_a_quoted_cell_stays_whole_in_a_row_of_another_width(tmp_path, head, line, row):
    table = cells(tmp_path, "a.csv", f"{head}\n{line}\n{line}\n")
    assert [each[: len(row)] for each in table] == [row, row]


@pytest.mark.parametrize("line", ['a,"b" c', '"a', 'a,"b', 'a,"b"""', "a\nb,c"])
def test_what_is_not_soundly_quoted_is_not_parsed(line):
    assert parsed(line, ",") is None or line.endswith('"""')


@pytest.mark.parametrize(
    "cell", ["x" * 140_000, "x y\n" * 9_000 + "x" * 140_000, 'a ""b"" c\n' * 5_000 + "end"]
)
def test_a_quoted_cell_of_any_length_is_one_cell(tmp_path, cell):
    rows = cells(tmp_path, "a.csv", f'smiles,note\nCCO,"{cell}"\nCCN,b\n')
    assert rows == [["CCO", cell.replace('""', '"')], ["CCN", "b"]]


def test_a_mol_block_of_thousands_of_lines_is_one_cell(tmp_path):
    block = Chem.MolToMolBlock(Chem.MolFromSmiles("C" * 900))
    block += "> <x>\n" * 2_500
    for names in (["block", "smiles"], ["smiles", "block"], ["id", "block", "smiles"]):
        table = pd.DataFrame({"block": [block] * 2, "smiles": ["CCO"] * 2, "id": ["a", "b"]})[names]
        table.to_csv(tmp_path / "b.csv", index=False)
        with open_table(tmp_path / "b.csv", Wanted(), AS_FOUND) as table:
            assert [row[3][names.index("block")] for row in table.rows] == [block] * 2


def test_a_row_behind_an_open_quote_that_lacks_its_structure_is_kept(tmp_path):
    text = 'id,smiles\n"2 inch\nb,CCN\nc",CCO\nd,C\n'
    rows = cells(tmp_path, "a.csv", text)
    assert [row[1] for row in rows] == ["", "CCN", "CCO", "C"]


@pytest.mark.parametrize(
    ("column", "opening", "others"),
    [
        ("name", "benzene", ["toluene,ok", 'phenol,5"', "anisole,x"]),
        ("name", "benzene", ["71-43-2,ok", 'CCO,5"', "anisole,x"]),
        ("cas", "71-43-2", ["108-88-3,ok", '108-95-2,5"', "100-66-3,x"]),
        ("smiles", "CCO", ['C1CC(,5"', "C,x"]),
        ("smiles", "CCO", ['CC(C[O,5"', "C,x"]),
        ("smiles", "CCO", ['64-17-5,5"', "C,x"]),
    ],
)
def test_an_open_quote_swallows_no_row_whatever_its_structures_are(
    tmp_path, column, opening, others
):
    text = "\n".join([f"{column},note", f'{opening},"2 tube', *others])
    rows = cells(tmp_path, "a.csv", text, Wanted(column))
    assert [row[0] for row in rows] == [opening, *(each.split(",")[0] for each in others)]


@pytest.mark.parametrize("note", ["first\nsecond, third", "mix\nwater, then dry", "see\nfig. 2, 3"])
def test_a_note_over_several_lines_stays_one_cell_beside_a_smiles(tmp_path, note):
    assert cells(tmp_path, "a.csv", f'smiles,note\nCCO,"{note}"\nC,x\n') == [
        ["CCO", note], ["C", "x"],
    ]  # fmt: skip


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
def test_a_table_is_refused_as_a_list_too(tmp_path, text, wanted, says):
    for name in ("a.smi", "a.txt", "a.csv"):
        with pytest.raises(UsageError, match=says):
            cells(tmp_path, name, text, wanted)
    with pytest.raises(UsageError):
        cells(tmp_path, "a.smi", text, Wanted(), ReadOptions(separator=","))


@pytest.mark.parametrize(
    "text", ["CCO,x\nCCN b\nC\n", "\nCCO a\n", "benzene\n2,4-xylenol\n", "junk\nCCO smiles\n"]
)
def test_a_list_with_a_bad_line_stays_a_list(tmp_path, text):
    assert len(cells(tmp_path, "a.smi", text)) == text.count("\n")


@pytest.mark.parametrize("line", [">\t<IE>", "> <IE>", "><IE>", ">  7\t<IE> (1)", ">\u00a0<IE>"])
def test_a_data_item_is_found_however_its_line_is_spaced(tmp_path, line):
    block = Chem.MolToMolBlock(Chem.MolFromSmiles("C"))
    (row,) = cells(tmp_path, "a.sdf", f"{block}{line}\n8.1\n\n$$$$\n")
    assert row[1:] == ["8.1"]


def test_a_label_in_bytes_is_read(tmp_path):
    labels = pa.array([b"8.9", b"8,9 eV", None, b"x\xff"], pa.binary())
    pq.write_table(pa.table({"smiles": ["C"] * 4, "IE": labels}), tmp_path / "a.parquet")
    with open_table(tmp_path / "a.parquet", Wanted(values={"IE": "IE"}), AS_FOUND) as table:
        numbers = read_numbers(row[3][1] for row in table.rows)
    assert numbers.values[:2].tolist() == [8.9, 8.9]
    assert list(numbers.unread) == [3]
