"""Molecules that a person drew, pasted or dropped: one list, one answer for each."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from organode.library.columns import Wanted
from organode.library.formats import ReadOptions
from organode.library.stream import Library

MOST = 5_000  # rows of a file that the page answers; a screening takes any number


@dataclass(frozen=True)
class Given:
    """Molecules as they were given.

    Attributes
    ----------
    names, smiles : list of str
        n names, and n structures: SMILES, InChI or names.
    problems : list of str
        n texts: why a row of a file cannot be read, empty where it can.
    """

    names: list[str]
    smiles: list[str]
    problems: list[str]

    def __add__(self, other: Given) -> Given:
        """Return the molecules of both, in this order."""
        return Given(
            self.names + other.names, self.smiles + other.smiles, self.problems + other.problems
        )


def drawn_molecule(smiles: str | None) -> Given:
    """Return the molecule of a sketcher; none if nothing was drawn."""
    return Given(["drawn"], [smiles], [""]) if smiles else Given([], [], [])


def pasted_molecules(text: str) -> Given:
    """Return the molecules of a text, one a line; the rest of a line after a tab is its name.

    Lines of a spreadsheet's column are such a text. Empty lines are left out.
    """
    names, smiles = [], []
    for line in text.splitlines():
        structure, _, name = line.strip().partition("\t")
        if structure:
            smiles.append(structure.strip())
            names.append(name.strip() or structure.strip())
    return Given(names, smiles, [""] * len(smiles))


@contextmanager
def dropped_file(name: str, content: bytes) -> Iterator[Path]:
    """Keep a dropped file in a folder of its own while the block runs, and yield its path."""
    with tempfile.TemporaryDirectory(prefix="organode-") as folder:
        file = Path(folder) / Path(name).name
        file.write_bytes(content)
        yield file


def dropped_molecules(name: str, content: bytes) -> tuple[Given, int]:
    """Read the molecules of a file, and return the first `MOST` of them with the number of all.

    Parameters
    ----------
    name : str
        The file's name, whose ending says how to read it.
    content : bytes
        The file's content.

    Raises
    ------
    UsageError
        If the file cannot be read, or has no row or no column of structures.
    """
    with dropped_file(name, content) as file:
        library = Library.find([str(file)], Wanted(None, None), file.parent, ReadOptions())
        library.require_rows()
        found, number = Given([], [], []), 0
        for chunk in library.chunks():
            left = max(MOST - number, 0)
            number += chunk.n
            found += Given(
                list(chunk.ids[:left]), list(chunk.smiles[:left]), list(chunk.problems[:left])
            )
    return found, number
