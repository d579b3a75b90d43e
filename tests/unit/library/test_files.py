"""Files, packed files, pipes and folders."""

import gzip
import os

import pytest

from library_files import read, write
from organode.errors import UsageError
from organode.library.columns import Wanted
from organode.library.stream import Library


def test_gzip_that_unpacks_to_too_much_is_rejected(tmp_path, monkeypatch):
    monkeypatch.setattr("organode.library.files.FREE", 1 << 20)
    path = write(tmp_path, "a.smi.gz", gzip.compress(b"C\n" * (1 << 22)))
    with pytest.raises(UsageError, match="unpacks to more than"):
        read(path)
    real = "".join(f"CCO{'C' * (row % 17)} molecule {row * 7919}\n" for row in range(60_000))
    assert len(read(write(tmp_path, "b.smi.gz", gzip.compress(real.encode())))) == 60_000


def test_pipes_devices_and_folders_are_rejected(tmp_path):
    os.mkfifo(tmp_path / "a.csv")
    (tmp_path / "b.csv").mkdir()
    (tmp_path / "c.csv").symlink_to("c.csv")
    for name, says in (
        ("a.csv", "a pipe or a device"),
        ("b.csv", "folder"),
        ("c.csv", "cannot read|too many levels|symbolic"),
    ):
        with pytest.raises(UsageError, match=says):
            read(tmp_path / name)
    with pytest.raises(UsageError, match="a pipe or a device"):
        Library.find(["/dev/zero"], Wanted(), tmp_path)
