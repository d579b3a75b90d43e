"""Detection of encodings from a sample of the text."""

import io

import pytest

from library_files import read, write
from organode.errors import UsageError
from organode.library.columns import Wanted
from organode.library.formats import DEFAULT_OPTIONS, ReadOptions
from organode.library.formats.lines import Lines
from organode.library.stream import Library, open_table

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
def test_encoding_is_detected_from_few_rows_and_printed(tmp_path, capsys, encoding, said, names):
    for name, head, mark in (("a.csv", "smiles,name\n", ","), ("a.smi", "", "\t")):
        path = tmp_path / name
        path.write_bytes((head + "".join(f"C{mark}{each}\n" for each in names)).encode(encoding))
        library = Library.find([str(path)], Wanted(), tmp_path)
        shown = " ".join(capsys.readouterr().err.split())
        assert f"text read as {said} (another by --encoding)" in shown
        (chunk,) = library.chunks()
        assert list(chunk.ids) == names
    stated = Library.find([str(path)], Wanted(), tmp_path, ReadOptions(encoding=encoding))
    assert next(stated.chunks()).ids == tuple(names)
    assert "text read" not in capsys.readouterr().err


def test_pipe_is_decoded_like_a_file(tmp_path, monkeypatch):
    for encoding, _, names in FEW:
        content = "".join(f"C\t{each}\n" for each in names).encode(encoding)
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(content)))
        library = Library.find(["-"], Wanted(), tmp_path)
        assert next(library.chunks()).ids == tuple(names)


@pytest.mark.parametrize(
    ("content", "text", "said"),
    [
        ("ä\nö\n한\n".encode() + b"\xe4\n", ["ä", "ö", "한", "ä"], "utf-8, and as cp1252"),
        ("ä\n안\n".encode() + "산화\n".encode("cp949"), ["ä", "안", "산화"], "utf-8, and as cp949"),
        (
            "벤젠\n톨루엔\n".encode("cp949") + "철\n".encode("cp949"),
            ["벤젠", "톨루엔", "철"],
            "cp949",
        ),
        (b"Gr\xfc\xdfe\nf\xfcr\n" + "ä\n".encode(), ["Grüße", "für", "ä"], "cp1252"),
        (b"a\nb\n", ["a", "b"], ""),
        ("가\n".encode(), ["가"], ""),
        ("\ufeff한\n".encode("utf-16-le"), ["한"], "utf-16"),
    ],
)
def test_lines_in_other_encodings_are_decoded(content, text, said):
    lines = Lines(io.BytesIO(content))
    assert list(lines) == text
    assert lines.detected.startswith(said)
    assert bool(lines.detected) == bool(said)


def test_encoding_detected_late_is_used_and_printed(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("organode.library.formats.lines.BLOCK", 64)
    text = "smiles,id\n" + "CCO,a\n" * 40 + "C,벤젠\n" * 20 + "C,톨루엔\n"
    path = tmp_path / "late.csv"
    path.write_bytes(text.encode("cp949"))
    with open_table(path, Wanted(), DEFAULT_OPTIONS) as table:
        assert [row[0] for row in table.rows][40:] == ["벤젠"] * 20 + ["톨루엔"]
    assert "read as cp949" in " ".join(capsys.readouterr().err.split())


def test_encoding_of_an_sdf_is_noted(tmp_path):
    path = tmp_path / "a.sdf"
    block = "벤젠\n\n\n  0  0  0  0  0  0  0  0  0  0999 V2000\nM  END\n"
    path.write_bytes(f"{block}> <이름>\n톨루엔\n\n$$$$\n".encode("cp949"))
    with open_table(path, Wanted(), DEFAULT_OPTIONS) as table:
        assert table.layout.header[1:] == ("이름",)
        assert table.notes == ["text read as cp949 (another by --encoding)"]


@pytest.mark.parametrize(
    ("encoding", "names"),
    [
        ("utf-8", ["Größe", "벤조퀴논", "苯醌"]),
        ("utf-8-sig", ["é", "Ω"]),
        ("utf-16", ["Größe", "벤조퀴논"]),
        ("latin-1", ["Größe", "naïve", "é"]),
        ("cp1252", ["“x” – y", "10 µm"]),
        ("cp949", ["벤조퀴논", "안트라퀴논 유도체"]),
        ("shift_jis", ["ベンゾキノン", "アントラキノン"]),
        ("gb18030", ["苯醌", "蒽醌衍生物"]),
    ],
)
def test_names_in_common_encodings_are_read(tmp_path, encoding, names):
    text = "smiles,id\n" + "".join(f"CCO,{name}\n" for name in names)
    path = write(tmp_path, "a.csv", text.encode(encoding))
    assert [row[0] for row in read(path)] == names
    stated = encoding.removesuffix("-sig")
    if not encoding.endswith("-sig"):
        assert [row[0] for row in read(path, options=ReadOptions(encoding=stated))] == names


def test_byte_order_mark_is_removed_from_structures(tmp_path):
    for mark in (b"\xef\xbb\xbf", "\u200b".encode()):
        for name, text in (("a.smi", b"CCO a\n"), ("a.csv", b"smiles,id\nCCO,a\n")):
            joined = mark + text + (mark + b"CCN b\n" if name == "a.smi" else mark + b"CCN,b\n")
            path = write(tmp_path, name, joined if mark[0] == 0xEF else joined[len(mark) :])
            assert [row[1] for row in read(path)] == ["CCO", "CCN"]


def test_unknown_encoding_is_rejected(tmp_path):
    for name in ("utf-9", "base64", "hex", "rot13", "undefined"):
        with pytest.raises(UsageError, match=f"no encoding '{name}'"):
            read(write(tmp_path, "a.smi", "CCO"), options=ReadOptions(encoding=name))
    for name in ("utf-16", "utf-32"):  # no mark in front
        path = write(tmp_path, "a.smi", "CCO a\n".encode(f"{name}-le"))
        assert read(path, options=ReadOptions(encoding=name)) == [("a", "CCO", True)]
