"""Libraries as people have them, the good rows and the bad."""

import gzip
import io
import random

import pandas as pd
import pytest
from rdkit import Chem

from organode.errors import UsageError
from organode.library.columns import Wanted
from organode.library.records import records
from organode.library.stream import CHUNK, Library
from organode.library.text import Lines

SMILES = ["CCO", "c1ccccc1", "junk", "", "O=C1C=CC(=O)C=C1"]


def rows(*names, column=None, spool=None):
    library = Library.find([str(name) for name in names], Wanted(column), spool)
    return [
        (one, smiles)
        for chunk in library.pieces()
        for one, smiles in zip(chunk.ids, chunk.smiles, strict=True)
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
    pd.DataFrame({"id": [f"name {one}" for one in SMILES], "smiles": SMILES}).to_parquet(stream)
    return stream.getvalue()


def as_xlsx() -> bytes:
    stream = io.BytesIO()
    pd.DataFrame({"id": [f"name {one}" for one in SMILES], "smiles": SMILES}).to_excel(
        stream, index=False
    )
    return stream.getvalue()


KINDS = {
    "a.csv": lambda: "".join(f"name {s},{s}\n" for s in ("smiles", *SMILES)).replace(
        "name smiles", "id").encode(),
    "a.tsv": lambda: b"smiles\tid\r\n" + "".join(f"{s}\tname {s}\r\n" for s in SMILES).encode(),
    "a.smi": lambda: "".join(f"{s}\tname {s}\n" for s in SMILES).encode(),
    "a.sdf": as_sdf,
    "a.parquet": as_parquet,
    "a.xlsx": as_xlsx,
}  # fmt: skip


@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gz"])
@pytest.mark.parametrize("name", KINDS)
def test_every_kind_keeps_every_row_in_place(tmp_path, name, packed):
    path = tmp_path / (f"{name}.gz" if packed else name)
    content = KINDS[name]()
    path.write_bytes(gzip.compress(content) if packed else content)
    expected = ["" if s == "junk" else s for s in SMILES] if ".sdf" in name else SMILES
    found = rows(path)
    assert [smiles for _, smiles in found] == expected
    assert [one for one, _ in found] == [f"name {s}".strip() for s in SMILES]
    library = Library.find([str(path)], Wanted(), tmp_path)
    assert abs(library.approximate_rows() - len(SMILES)) <= 1


def test_files_follow_one_another_in_chunks_and_rows_are_numbered_through(tmp_path):
    for number in range(2):
        text = "C\n" * (CHUNK + 1) if number == 0 else "CC\n"
        (tmp_path / f"{number}.smi").write_text(text)
    chunks = list(Library.find([f"{tmp_path}/*.smi"], Wanted(), tmp_path).pieces())
    assert [(one.number, one.rows[0], len(one.smiles)) for one in chunks] == [
        (0, 0, CHUNK), (1, CHUNK, 1), (2, CHUNK + 1, 1),
    ]  # fmt: skip
    assert chunks[2].ids == (str(CHUNK + 1),)


def test_a_change_of_any_byte_or_of_the_column_is_another_library(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("smiles,other\nC,CC\n")
    one = Library.find([str(path)], Wanted(), tmp_path).digest()
    assert one == Library.find([str(path)], Wanted(), tmp_path).digest()
    assert one != Library.find([str(path)], Wanted("other"), tmp_path).digest()
    path.write_text("smiles,other\nC,CCC\n")
    assert one != Library.find([str(path)], Wanted(), tmp_path).digest()


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("a.csv", b"id,mol\nx,C\n", "no column 'smiles'"),
        ("a.csv", b"\x7fELF\x00\x01", "not a text table"),
        ("a.csv.gz", b"smiles\nC\n", "not a whole gzip"),
        ("a.csv.gz", gzip.compress(b"smiles\n" + b"C\n" * 9999)[:-20], "not a whole gzip"),
        ("a.parquet", b"PAR1 no", "not a Parquet file"),
        ("a.doc", b"C\n", "unknown kind"),
    ],
)
def test_what_is_no_library_is_refused_with_a_reason(tmp_path, name, content, says):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(UsageError, match=says):
        rows(tmp_path / name)


def test_what_does_not_exist_is_said(tmp_path):
    for name, says in (("x.smi", "does not exist"), ("x-*.smi", "no file matches")):
        with pytest.raises(UsageError, match=says):
            rows(tmp_path / name)
    with pytest.raises(UsageError, match="is a folder"):
        rows(tmp_path)


QUOTED = 'smiles,id\n"C","a ""b"""\nCC,"two\nlines"\nCCC,"open\nCCCC,d\n"CCCCC",e\nO,5" disk\n'


def test_a_quote_that_is_not_closed_takes_no_other_row_with_it(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text(QUOTED)
    assert rows(path) == [
        ('a "b"', "C"), ("two\nlines", "CC"), ('"open', "CCC"), ("d", "CCCC"), ("e", "CCCCC"),
        ('5" disk', "O"),
    ]  # fmt: skip


def test_mixed_encodings_long_lines_and_nul_stay_in_their_rows(tmp_path):
    path = tmp_path / "a.csv"
    content = b"smiles,id\n" + "C,ä\n".encode() + b"CC,\xe4\nCCC,a\x00b\n" + b"C" * 5_000_000
    path.write_bytes(content + b"\nCCCC,end\r\n,\nO\n")
    found = rows(path)
    assert [one for one, _ in found] == ["ä", "ä", "a\x00b", "3", "end", "5", "6"]
    assert [smiles for _, smiles in found][4:] == ["CCCC", "", "O"]


def test_any_bytes_give_as_many_rows_as_lines():
    generator = random.Random(7)
    for _ in range(200):
        content = b"\n".join(
            bytes(generator.choices(b'C"c1,;\\=\x00\xff \t=+@<', k=generator.randrange(30)))
            for _ in range(generator.randrange(1, 40))
        )
        expected = content.count(b"\n") + (not content.endswith(b"\n") and bool(content))
        assert len(list(Lines(io.BytesIO(content)))) == expected
        found = list(records(iter(Lines(io.BytesIO(content))), ",", 2, lambda *_: False))
        assert sum(1 + sum(cell.count("\n") for cell in cells) for cells in found) == expected
