"""Find structures, names and labels among the columns of a user's table."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from organode.errors import UsageError

MOST_COLUMNS = 16_384  # as in a spreadsheet; a table with more is not a list of molecules
# Usual column names as from `compact`; the first of a list that a table has is taken.
SMILES = (
    "smiles", "isomericsmiles", "canonicalsmiles", "smi", "smilesstring", "structuresmiles",
    "smilesstructure", "moleculesmiles", "molsmiles", "rdkitsmiles", "cansmiles", "isosmiles",
)  # fmt: skip
INCHI = ("inchi", "standardinchi", "stdinchi", "inchistring", "structureinchi")
IDS = (
    "id", "identifier", "compoundid", "moleculeid", "molid", "name", "compoundname",
    "moleculename", "compound", "molecule", "title", "label", "cas", "casnumber", "casno", "casrn",
    "cid", "pubchemcid", "chemblid", "zincid",
)  # fmt: skip
# Columns of names and CAS numbers, which can be read as structures if the user names the column.
NAMED = ("cas", "casnumber", "casno", "casrn", "name", "compoundname", "moleculename")


def option(key: str) -> str:
    """Return the command-line option that sets `key`, such as ``--column`` for ``smiles``."""
    return {"smiles": "--column", "id": "--id-column", "file": "the file's name"}.get(
        key, f"--{key}"
    )


@dataclass(frozen=True)
class Wanted:
    """The columns to find in a user's table of molecules.

    Attributes
    ----------
    smiles : str or None
        Name of the column of structures; if None, the column is recognised by its usual names.
    id : str or None
        Name of the column of the molecules' ids; if None, the column is recognised by its usual
        names, and the table may have none.
    values : mapping of str to str
        Further required columns: keys are the contents, such as ``IE``; values are the columns'
        names in the file.
    setting : callable
        Function that takes ``file``, ``smiles``, ``id``, a key of `values`, ``separator``,
        ``sheet`` or ``encoding`` and returns the name of the option or setting by which the user
        states this, for messages to the user.
    others : bool
        Whether the cells of all other columns are to be read, too.
    """

    smiles: str | None = None
    id: str | None = None
    values: Mapping[str, str] = field(default_factory=dict)
    setting: Callable[[str], str] = option
    others: bool = True


@dataclass(frozen=True)
class Layout:
    """Positions of the wanted columns in a table, from 0.

    Attributes
    ----------
    header : tuple of str
        Names of all columns of the table, made unique.
    smiles : int
        Position of the column of structures.
    id : int or None
        Position of the column of ids; None if there is none.
    values : mapping of str to int
        Position of each further required column; the keys are those of `Wanted.values`.
    """

    header: tuple[str, ...]
    smiles: int
    id: int | None
    values: Mapping[str, int]

    @property
    def others(self) -> tuple[int, ...]:
        """Positions of the columns that contain neither structures nor ids."""
        return tuple(at for at in range(len(self.header)) if at not in (self.smiles, self.id))

    def choice(self) -> list[str]:
        """Return a note for each chosen column whose name is not the standard name.

        An example is ``structures from 'Isomeric SMILES'``. The standard names are ``smiles``,
        ``id`` and the keys of `values`.
        """
        chosen = []
        if self.header[self.smiles] != "smiles":
            chosen.append(f"structures from '{self.header[self.smiles]}'")
        if self.id is not None and self.header[self.id] != "id":
            chosen.append(f"names from '{self.header[self.id]}'")
        chosen += [
            f"{key} from '{self.header[at]}'"
            for key, at in self.values.items()
            if self.header[at] != key
        ]
        return chosen


class HeaderError(UsageError):
    """Error for a table whose column names are ambiguous, or that has too many columns."""


class NoStructuresError(UsageError):
    """Error for a table that has no column of structures, under a given name or any usual name."""


def lay_out(where: str, names: Sequence[str], wanted: Wanted) -> Layout:
    """Find the wanted columns of a table by their names.

    Parameters
    ----------
    where : str
        Name of the file, and of the sheet if the file has several sheets, for error messages.
    names : sequence of str
        Names of the table's columns, in order.
    wanted : Wanted
        The columns to find.

    Raises
    ------
    NoStructuresError
        If there is no column of structures.
    UsageError
        If another wanted column is missing, if several columns fit a wanted column, or if the table
        has more than `MOST_COLUMNS` columns.
    """
    if len(names) > MOST_COLUMNS:
        raise HeaderError(
            f"{where} has {len(names):,} columns, and at most {MOST_COLUMNS:,} are read: keep "
            "structures, names and the columns that you need"
        )
    header = [" ".join(name.split()) for name in names]
    smiles = _structures(where, header, wanted)
    values = {
        key: _place(where, header, name, wanted.setting(key), UsageError)
        for key, name in wanted.values.items()
    }
    if wanted.id is not None:
        place = _place(where, header, wanted.id, wanted.setting("id"), UsageError)
    else:
        taken = {smiles, *values.values()}
        free = ["" if at in taken else compact(name) for at, name in enumerate(header)]
        place = next((free.index(name) for name in IDS if name in free), -1)
    return Layout(tuple(_unique(header)), smiles, place if place >= 0 else None, values)


def _structures(where: str, names: Sequence[str], wanted: Wanted) -> int:
    setting = wanted.setting("smiles")
    if wanted.smiles is not None:
        return _place(where, names, wanted.smiles, setting, NoStructuresError)
    plain = [compact(name) for name in names]
    for usual in (*SMILES, None, *INCHI):
        if usual is None:  # before InChI: any name that contains the word SMILES
            places = [at for at, name in enumerate(names) if "smiles" in _words(name)]
        else:
            places = [at for at, name in enumerate(plain) if name == usual]
        if places:
            return _only(where, names, places, setting)
    by_name = [name for name, words in zip(names, plain, strict=True) if words in NAMED]
    hint = f" (names and CAS numbers are read too: {setting} '{by_name[0]}')" if by_name else ""
    raise NoStructuresError(
        f"{where} has no column 'smiles', nor SMILES or InChI under another usual name; it has: "
        f"{_listed(names)}; give the right name by {setting}{'' if wanted.values else hint}"
    )


def _place(
    where: str, names: Sequence[str], name: str, setting: str, missing: type[UsageError]
) -> int:
    """Return the position of the column `name`.

    If no column has exactly this name, case and punctuation are ignored, and then also a unit eV at
    the end. `setting` names the option for the column, and `missing` is the error to raise if there
    is no such column.
    """
    spellings: tuple[Callable[[str], str], ...] = (str, compact, _without_unit)
    for spelled in spellings:
        places = [at for at, own in enumerate(names) if spelled(own) == spelled(name.strip())]
        if places:
            return _only(where, names, places, setting)
    raise missing(
        f"{where} has no column '{name}'; it has: {_listed(names)}; "
        f"give the right name by {setting}"
    )


def _only(where: str, names: Sequence[str], places: Sequence[int], setting: str) -> int:
    """Return the only element of `places`, the positions of the columns that fit.

    Raises
    ------
    HeaderError
        If `places` has several elements.
    """
    if len(places) == 1:
        return places[0]
    several = list(dict.fromkeys(names[at] for at in places))
    if len(several) == 1:
        raise HeaderError(
            f"{where} has the column '{several[0]}' twice: rename one of them, or give another "
            f"name by {setting}"
        )
    listed = ", ".join(f"'{name}'" for name in several)
    raise HeaderError(f"{where} has several columns that fit ({listed}): name one by {setting}")


def compact(name: str) -> str:
    """Return a column's name in lower case, without spaces and punctuation."""
    return "".join(_words(name))


def _words(name: str) -> list[str]:
    plain = unicodedata.normalize("NFKC", name).casefold()
    return re.findall(r"[^\W_]+", plain)


def _without_unit(name: str) -> str:
    words = _words(name)
    return "".join(words[:-1] if words[-1:] == ["ev"] else words)


def _unique(names: Sequence[str]) -> list[str]:
    """Make names unique: an empty name becomes ``column 3``, a repeated name ``name (2)``."""
    unique: dict[str, None] = {}
    for at, name in enumerate(names, 1):
        title = name or f"column {at}"
        number = 2
        while title in unique:
            title, number = f"{name or f'column {at}'} ({number})", number + 1
        unique[title] = None
    return list(unique)


def _listed(names: Sequence[str], most: int = 20) -> str:
    shown = [name if len(name) <= 40 else name[:37] + "..." for name in names[:most]]
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return (", ".join(shown) or "none") + more
