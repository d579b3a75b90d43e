import csv
import io
import random

import numpy as np
import pandas as pd
import pytest

from organode.errors import OrganodeError
from organode.utils.tables import read_csv, read_table, write_csv, write_table

FORMULAS = [
    "=cmd|' /C calc'!A0", "=1+1", "+SUM(A1)", "-2+3+cmd|' /C calc'!A0", "@SUM(1,1)", "\t=1", "\r=1",
    "\n=1", "＝1+1", "'=1", "''=1", "+1 (555) 0100", "=",
]  # fmt: skip
HARMLESS = [
    "C",
    "-",
    "+",
    "-1,6",
    "[Na+].[Cl-]",
    "a=b",
    "",
    "-1.5",
    "+3",
    "-1e-5",
    ".5",
    "'quoted'",
    "1-2",
    "a,b\nc",
]


def cells(text: str) -> list[list[str]]:
    return [*csv.reader(io.StringIO(text, newline=""))]


@pytest.mark.parametrize("text", FORMULAS)
def test_formulas_in_cells_and_names_are_guarded(tmp_path, text):
    table = pd.DataFrame({"smiles": [text, "C"], text: [1.5, -2.5], "status": ["ok", text]})
    write_csv(table, tmp_path / "out.csv")
    written = cells((tmp_path / "out.csv").read_bytes().decode())
    assert written[0] == ["smiles", f"'{text}", "status"]
    assert written[1] == [f"'{text}", "1.5", "ok"]
    assert written[2] == ["C", "-2.5", f"'{text}"]
    pd.testing.assert_frame_equal(read_csv(tmp_path / "out.csv"), table)


@pytest.mark.parametrize("text", HARMLESS)
def test_harmless_text_is_unchanged(tmp_path, text):
    write_csv(pd.DataFrame({"id": [text], "n": [1]}), tmp_path / "out.csv")
    assert cells((tmp_path / "out.csv").read_bytes().decode())[1] == [text, "1"]


@pytest.mark.parametrize("dtype", ["str", "object", "category"])
def test_text_of_every_dtype_is_guarded(dtype):
    stream = io.StringIO(newline="")
    write_csv(pd.DataFrame({"id": pd.array(["=1", "b", "=1"], dtype)}), stream)
    assert cells(stream.getvalue()) == [["id"], ["'=1"], ["b"], ["'=1"]]


def test_numbers_stay_numbers():
    table = pd.DataFrame({
        "float": [-1.23456, np.nan], "int": [-1, 2], "flag": [True, False],
        "maybe": pd.array([True, None], "boolean"), "mixed": [-3.5, "=1"],
    })  # fmt: skip
    stream = io.StringIO(newline="")
    write_csv(table, stream, decimals=4)
    assert cells(stream.getvalue())[1:] == [
        ["-1.2346", "-1", "True", "True", "-3.5"],
        ["", "2", "False", "", "'=1"],
    ]


def test_carriage_return_does_not_end_a_row(tmp_path):
    table = pd.DataFrame({"id": ["a\rb", "c"], "name": ["x", "\r"], "n": [1, 2]})
    write_csv(table, tmp_path / "out.csv")
    pd.testing.assert_frame_equal(read_csv(tmp_path / "out.csv"), table)


def test_parts_of_a_table_have_one_header(tmp_path):
    table = pd.DataFrame({"id": ["=1", "b", "@c", "d"], "x": [1.0, -2.0, 3.0, -4.0]})
    write_csv(table, tmp_path / "whole.csv", decimals=4)
    with open(tmp_path / "parts.csv", "w", encoding="utf-8", newline="") as stream:
        for at in (0, 2):
            write_csv(table[at : at + 2], stream, header=not at, decimals=4)
    assert (tmp_path / "parts.csv").read_bytes() == (tmp_path / "whole.csv").read_bytes()


def test_columns_of_the_same_name_are_written():
    stream = io.StringIO(newline="")
    write_csv(pd.DataFrame([["=1", "=2"]], columns=["=id", "=id"]), stream)
    assert cells(stream.getvalue()) == [["'=id", "'=id"], ["'=1", "'=2"]]


@pytest.fixture
def stored(tmp_path):
    """A table between stages."""
    table = pd.DataFrame(
        {
            "row": range(300),
            "smiles": [f"C{'C' * (n % 9)}" for n in range(300)],
            "IE": np.random.default_rng(0).normal(9, 1, 300),
        }
    )
    path = tmp_path / "molecules.parquet"
    write_table(table, path)
    return table, path


def test_damaged_table_is_reported_and_never_read_wrongly(stored):
    table, path = stored
    whole = path.read_bytes()
    places = random.Random(1)
    noticed = 0
    for _ in range(150):
        content = bytearray(whole)
        content[places.randrange(len(whole))] ^= 1 << places.randrange(8)
        path.write_bytes(content if places.random() < 0.8 else content[: places.randrange(900)])
        try:
            again = read_table(path, ["row", "smiles", "IE"], "curate")
        except OrganodeError as error:
            assert "molecules.parquet" in str(error)
            assert "organode curate" in str(error)
            assert "\n" not in str(error)
            noticed += 1
        else:
            pd.testing.assert_frame_equal(again, table)
    assert noticed > 75


@pytest.mark.parametrize("content", [b"", b"PAR1", b"smiles\nC\n", b"PAR1" + bytes(90) + b"PAR1"])
def test_file_that_is_no_table_is_reported(stored, content):
    _, path = stored
    path.write_bytes(content)
    with pytest.raises(OrganodeError, match=r"molecules\.parquet is damaged.*organode curate"):
        read_table(path, ["row"], "curate")
