"""Failures of the store are reported with their cause, however deep it is in the chain."""

import errno
import os
import sqlite3
from contextlib import closing

import pytest

from organode.tracking.store import failure, reason_of


def wrapped(error):
    """Return an error as libraries pass it on: as cause and context of others."""
    try:
        try:
            raise error
        except type(error) as inner:
            raise ValueError(f"(wrapped) {inner}") from inner
    except ValueError as outer:
        try:
            raise RuntimeError("while handling that")
        except RuntimeError as last:
            last.__context__ = outer
            return last


def sqlite_error(folder, kind):
    path = folder / "store.db"
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("CREATE TABLE t (a)")
        address = path.as_uri()
        if kind == "locked":
            other.execute("BEGIN EXCLUSIVE")
        elif kind == "read-only":
            address += "?mode=ro"
        elif kind == "no database":
            path = folder / "text.db"
            path.write_text("not a database, but a text " * 50)
            address = path.as_uri()
        elif kind == "cannot be opened":
            address = (folder / "missing/store.db").as_uri()
        try:
            with closing(sqlite3.connect(address, uri=True, timeout=0)) as connection:
                connection.execute("INSERT INTO t VALUES (1)")
        except sqlite3.Error as error:
            return error
    raise AssertionError("there was no error")


@pytest.mark.parametrize("kind", ["locked", "read-only", "no database", "cannot be opened"])
def test_database_error_is_reported_by_its_cause(tmp_path, kind):
    error = wrapped(sqlite_error(tmp_path, kind))
    words = {"no database": "is damaged", "cannot be opened": "cannot open"}.get(kind, kind)
    assert words in reason_of(error)
    assert words in str(failure(error))


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (
            PermissionError(errno.EACCES, os.strerror(errno.EACCES), "/a/b"),
            "/a/b: permission denied",
        ),
        (OSError(errno.EROFS, "?", "/a/b"), "cannot write /a/b: its file system is read-only"),
        (OSError(errno.ENOSPC, "?"), "no space is left on the disk"),
        (OSError(errno.EDQUOT, "?"), "quota"),
        (OSError(errno.ENOMEM, "?"), "too little memory"),
        (MemoryError(), "too little memory"),
        (OSError(errno.EMFILE, "?"), "too many files"),
        (OSError(errno.EIO, "?"), "input/output error"),
    ],
)
def test_lack_of_resources_is_reported(error, words):
    assert words in reason_of(error)
    assert words in reason_of(wrapped(error))


@pytest.mark.parametrize("error", [ValueError("a\n b"), ConnectionRefusedError(111, "refused")])
def test_other_errors_are_reported_in_one_line(error):
    assert "\n" not in reason_of(error)
    assert reason_of(error)
