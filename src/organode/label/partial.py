"""Read and write the file of a labelling run in progress, which has a line of JSON for each row.

The line of a row is appended when the row has been labelled. The first line of the file identifies
the input and the method. A run that was killed resumes after the last complete line.
"""

from __future__ import annotations

import hashlib
import json
import os
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TextIO

from organode.errors import OrganodeError
from organode.label.method import IONS, Method
from organode.utils.code import code_digest
from organode.utils.outputs import check_own
from organode.utils.resources import explained

# These modules, with all modules that they import, decide the content of a finished row.
DECIDING = (
    "organode.chem.reading.structure",
    "organode.label.dft",
    "organode.label.ions.table",
    "organode.label.xtb",
)
CHECKSUM = "crc"  # key of a finished row's checksum, among the names of its columns


def identity(smiles: Sequence[object], method: Method) -> str:
    """Return a hash of everything that decides the labels of a table: cells, method and code.

    The cells are `smiles`, the structure in each row. The code is the modules listed in `DECIDING`
    and all modules that these modules import. The hash is a SHA-256 in hexadecimal.
    """
    options: list[Any] = [method.solvent]
    if method.level != "xtb" or method.adiabatic:
        options = [method.level, method.solvent, method.adiabatic]
    if method.cap:
        options.append(method.cap)
    # A table never mixes labels by two versions of the code, which may differ for the same cell.
    options.append(code_digest(*DECIDING))
    text = json.dumps([*options, [str(cell) for cell in smiles]])
    return hashlib.sha256(text.encode()).hexdigest()


def open_partial(partial: Path) -> TextIO:
    """Open the file of finished rows for appending, and create it if it does not exist.

    A new file can be read and written by its owner only.

    Raises
    ------
    OrganodeError
        If the file cannot be written.
    """
    try:
        return open(partial, "a", encoding="utf-8", opener=_private)
    except OSError as error:
        raise explained(error, partial) or OrganodeError(
            f"cannot write {partial}: {error.strerror}; choose a folder that you may write to"
        ) from error


def _private(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NOFOLLOW, 0o600)


def header(key: str) -> str:
    """Return the first line of the file of finished rows: JSON with the hash from `identity`."""
    return json.dumps({"identity": key}) + "\n"


def line(record: dict[str, Any]) -> str:
    """Return the line of a finished row: a JSON object with the row's columns and a checksum."""
    return json.dumps(record | {CHECKSUM: _checksum(record)}) + "\n"


def read_partial(partial: Path, key: str, rows: int, method: Method) -> dict[int, dict[str, Any]]:
    """Read the finished rows of an unfinished labelling run from its file.

    An incomplete last line, which a killed run may leave, is removed from the file.

    Parameters
    ----------
    partial : Path
        The file; it need not exist.
    key : str
        Hash of the input and the method of this run, from `identity`.
    rows : int
        Number of rows of the input.
    method : Method
        The method of this run.

    Returns
    -------
    dict of int to dict
        Row number to the finished row, which maps column to value; empty if the file does not
        exist.

    Raises
    ------
    OrganodeError
        If the file is damaged, cannot be read, belongs to another user, or was written for another
        input, another method or by another version of the code.
    """
    if partial.exists() and not partial.is_file():  # reading a device might never end
        raise OrganodeError(f"{partial} is not a file: remove it, or choose another --out")
    try:
        check_own(partial)
        content = partial.read_bytes()
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise explained(error, partial) or OrganodeError(
            f"cannot read {partial}: {error.strerror}"
        ) from error
    complete = content[: content.rfind(b"\n") + 1]
    lines = complete.splitlines()
    try:
        foreign = bool(lines) and json.loads(lines[0])["identity"] != key
        records = [] if foreign else [_record(text, rows, method) for text in lines[1:]]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise OrganodeError(
            f"{partial} is not a file of unfinished labels, or it is damaged: "
            "remove it, or choose another --out"
        ) from error
    if foreign:
        raise OrganodeError(
            f"{partial} holds the unfinished labels of another input, level, solvent or version: "
            "remove it, or choose another --out"
        )
    if len(complete) != len(content):
        with open(partial, "r+b") as stream:
            stream.truncate(len(complete))
    return {record["row"]: record for record in records}


def _record(line: bytes, rows: int, method: Method) -> dict[str, Any]:
    """Return the finished row that a line of the file holds.

    Lines without a checksum, as earlier versions of organode wrote them, are accepted.

    Parameters
    ----------
    line : bytes
        The line, a JSON object.
    rows : int
        Number of rows of the input table.
    method : Method
        The method of labelling, which decides the columns.

    Raises
    ------
    ValueError, KeyError, TypeError
        If the line is damaged, has a row number that is not in the input table, or has a column
        that the method's table of labels lacks.
    """
    record = json.loads(line)
    if not isinstance(record, dict):
        raise TypeError("not a record")
    if CHECKSUM in record and record.pop(CHECKSUM) != _checksum(record):
        raise ValueError("damaged")
    if not record.keys() <= {*method.columns, IONS} or record["row"] not in range(rows):
        raise ValueError("not a row of this table")
    if not isinstance(record["status"], str):
        raise TypeError("no status")
    return record


def _checksum(record: dict[str, Any]) -> int:
    return zlib.crc32(json.dumps(record).encode())
