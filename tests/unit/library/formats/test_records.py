"""Records of delimited text: quotes, and cells that span lines."""

import random

import pandas as pd
import pytest
from rdkit import Chem

from library_files import read, read_cells, write
from organode.library.columns import Wanted
from organode.library.formats import DEFAULT_OPTIONS
from organode.library.formats.records import parsed
from organode.library.stream import open_table


@pytest.mark.parametrize(
    "cell",
    ['"2 inch', '"2 inch tube, wide', 'tube 2"', '2" tube', "5'-O", "5′ 3″", '"', '""', 'a "b" c'],
)
def test_unclosed_quote_swallows_no_row(tmp_path, cell):
    for head, line in (("smiles,id", f"CCO,{cell}"), ("id,smiles", f"{cell},CCO")):
        rows = "".join(
            f'{line}\n{"CCN,tube 2" if head[0] == "s" else "tube 2,CCN"}"\n' for _ in range(3)
        )
        table = read(write(tmp_path, "a.csv", f"{head}\n{rows}"))
        assert len(table) == 6, cell
        assert [row[1] for row in table[1::2]] == ["CCN"] * 3


def test_quoted_cell_may_span_lines(tmp_path):
    text = 'smiles,note\nCCO,"first line\nsecond, line\nand ""third"""\nCCN,x\n'
    path = write(tmp_path, "a.csv", text)
    assert [(row[1], row[2]) for row in read(path)] == [("CCO", True), ("CCN", True)]
    with open_table(path, Wanted(), DEFAULT_OPTIONS) as table:
        cells = [row[3] for row in table.rows]
    assert cells[0][1] == 'first line\nsecond, line\nand "third"'


def test_mol_block_is_a_single_cell(tmp_path):
    blocks = [Chem.MolToMolBlock(Chem.MolFromSmiles(smiles)) for smiles in ("C" * 30, "CCN")]
    table = pd.DataFrame({"id": ["a", "b"], "molfile": blocks, "smiles": ["C" * 30, "CCN"]})
    table.to_csv(tmp_path / "a.csv", index=False)
    assert read(tmp_path / "a.csv") == [("a", "C" * 30, True), ("b", "CCN", True)]


def test_many_open_quotes_are_read_in_linear_time(tmp_path):
    text = "smiles,id\n" + 'xx,"a\n' * 20_000 + "CCO,last\n"
    table = read(write(tmp_path, "a.csv", text))
    assert (len(table), table[-1]) == (20_001, ("last", "CCO", True))


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
def test_quoted_cell_is_kept_in_row_of_other_width(tmp_path, head, line, row):
    table = read_cells(write(tmp_path, "a.csv", f"{head}\n{line}\n{line}\n"))
    assert [each[: len(row)] for each in table] == [row, row]


@pytest.mark.parametrize("line", ['a,"b" c', '"a', 'a,"b', 'a,"b"""', "a\nb,c"])
def test_unpaired_quotes_are_not_parsed(line):
    assert parsed(line, ",") is None or line.endswith('"""')


@pytest.mark.parametrize(
    "cell", ["x" * 140_000, "x y\n" * 9_000 + "x" * 140_000, 'a ""b"" c\n' * 5_000 + "end"]
)
def test_quoted_cell_may_have_any_length(tmp_path, cell):
    rows = read_cells(write(tmp_path, "a.csv", f'smiles,note\nCCO,"{cell}"\nCCN,b\n'))
    assert rows == [["CCO", cell.replace('""', '"')], ["CCN", "b"]]


def test_mol_block_of_thousands_of_lines_is_a_single_cell(tmp_path):
    block = Chem.MolToMolBlock(Chem.MolFromSmiles("C" * 900))
    block += "> <x>\n" * 2_500
    for names in (["block", "smiles"], ["smiles", "block"], ["id", "block", "smiles"]):
        table = pd.DataFrame({"block": [block] * 2, "smiles": ["CCO"] * 2, "id": ["a", "b"]})[names]
        table.to_csv(tmp_path / "b.csv", index=False)
        with open_table(tmp_path / "b.csv", Wanted(), DEFAULT_OPTIONS) as table:
            assert [row[3][names.index("block")] for row in table.rows] == [block] * 2


def test_row_without_structure_behind_open_quote_is_kept(tmp_path):
    text = 'id,smiles\n"2 inch\nb,CCN\nc",CCO\nd,C\n'
    rows = read_cells(write(tmp_path, "a.csv", text))
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
def test_open_quote_swallows_no_row_of_names_or_invalid_smiles(tmp_path, column, opening, others):
    text = "\n".join([f"{column},note", f'{opening},"2 tube', *others])
    rows = read_cells(write(tmp_path, "a.csv", text), Wanted(column))
    assert [row[0] for row in rows] == [opening, *(each.split(",")[0] for each in others)]


@pytest.mark.parametrize("note", ["first\nsecond, third", "mix\nwater, then dry", "see\nfig. 2, 3"])
def test_note_of_several_lines_is_a_single_cell(tmp_path, note):
    path = write(tmp_path, "a.csv", f'smiles,note\nCCO,"{note}"\nC,x\n')
    assert read_cells(path) == [["CCO", note], ["C", "x"]]


def test_random_lines_all_become_rows(tmp_path):
    generator = random.Random(11)
    alphabet = b"C\"c1,;\\=\x00\xff\t +@<|'\x85\x0c"
    lines = [bytes(generator.choices(alphabet, k=generator.randrange(24))) for _ in range(10_000)]
    for row in range(0, 10_000, 10):
        lines[row] = b"CCO,good"
    path = write(tmp_path, "a.csv", b"smiles,id\n" + b"\n".join(lines) + b"\n")
    table = read(path)
    with open_table(path, Wanted(), DEFAULT_OPTIONS) as opened:
        # A quoted cell may really go over lines that are no rows by themselves.
        cells = (cell for row in opened.rows for cell in row[3] or [row[1]])
        joined = sum(str(cell).count("\n") for cell in cells)
    assert len(table) + joined == 10_000
    assert sum(row == ("good", "CCO", True) for row in table) == 1_000
