"""Lines of text: what ends them, long lines, any bytes."""

import io
import random

import pytest

from library_files import read, write
from organode.library.columns import Wanted
from organode.library.formats.lines import Lines
from organode.library.formats.records import records
from organode.library.stream import Library


@pytest.mark.parametrize(
    "inside", ["\u2028", "\u2029", "\x85", "\x0b", "\x0c", "\x1c", "\x1d", "\x1e"]
)
@pytest.mark.parametrize("kind", ["smi", "csv"])
def test_unicode_separators_do_not_end_a_line(tmp_path, inside, kind):
    names = [f"a{inside}b", "c", f"d{inside}"]
    text = "".join(f"CCO\t{name}\n" for name in names)
    if kind == "csv":
        text = "smiles\tid\n" + text
    assert [row[1] for row in read(write(tmp_path, f"a.{kind}", text))] == ["CCO"] * 3


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_line_ends_of_all_systems_are_read(tmp_path, end):
    text = end.join(["smiles,id", "CCO,a", "", "CCN,b", "C,c"])
    assert read(write(tmp_path, "a.csv", text + end)) == read(write(tmp_path, "b.csv", text))
    assert [row[:2] for row in read(tmp_path / "a.csv")] == [
        ("a", "CCO"),
        ("1", ""),
        ("b", "CCN"),
        ("c", "C"),
    ]


def test_line_end_may_be_split_between_blocks(tmp_path, monkeypatch):
    for size in (1, 2, 3, 7):
        monkeypatch.setattr("organode.library.formats.lines.BLOCK", size)
        text = "smiles,id\r\nCCO,a\r\n\r\nCC\xe4N,b\rC,c\r\n\nO,d\n".encode("latin-1")
        assert len(read(write(tmp_path, "a.csv", text))) == 6


def test_too_long_line_is_cut_and_marked(tmp_path, monkeypatch):
    monkeypatch.setattr("organode.library.formats.lines.LONGEST", 100)
    monkeypatch.setattr("organode.library.formats.lines.BLOCK", 16)
    text = "smiles,id,note\nCCO,a," + "x" * 200 + "\nCCN,b,y\n"
    (chunk,) = Library.find([str(write(tmp_path, "a.csv", text))], Wanted(), tmp_path).chunks(
        columns=True
    )
    assert chunk.smiles == ("CCO", "CCN")
    assert chunk.columns["note"].to_pylist()[0].endswith("[cut: the line is longer than 4 MiB]")
    assert chunk.columns["note"].to_pylist()[1] == "y"


def test_random_bytes_give_as_many_rows_as_lines():
    generator = random.Random(7)
    for _ in range(200):
        content = b"\n".join(
            bytes(generator.choices(b'C"c1,;\\=\x00\xff \t=+@<', k=generator.randrange(30)))
            for _ in range(generator.randrange(1, 40))
        )
        expected = content.count(b"\n") + (not content.endswith(b"\n") and bool(content))
        assert len(list(Lines(io.BytesIO(content)))) == expected
        rows = list(records(iter(Lines(io.BytesIO(content))), ",", 2, lambda *_: False))
        assert sum(1 + sum(cell.count("\n") for cell in cells) for cells in rows) == expected
