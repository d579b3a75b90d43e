import concurrent.futures.process
import errno
import os
import sqlite3

import numpy as np
import pyarrow as pa
import pytest

from organode.errors import OrganodeError
from organode.utils.resources import explained


def system(number: int, name: str | None = "/data/out.csv") -> OSError:
    return OSError(number, os.strerror(number), name) if name else OSError(number, "said")


def huge() -> MemoryError:
    try:
        np.empty(1 << 60, np.uint8)
    except MemoryError as error:
        return error
    raise AssertionError


class ResourceExhaustedError(Exception):
    """As TensorFlow's is named."""


class TerminatedWorkerError(concurrent.futures.process.BrokenProcessPool):
    """As joblib's is named."""


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (system(errno.ENOSPC), ("no space is left", "/data/out.csv", "free some")),
        (system(errno.ENOSPC, None), ("no space is left", "free some")),
        (system(errno.EDQUOT), ("quota", "/data/out.csv")),
        (system(errno.EFBIG), ("larger than", "/data/out.csv", "ulimit -f")),
        (system(errno.EROFS), ("read-only", "/data/out.csv", "another place")),
        (system(errno.EIO), ("input/output error", "/data/out.csv")),
        (system(errno.EACCES), ("permission denied", "/data/out.csv", "close the program")),
        (system(errno.EPERM), ("permission denied", "/data/out.csv")),
        (system(errno.EBUSY), ("in use", "/data/out.csv")),
        (system(errno.EMFILE), ("too many files", "ulimit -n")),
        (system(errno.ENFILE), ("too many files", "ulimit -n")),
        (system(errno.ENOMEM), ("too little memory", "--jobs")),
        (system(errno.EAGAIN), ("no further process", "--jobs")),
        (system(errno.ENAMETOOLONG), ("too long", "/data/out.csv")),
        (OSError("Error writing. Detail: [errno 28] No space left on device"), ("no space",)),
        (MemoryError(), ("too little memory", "--jobs")),
        (huge(), ("too little memory",)),
        (pa.lib.ArrowMemoryError("malloc of size 1 failed"), ("too little memory",)),
        (ResourceExhaustedError("OOM"), ("too little memory",)),
        (TerminatedWorkerError("A worker stopped"), ("worker process was killed", "--jobs")),
        (sqlite3.OperationalError("database or disk is full"), ("no space", "mlflow.db")),
        (sqlite3.OperationalError("database is locked"), ("locked by another", "mlflow.db")),
        (
            RuntimeError("(sqlite3.OperationalError) attempt to write a readonly database"),
            ("read-only", "mlflow.db"),
        ),
        (sqlite3.DatabaseError("database disk image is malformed"), ("damaged", "mlflow.db")),
        (RuntimeError("can't start new thread"), ("no further process or thread",)),
        (ImportError("libx.so: failed to map segment from shared object"), ("too little memory",)),
    ],
)
def test_lack_of_resources_is_reported_with_remedy(error, words):
    said = explained(error)
    assert isinstance(said, OrganodeError)
    for word in words:
        assert word in str(said)
    assert "\n" not in str(said)


@pytest.mark.parametrize(
    "error",
    [KeyError("IE"), ValueError("shape"), FileNotFoundError(errno.ENOENT, "none", "x"),
     ConnectionResetError(errno.ECONNRESET, "reset"), RuntimeError("a defect"), OSError("?"),
     OrganodeError("no space left on device")],
)  # fmt: skip
def test_defects_and_missing_files_are_no_lack_of_resources(error):
    assert explained(error) is None


@pytest.mark.parametrize("how", ["cause", "context", "group"])
def test_causes_of_an_error_are_examined(how):
    inner = system(errno.ENOSPC)
    if how == "group":
        error: BaseException = ExceptionGroup("several", [KeyError("a"), inner])
    else:
        error = RuntimeError("MLflow passes on")
        setattr(error, f"__{how}__", inner)
    assert "/data/out.csv" in str(explained(error))


def test_database_is_named_by_the_given_address():
    error = sqlite3.OperationalError("database is locked")
    assert "sqlite:///runs.db is locked" in str(explained(error, "sqlite:///runs.db"))


def test_circular_causes_end():
    first, second = RuntimeError("a"), RuntimeError("b")
    first.__context__, second.__context__ = second, first
    assert explained(first) is None


def test_given_name_of_a_file_is_preferred_to_a_temporary_name(tmp_path):
    error = system(errno.EACCES, ".out.csv.ab12.tmp")
    assert "results/out.csv" in str(explained(error, "results/out.csv"))
    assert ".tmp" not in str(explained(error, "results/out.csv"))
