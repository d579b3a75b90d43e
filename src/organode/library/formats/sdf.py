"""Read SDF files, whose records have a title, a structure (mol block) and data items."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import BinaryIO

from organode.chem import MoleculeError, smiles_of_block
from organode.errors import UsageError
from organode.library.columns import MOST_COLUMNS, Layout, Wanted, lay_out
from organode.library.files import opened
from organode.library.formats import ReadOptions, Row, Table
from organode.library.formats.lines import Lines

BLOCK = "structure (mol block)"  # name of the column of structures
END = "$$$$"  # of a record
LONGEST = 100_000  # lines; a longer record is not read
_ITEM = re.compile(r"^>(?:\s[^<]*)?<(.+)>[^<>]*$")


def read_sdf(path: Path, stream: BinaryIO, wanted: Wanted, options: ReadOptions) -> Table:
    """Read an SDF: structures from mol blocks, ids from titles, other columns from data items.

    This module splits the file into records at ``$$$$``. RDKit is not used for this: it drops the
    data items of a record with an unreadable structure, and may lose the start of the next record.

    Parameters
    ----------
    path : Path
        Name of the file, which is also read once in advance for the names of all data items.
    stream : binary file
        Unpacked content of the file.
    wanted : Wanted
        The columns to find; `wanted.smiles` is ignored, since mol blocks give the structures.
    options : ReadOptions
        Only the encoding is used.

    Raises
    ------
    UsageError
        If the file is not an SDF, or a wanted data item is in none of its records.
    """
    state = path.stat()
    setting = wanted.setting("encoding")
    items, notes = _items(path, options.encoding, setting, state.st_mtime_ns, state.st_size)
    names = (BLOCK, *items)
    layout = lay_out(str(path), names, replace(wanted, smiles=BLOCK))
    fallback = layout.id  # for a record without a title
    if wanted.id is None:
        layout = Layout(names, 0, None, layout.values)
    lines = iter(Lines(stream, options.encoding))
    return Table(layout, _rows(layout, fallback, items, lines), notes=notes)


@lru_cache(100)
def _items(
    path: Path, encoding: str | None, setting: str, _changed: int, _size: int
) -> tuple[tuple[str, ...], list[str]]:
    """Return the names of all data items of an SDF file, and notes on the file's encoding.

    Results are cached. The file's time of change and size, `_changed` and `_size`, are arguments so
    that a changed file is read again. `setting` names the option for the encoding, for the notes.
    """
    items: dict[str, None] = {}
    is_sdf = False
    with opened(path) as stream:
        lines = Lines(stream, encoding)
        for line in lines:
            if line.startswith(">") and (item := _ITEM.match(line)):
                items[item[1].strip()] = None
                if len(items) > MOST_COLUMNS:
                    raise UsageError(
                        f"{path} has more than {MOST_COLUMNS:,} different data items: keep those "
                        "that you need"
                    )
            elif line.startswith("M  END"):
                is_sdf = True
    if not is_sdf:
        raise UsageError(f"{path} is not an SDF (it has no line 'M  END'): write it again")
    return tuple(items), lines.encoding_notes(setting)


def _rows(
    layout: Layout, fallback: int | None, items: Sequence[str], source: Iterator[str]
) -> Iterator[Row]:
    places = {name: at for at, name in enumerate(items, 1)}
    record: list[str] = []
    for line in source:
        if line.startswith(END):
            yield _row(layout, fallback, places, record)
            record = []
        elif len(record) <= LONGEST:
            record.append(line)
    if any(line.strip() for line in record):
        yield _row(layout, fallback, places, record)


def _row(layout: Layout, fallback: int | None, places: dict[str, int], record: list[str]) -> Row:
    smiles, problem = _structure(record)
    cells = [""] * (len(places) + 1)
    cells[0] = smiles
    for name, value in _values(record):
        place = places[name]
        cells[place] = f"{cells[place]}\n{value}" if cells[place] else value
    title = record[0] if record and layout.id is None else ""
    name = title.strip() or (cells[fallback] if fallback is not None else "")
    return " ".join(name.split()), smiles, problem, cells


def _structure(record: list[str]) -> tuple[str, str]:
    """Return a record's SMILES and an empty text, or an empty text and why there is no SMILES."""
    if len(record) > LONGEST:
        return "", f"this record has more than {LONGEST:,} lines"
    try:
        return smiles_of_block("\n".join(record) + "\n"), ""
    except MoleculeError as reason:
        return "", str(reason)


def _values(record: list[str]) -> Iterator[tuple[str, str]]:
    """Yield the name and the text of each data item of a record; an empty line ends the text."""
    name: str | None = None
    text: list[str] = []
    for line in record:
        if line.startswith(">") and (item := _ITEM.match(line)):
            if name is not None:
                yield name, "\n".join(text).strip()
            name, text = item[1].strip(), []
        elif name is not None and line.strip():
            text.append(line)
        elif name is not None and text:
            yield name, "\n".join(text).strip()
            name = None
    if name is not None:
        yield name, "\n".join(text).strip()
