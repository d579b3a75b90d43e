"""Parquet tables: types of columns, and limits of size."""

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from library_files import read, read_cells
from organode.errors import UsageError
from organode.fetch.numbers import read_numbers
from organode.library.columns import Wanted
from organode.library.formats import DEFAULT_OPTIONS
from organode.library.stream import Library, open_table


def test_columns_of_unusual_types_are_read_or_rejected(tmp_path):
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
    (chunk,) = Library.find([str(path)], Wanted(), tmp_path).chunks(columns=True)
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


def test_label_in_bytes_is_read(tmp_path):
    labels = pa.array([b"8.9", b"8,9 eV", None, b"x\xff"], pa.binary())
    pq.write_table(pa.table({"smiles": ["C"] * 4, "IE": labels}), tmp_path / "a.parquet")
    with open_table(tmp_path / "a.parquet", Wanted(values={"IE": "IE"}), DEFAULT_OPTIONS) as table:
        numbers = read_numbers(row[3][1] for row in table.rows)
    assert numbers.values[:2].tolist() == [8.9, 8.9]
    assert list(numbers.unread) == [3]


@pytest.fixture(autouse=True)
def _memory_is_released():
    """Release memory for later tests in this process."""
    yield
    pa.default_memory_pool().release_unused()


def rejected(path, says):
    with pytest.raises(UsageError, match=says) as caught:
        read_cells(path)
    assert "\n" not in str(caught.value)


TEXT = "C" * 1_000_000


# Made when they are asked for: together they take 2 GB.
COLUMNS = {
    "dictionary": lambda: pa.DictionaryArray.from_arrays(pa.array([0] * 2_000, pa.int32()), [TEXT]),
    "text": lambda: pa.array([TEXT] * 500),
    "bytes": lambda: pa.array([TEXT.encode()] * 500),
    "list": lambda: pa.array([[TEXT]] * 500),
    "struct": lambda: pa.array([{"a": TEXT}] * 500),
    "numbers": lambda: pa.array([[0] * 100_000] * 400, pa.list_(pa.int8())),
}


@pytest.mark.parametrize("kind", COLUMNS)
def test_small_file_of_repeated_values_is_rejected(tmp_path, kind):
    column = COLUMNS[kind]()
    path = tmp_path / "a.parquet"
    table = pa.table({"smiles": ["CCO"] * len(column), "x": column})
    pq.write_table(table, path, compression="zstd")
    rejected(path, "more than 256 MiB in 2,000 of its rows")
    if kind == "text":
        encoding = {"smiles": "PLAIN", "x": "DELTA_BYTE_ARRAY"}
        pq.write_table(
            table, path, compression="zstd", use_dictionary=False, column_encoding=encoding
        )
        rejected(path, "more than 256 MiB in 2,000 of its rows")


def test_file_that_unpacks_to_too_much_is_rejected(tmp_path, monkeypatch):
    monkeypatch.setattr("organode.library.formats.parquet.FREE", 1 << 20)
    table = pa.table({"smiles": ["C"] * 500_000, "x": [0.0] * 500_000})
    pq.write_table(table, tmp_path / "a.parquet", compression="zstd", use_dictionary=False)
    rejected(tmp_path / "a.parquet", "unpacks to more than 200 times its size")


def test_large_columns_within_limits_are_read(tmp_path):
    n = 5_000
    columns = {
        "smiles": ["C" * (1 + at % 60) for at in range(n)],
        "k": ["abc"] * n,
        "bits": [[at % 2] * 2_048 for at in range(n)],
        "names": [["a", "b"]] * n,
        "kind": pa.array(["a", None] * (n // 2)).dictionary_encode(),
        "view": pa.array(["a"] * n).cast(pa.string_view()),
        "block": ["x" * 20_000] * n,
    }
    pq.write_table(pa.table(columns), tmp_path / "a.parquet")
    table = read_cells(tmp_path / "a.parquet")
    assert len(table) == n
    assert table[n - 1][1:2] + table[n - 1][3:6] == ["abc", ["a", "b"], None, "a"]
