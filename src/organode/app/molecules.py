"""Collect the molecules that a user draws, pastes or uploads on the web page."""

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
    """Names and structures of n molecules, as the user gave them.

    Attributes
    ----------
    names, smiles : list of str
        n names, and n structures: SMILES, InChI or names.
    problems : list of str
        n texts: the reason why a molecule's row in a file cannot be read; empty if it can be read.
    """

    names: list[str]
    smiles: list[str]
    problems: list[str]

    def __add__(self, other: Given) -> Given:
        """Return the molecules of this object, followed by those of `other`."""
        return Given(
            self.names + other.names, self.smiles + other.smiles, self.problems + other.problems
        )


def drawn_molecule(smiles: str | None) -> Given:
    """Return the molecule that was drawn, as a `Given`, which is empty if nothing was drawn."""
    return Given(["drawn"], [smiles], [""]) if smiles else Given([], [], [])


def pasted_molecules(text: str) -> Given:
    """Return the molecules of a pasted text that has one molecule in each line.

    A line is a structure, or a structure, a tab and the name of the molecule, as when two columns
    of a spreadsheet are copied. Without a name, the structure is the name. Empty lines are left
    out.
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
    """Write an uploaded file to a temporary folder, and yield the path of the file.

    The folder is deleted when the block ends. `name` is the name of the file, `content` its bytes.
    """
    with tempfile.TemporaryDirectory(prefix="organode-") as folder:
        file = Path(folder) / Path(name).name
        file.write_bytes(content)
        yield file


def dropped_molecules(name: str, content: bytes) -> tuple[Given, int]:
    """Return the first `MOST` (5,000) molecules of an uploaded file, and the number of its rows.

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
