"""Readers of delimited text tables, such as CSV, and of SMILES lists."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import chain, islice
from pathlib import Path
from typing import BinaryIO

from organode.chem import MoleculeError, parse_flat
from organode.chem.reading.names import CAS, could_be_name, resolve
from organode.errors import UsageError
from organode.library.columns import (
    IDS,
    INCHI,
    SMILES,
    HeaderError,
    Layout,
    NoStructuresError,
    Wanted,
    compact,
    lay_out,
)
from organode.library.files import kind_of
from organode.library.formats import ReadOptions, Row, Table, bare
from organode.library.formats.lines import Lines
from organode.library.formats.records import SEPARATORS, header, records, split

BLOCK = 500  # lines at the start of a file, within which the first mol block of an SDF ends
SAMPLE = 50  # lines from which the separator is detected
TITLES = 20  # lines that may stand above a header by mistake
NAMES = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar", " ": "space"}
# A text that is meant as a SMILES though it may be invalid: three atoms or more, and a bond, branch
# or ring.
LIKE_SMILES = re.compile(
    r"(?=.*[\d()=#\[])(?=(?:.*?[BCNOPSFIbcnops]){3})"
    r"(?:Cl|Br|[BCNOPSFIbcnops]|\[[^\]\s]*+\]?+|[-=#$:/\\.()%\d@+])+"
)
EXTENSION = re.compile(r"\|[^|]*\|")  # of a CXSMILES, after the SMILES
LIST = Layout(("smiles", "id"), 0, 1, {})


def read_delimited(path: Path, stream: BinaryIO, wanted: Wanted, options: ReadOptions) -> Table:
    """Read a delimited text table, whose first line names the columns.

    Parameters
    ----------
    path : Path
        Name of the file, for messages.
    stream : binary file
        Unpacked content of the file.
    wanted : Wanted
        The columns to find.
    options : ReadOptions
        Only `separator` and `encoding` are used; each is detected if it is None.

    Raises
    ------
    UsageError
        If the file is empty or not a text table, or a wanted column is missing.
    """
    source = Lines(stream, options.encoding)
    text, rest = _begin(path, iter(source))
    return _with_encoding_note(source, _table(path, text, rest, wanted, options), wanted)


def read_list(path: Path, stream: BinaryIO, wanted: Wanted, options: ReadOptions) -> Table:
    """Read a SMILES list: each line has a structure and, after white space, perhaps an id.

    The first line may be a header (`SMILES id`). If it is the header of a delimited table, the file
    is read as a delimited table. Parameters and exceptions are those of `read_delimited`; a file
    that is an SDF also raises `UsageError`.
    """
    source = Lines(stream, options.encoding)
    text, rest = _begin(path, iter(source))
    ahead = list(islice(rest, BLOCK))
    _refuse_sdf(path, ahead)
    rest = chain(ahead, rest)
    try:
        table = _table(path, text, rest, wanted, options, listed=True)
    except _IsListError as error:
        if wanted.values:
            raise UsageError(
                f"{path} is a SMILES list and has no column {', '.join(wanted.values.values())}: "
                "bring a table that has it"
            ) from None
        table = Table(LIST, map(_list_row, error.lines))
    return _with_encoding_note(source, table, wanted)


def _with_encoding_note(source: Lines, table: Table, wanted: Wanted) -> Table:
    """Add a note on the encoding to the table, if an encoding other than UTF-8 was detected."""
    notes = source.encoding_notes(wanted.setting("encoding"))
    return replace(table, notes=[*notes, *table.notes])


class _IsListError(Exception):
    """Error for text that is a SMILES list and not a table; `lines` are the lines of the list."""

    def __init__(self, source: Iterator[str]) -> None:
        super().__init__()
        self.lines = source


def _refuse_sdf(path: Path, ahead: list[str]) -> None:
    if any(line.startswith(("M  END", "$$$$")) for line in ahead):
        raise UsageError(
            f"{path} is an SDF, not a SMILES list: save it under a name that ends in .sdf, and "
            "name that file"
        )


def _begin(path: Path, source: Iterator[str]) -> tuple[str, Iterator[str]]:
    text, rest = header(source)
    if "\0" in text:
        raise UsageError(f"{path} is not a text table: save it as CSV in UTF-8")
    if not text.strip():
        ahead = list(islice(rest, TITLES))
        if not any(line.strip() for line in ahead) and next(rest, None) is None:
            raise UsageError(f"{path} is empty: choose another file")
        rest = chain(ahead, rest)
    return text, rest


def _table(
    path: Path,
    text: str,
    rest: Iterator[str],
    wanted: Wanted,
    options: ReadOptions,
    *,
    listed: bool = False,
) -> Table:
    stated = options.separator or ""
    if not stated and (excel := re.fullmatch(r'"?sep=(.)"?', text.strip("\r"), re.IGNORECASE)):
        stated = excel[1]
        text, rest = header(rest)
    elif listed:
        first, _, _ = text.strip().partition(" ")
        if is_structure(first.partition("\t")[0]):
            raise _IsListError(chain([text], rest))
        if compact(first) in SMILES and not any(mark in text for mark in SEPARATORS):
            raise _IsListError(rest)  # the list without its header
    sample = list(islice(rest, SAMPLE))
    rest = chain(sample, rest)
    separators = (stated,) if stated else SEPARATORS
    fits, problems = _layouts(path, text, sample, wanted, separators)
    if not fits:
        problem = max(problems, key=lambda item: item[0])[1]  # with most columns
        error = _header_error(path, text, sample, wanted, problem, listed=listed and not stated)
        if listed and error is problem and isinstance(problem, NoStructuresError):
            asked_for = wanted.smiles is not None or wanted.id is not None
            if not stated and not asked_for and not _names_columns(text):
                raise _IsListError(chain([text], rest))
        raise error
    _, separator, layout = max(fits, key=lambda fit: fit[0])
    for columns, problem in problems:
        if isinstance(problem, HeaderError) and columns > len(layout.header):
            raise problem  # instead of reading the whole line as a single column
    if listed and len(layout.header) == 1 and len(text.split()) > 1:
        raise UsageError(
            f"{path}: its first line names columns ('{text[:60]}') in another order than that of "
            "a SMILES list: put a comma or a tab between its columns, or delete that line"
        )
    notes = []
    usual = "\t" if kind_of(path) == ".tsv" else ","
    if not stated and separator != usual and len(layout.header) > 1:
        notes.append(f"cells separated by a {NAMES[separator]}")
    return Table(layout, _rows(layout, rest, separator), notes=notes)


def _layouts(
    path: Path, text: str, sample: list[str], wanted: Wanted, separators: Sequence[str]
) -> tuple[list[tuple[tuple[float, ...], str, Layout]], list[tuple[int, UsageError]]]:
    """Find the wanted columns in a header, with each of several separators in turn.

    Returns
    -------
    fits : list of tuple
        Score from `_fit`, separator and layout, for each separator that gives the wanted columns.
    problems : list of tuple
        Number of columns, and the error, for each separator with which a wanted column is missing
        or ambiguous.
    """
    fits, problems = [], []
    for separator in separators:
        names = _names(text, separator)
        try:
            layout = lay_out(str(path), names, wanted)
        except UsageError as error:
            problems.append((len(names), error))
        else:
            fits.append((_fit(layout, sample, separator), separator, layout))
    return fits, problems


def _names(text: str, separator: str) -> list[str]:
    names = split(text, separator)
    while len(names) > 1 and not names[-1].strip():  # a spreadsheet may add empty columns
        names.pop()
    return [name.strip().strip('"') for name in names]


def _names_columns(text: str) -> bool:
    """Return whether a line looks like a header: several names, one of them usual for ids."""
    names = [_names(text, separator) for separator in SEPARATORS]
    return any(len(cells) > 1 and any(compact(name) in IDS for name in cells) for cells in names)


def _fit(layout: Layout, sample: list[str], separator: str) -> tuple[float, ...]:
    """Return a score, a tuple, for how well later lines agree with a header: larger is better.

    The tuple has four numbers: whether the column of structures has a usual name, the share of
    lines with a valid structure in this column, the share of lines with as many cells as the header
    has, and the number of cells in the header.
    """
    width = len(layout.header)
    usual = float(compact(layout.header[layout.smiles]) in (*SMILES, *INCHI))
    cells = [split(line, separator) for line in sample if line.strip()]
    if not cells or any('"' in name for name in layout.header):
        return (usual, 0.0, 0.0, float(width))
    structures = sum(
        len(row) > layout.smiles and is_structure(row[layout.smiles]) for row in cells
    ) / len(cells)
    agreeing = sum(len(row) == width for row in cells) / len(cells)
    return (usual, structures, agreeing, float(width))


def is_structure(cell: str) -> bool:
    """Return whether a cell is a valid SMILES or InChI."""
    try:
        parse_flat(bare(cell))
    except MoleculeError:
        return False
    return True


def _is_name(cell: str) -> bool:
    try:
        resolve(cell)
    except MoleculeError:
        return False
    return True


def _header_error(
    path: Path,
    text: str,
    sample: list[str],
    wanted: Wanted,
    problem: UsageError,
    *,
    listed: bool = False,
) -> UsageError:
    """Return the error for a table whose first line does not name the wanted columns.

    `problem` is the error that was raised; it is replaced if a later line looks like the header, or
    the first line is a molecule. `listed` says whether the file was to be read as a SMILES list.
    """
    if isinstance(problem, NoStructuresError):
        for number, line in enumerate(sample[:TITLES], 2):
            if is_structure(_first(line)):
                continue
            for separator in SEPARATORS:
                try:
                    lay_out(str(path), _names(line, separator), wanted)
                except UsageError:
                    continue
                return UsageError(
                    f"{path}: line {number} looks like the names of the columns "
                    f"('{' '.join(line.split())[:60]}'): delete the lines above it"
                )
        # One line with a comma may be a bad line of a list; if most have a comma, it is a table.
        lines = [line for line in sample if line.strip()]
        n_alike = sum(is_structure(_first(line)) > is_structure(line.split()[0]) for line in lines)
        if is_structure(_first(text)) and (not listed or 2 * n_alike >= max(len(lines), 1)):
            remedy = "put a space behind each structure" if listed else "call the file .smi"
            return UsageError(
                f"{path} has no header: its first line is a molecule ('{_first(text)[:40]}'); "
                f"write the names of the columns above it, such as smiles,id, or {remedy} if it is "
                "a list"
            )
    return problem


def _first(line: str) -> str:
    """Return the text before the first comma, semicolon, bar or white space of a line."""
    return re.split(r"[,;|\s]", line.strip(), maxsplit=1)[0]


def _rows(layout: Layout, source: Iterator[str], separator: str) -> Iterator[Row]:
    width, smiles, name = len(layout.header), layout.smiles, layout.id

    def is_row(opening: list[str], cells: list[str]) -> bool:
        if smiles >= len(opening) and '"' in "".join(cells[:smiles]):
            return False  # this line ends the quoted cell, and the structure comes after it
        cell = bare(cells[smiles]) if smiles < len(cells) else ""
        if is_structure(cell) or CAS.fullmatch(cell) or LIKE_SMILES.fullmatch(cell):
            return True
        # In a table of SMILES, a line of a quoted note may begin with a name, such as a solvent's.
        has_names = smiles < len(opening) and not is_structure(opening[smiles])
        return has_names and _is_name(cell)

    for cells in records(source, separator, width, is_row):
        if len(cells) != width:
            if any(cell.strip() for cell in cells[width:]):
                yield "", separator.join(cells), _too_many(len(cells), width, separator), ()
                continue
            cells.extend([""] * (width - len(cells)))
        structure = cells[smiles].strip()
        if '"' in structure or not structure.isascii():
            structure = bare(structure)
        yield cells[name].strip() if name is not None else "", structure, "", cells


def _too_many(cells: int, width: int, separator: str) -> str:
    return (
        f"{cells} cells, and the header has {width}: put a cell that contains a "
        f"{NAMES.get(separator, separator)} in double quotes"
    )


def _list_row(line: str) -> Row:
    # What comes after a tab is a name, even if no structure stands before the tab.
    first, mark, name = line.partition("\t")
    if not mark:
        first, _, name = line.strip().partition(" ")
        if line[:1].isspace() and not is_structure(first):
            first, name = "", line
        elif name and could_be_name(first) and not is_structure(first):
            first, name = line, ""  # a name of several words, to be read as a structure
    if extension := EXTENSION.match(name.lstrip()):
        first, name = f"{first} {extension[0]}", name.lstrip()[extension.end() :]
    first, name = first.strip(), " ".join(name.split())
    if '"' in first or not first.isascii():
        first = bare(first)
    return name, first, "", (first, name)
