"""Libraries of files: all kinds, several files, and what is rejected."""

import gzip
import io
import random

import pandas as pd
import pytest
from rdkit import Chem

from library_files import read, write
from organode.errors import UsageError
from organode.library.columns import Wanted
from organode.library.stream import CHUNK, Library

SMILES = ["CCO", "c1ccccc1", "junk", "", "O=C1C=CC(=O)C=C1"]


def rows(*names, column=None, spool=None):
    library = Library.find([str(name) for name in names], Wanted(column), spool)
    return [
        (name, smiles)
        for chunk in library.chunks()
        for name, smiles in zip(chunk.ids, chunk.smiles, strict=True)
    ]


def as_sdf() -> bytes:
    records = []
    for text in SMILES:
        molecule = Chem.MolFromSmiles(text) if text not in ("", "junk") else None
        block = "\n\n\nbroken\nM  END\n" if molecule is None else Chem.MolToMolBlock(molecule)
        records.append(f"{block}>  <id>  (1)\nname {text}\n\n$$$$\n")
    return "".join(records).encode()


def as_parquet() -> bytes:
    stream = io.BytesIO()
    pd.DataFrame({"id": [f"name {smiles}" for smiles in SMILES], "smiles": SMILES}).to_parquet(
        stream
    )
    return stream.getvalue()


def as_xlsx() -> bytes:
    stream = io.BytesIO()
    pd.DataFrame({"id": [f"name {smiles}" for smiles in SMILES], "smiles": SMILES}).to_excel(
        stream, index=False
    )
    return stream.getvalue()


KINDS = {
    "a.csv": lambda: (
        "".join(f"name {s},{s}\n" for s in ("smiles", *SMILES))
        .replace("name smiles", "id")
        .encode()
    ),
    "a.tsv": lambda: b"smiles\tid\r\n" + "".join(f"{s}\tname {s}\r\n" for s in SMILES).encode(),
    "a.smi": lambda: "".join(f"{s}\tname {s}\n" for s in SMILES).encode(),
    "a.sdf": as_sdf,
    "a.parquet": as_parquet,
    "a.xlsx": as_xlsx,
}


@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gz"])
@pytest.mark.parametrize("name", KINDS)
def test_every_kind_of_file_keeps_every_row_in_place(tmp_path, name, packed):
    path = tmp_path / (f"{name}.gz" if packed else name)
    content = KINDS[name]()
    path.write_bytes(gzip.compress(content) if packed else content)
    expected = ["" if s == "junk" else s for s in SMILES] if ".sdf" in name else SMILES
    table = rows(path)
    assert [smiles for _, smiles in table] == expected
    assert [name for name, _ in table] == [f"name {s}".strip() for s in SMILES]
    library = Library.find([str(path)], Wanted(), tmp_path)
    assert abs(library.approximate_rows() - len(SMILES)) <= 1


def test_rows_of_several_files_are_numbered_consecutively(tmp_path):
    for number in range(2):
        text = "C\n" * (CHUNK + 1) if number == 0 else "CC\n"
        (tmp_path / f"{number}.smi").write_text(text)
    chunks = list(Library.find([f"{tmp_path}/*.smi"], Wanted(), tmp_path).chunks())
    assert [(chunk.number, chunk.rows[0], len(chunk.smiles)) for chunk in chunks] == [
        (0, 0, CHUNK),
        (1, CHUNK, 1),
        (2, CHUNK + 1, 1),
    ]
    assert chunks[2].ids == (str(CHUNK + 1),)


def test_digest_depends_on_content_and_column(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("smiles,other\nC,CC\n")
    digest = Library.find([str(path)], Wanted(), tmp_path).digest()
    assert digest == Library.find([str(path)], Wanted(), tmp_path).digest()
    assert digest != Library.find([str(path)], Wanted("other"), tmp_path).digest()
    path.write_text("smiles,other\nC,CCC\n")
    assert digest != Library.find([str(path)], Wanted(), tmp_path).digest()


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("a.csv", b"id,mol\nx,C\n", "no column 'smiles'"),
        ("a.csv", b"\x7fELF\x00\x01", "not a text table"),
        ("a.csv.gz", b"smiles\nC\n", "not a complete gzip"),
        ("a.csv.gz", gzip.compress(b"smiles\n" + b"C\n" * 9999)[:-20], "not a complete gzip"),
        ("a.parquet", b"PAR1 no", "not a Parquet file"),
        ("a.doc", b"C\n", "unknown kind"),
    ],
)
def test_unreadable_library_is_rejected_with_reason(tmp_path, name, content, says):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(UsageError, match=says):
        rows(tmp_path / name)


def test_missing_file_or_folder_is_rejected(tmp_path):
    for name, says in (("x.smi", "does not exist"), ("x-*.smi", "no file matches")):
        with pytest.raises(UsageError, match=says):
            rows(tmp_path / name)
    with pytest.raises(UsageError, match="is a folder"):
        rows(tmp_path)


QUOTED = 'smiles,id\n"C","a ""b"""\nCC,"two\nlines"\nCCC,"open\nCCCC,d\n"CCCCC",e\nO,5" disk\n'


def test_unclosed_quote_affects_no_other_row(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text(QUOTED)
    assert rows(path) == [
        ('a "b"', "C"),
        ("two\nlines", "CC"),
        ('"open', "CCC"),
        ("d", "CCCC"),
        ("e", "CCCCC"),
        ('5" disk', "O"),
    ]


def test_mixed_encodings_long_lines_and_nul_are_kept_in_their_rows(tmp_path):
    path = tmp_path / "a.csv"
    content = b"smiles,id\n" + "C,ä\n".encode() + b"CC,\xe4\nCCC,a\x00b\n" + b"C" * 5_000_000
    path.write_bytes(content + b"\nCCCC,end\r\n,\nO\n")
    table = rows(path)
    assert [name for name, _ in table] == ["ä", "ä", "a\x00b", "3", "end", "5", "6"]
    assert [smiles for _, smiles in table][4:] == ["CCCC", "", "O"]


def test_folders_that_link_to_each_other_give_each_file_once(tmp_path):
    (tmp_path / "x").mkdir()
    (tmp_path / "x" / "a.smi").write_text("C\n")
    for name in ("l1", "l2", "l3"):
        (tmp_path / "x" / name).symlink_to(tmp_path / "x")
    library = Library.find([f"{tmp_path}/**/*.smi"], Wanted(), tmp_path)
    assert len(library.files) == 1


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


def test_same_rows_are_equal_in_every_kind_of_file(tmp_path):
    generator = random.Random(5)

    def cell(most):
        return "".join(generator.choices(PARTS, k=generator.randrange(most))).strip(' \t"')

    table = pd.DataFrame(
        {
            "smiles": [cell(6) for _ in range(1_000)],
            "id": [cell(8) for _ in range(1_000)],
            "note": [cell(8) for _ in range(1_000)],
        }
    ).map(lambda text: " ".join(text.split()))
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


def test_standard_input_is_read_like_a_file(tmp_path, monkeypatch):
    for content in (b"\nCCO a\n\n\tb\n", "smiles;Name\nCCO;벤조\n".encode("cp949"), b"CC\xe4,x\n"):
        expected = read(write(tmp_path, "a.smi", content))
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(content)))
        spool = tmp_path / "spool"
        library = Library.find(["-"], Wanted(), spool)
        (chunk,) = library.chunks()
        assert [*zip(chunk.ids, chunk.smiles, strict=True)] == [row[:2] for row in expected]
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b" \n\n")))
    with pytest.raises(UsageError, match="standard input is empty"):
        Library.find(["-"], Wanted(), tmp_path / "spool")
