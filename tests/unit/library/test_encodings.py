"""Encodings are decided on a sample, the same for all lines, and said."""

import io

import pytest

from organode.library.columns import Wanted
from organode.library.formats import AS_FOUND, ReadOptions
from organode.library.stream import Library, open_table
from organode.library.text import Lines

FEW = [
    ("latin-1", "cp1252", ["¹³C labelled", "25 °C", "10 µm film"]),
    ("latin-1", "cp1252", ["¹³C labelled", "Grüße"]), ("latin-1", "cp1252", ["TPSA (Å²)", "für"]),
    ("latin-1", "cp1252", ["¹³C"]), ("latin-1", "cp1252", ["Grüße"]),
    ("latin-1", "cp1252", ["éthanol", "phénol", "à 25 °C"]),
    ("cp1252", "cp1252", ["“x” – y", "10 µm ± 2"]),
    ("cp949", "cp949", ["벤젠", "에탄올"]), ("cp949", "cp949", ["산"]),
    ("cp949", "cp949", ["벤조퀴논", "25 ℃", "페노티아진"]),
    ("cp949", "cp949", ["시료 이름", "합성"]),
    ("gbk", "gb18030", ["苯"]), ("gbk", "gb18030", ["乙醇", "丙酮"]),
    ("gbk", "gb18030", ["硫酸铁"]),
    ("gbk", "gb18030", ["化合物名称", "对苯醌"]),
    ("cp1251", "cp1251", ["бензол"]), ("cp1251", "cp1251", ["Бензохинон", "25 °C фенол"]),
    ("koi8-r", "koi8-r", ["бензол"]), ("koi8-r", "koi8-r", ["Толуол", "ацетон"]),
    ("shift_jis", "shift_jis", ["ベンゼン"]),
    ("shift_jis", "shift_jis", ["エタノール", "酢酸エチル"]),
]  # fmt: skip


@pytest.mark.parametrize(("encoding", "said", "names"), FEW)
def test_a_few_rows_tell_their_encoding_and_it_is_said(tmp_path, capsys, encoding, said, names):
    for name, head, mark in (("a.csv", "smiles,name\n", ","), ("a.smi", "", "\t")):
        path = tmp_path / name
        path.write_bytes((head + "".join(f"C{mark}{each}\n" for each in names)).encode(encoding))
        library = Library.find([str(path)], Wanted(), tmp_path)
        shown = " ".join(capsys.readouterr().err.split())
        assert f"text read as {said} (another by --encoding)" in shown
        (chunk,) = library.pieces()
        assert list(chunk.ids) == names
    stated = Library.find([str(path)], Wanted(), tmp_path, ReadOptions(encoding=encoding))
    assert next(stated.pieces()).ids == tuple(names)
    assert "text read" not in capsys.readouterr().err


def test_a_pipe_is_decoded_as_a_file_is(tmp_path, monkeypatch):
    for encoding, _, names in FEW:
        content = "".join(f"C\t{each}\n" for each in names).encode(encoding)
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(content)))
        library = Library.find(["-"], Wanted(), tmp_path)
        assert next(library.pieces()).ids == tuple(names)


@pytest.mark.parametrize(
    ("content", "text", "said"),
    [
        ("ä\nö\n한\n".encode() + b"\xe4\n", ["ä", "ö", "한", "ä"], "utf-8, and as cp1252"),
        ("ä\n안\n".encode() + "산화\n".encode("cp949"), ["ä", "안", "산화"], "utf-8, and as cp949"),
        ("벤젠\n톨루엔\n".encode("cp949") + "철\n".encode("cp949"),
         ["벤젠", "톨루엔", "철"], "cp949"),
        (b"Gr\xfc\xdfe\nf\xfcr\n" + "ä\n".encode(), ["Grüße", "für", "ä"], "cp1252"),
        (b"a\nb\n", ["a", "b"], ""), ("가\n".encode(), ["가"], ""),
        ("\ufeff한\n".encode("utf-16-le"), ["한"], "utf-16"),
    ],
)  # fmt: skip
def test_other_lines_are_read_as_what_they_are(content, text, said):
    lines = Lines(io.BytesIO(content))
    assert list(lines) == text
    assert lines.found.startswith(said)
    assert bool(lines.found) == bool(said)


def test_an_encoding_that_shows_late_holds_from_there_and_is_said(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("organode.library.text.BLOCK", 64)
    text = "smiles,id\n" + "CCO,a\n" * 40 + "C,벤젠\n" * 20 + "C,톨루엔\n"
    path = tmp_path / "late.csv"
    path.write_bytes(text.encode("cp949"))
    with open_table(path, Wanted(), AS_FOUND) as table:
        assert [row[0] for row in table.rows][40:] == ["벤젠"] * 20 + ["톨루엔"]
    assert "read as cp949" in " ".join(capsys.readouterr().err.split())


def test_an_sdf_says_its_encoding(tmp_path):
    path = tmp_path / "a.sdf"
    block = "벤젠\n\n\n  0  0  0  0  0  0  0  0  0  0999 V2000\nM  END\n"
    path.write_bytes(f"{block}> <이름>\n톨루엔\n\n$$$$\n".encode("cp949"))
    with open_table(path, Wanted(), AS_FOUND) as table:
        assert table.layout.header[1:] == ("이름",)
        assert table.said == ["text read as cp949 (another by --encoding)"]
