"""Helpers of tests that read users' files of molecules."""

from pathlib import Path

from organode.library.columns import Wanted
from organode.library.formats import DEFAULT_OPTIONS, ReadOptions
from organode.library.stream import Library, open_table

# Cells of a column of SMILES: molecules, repeats, salts, fragments, junk and attacks.
CELLS = [
    *("O=C1C=CC(=O)C=C1", "CN1c2ccccc2Sc2ccccc21", "junk", "", "[Na+].[Cl-]", "C[CH2]", "CI"),
    *("C1=CC(=O)C=CC1=O", "<script>alert(1)</script>", "=cmd()", "c1ccccc1", "C" * 2500),
]


def write(folder: Path, name: str, content: str | bytes) -> Path:
    """Write a file and return its path."""
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def read(
    path: Path, wanted: Wanted | None = None, options: ReadOptions = DEFAULT_OPTIONS
) -> list[tuple[str, str, bool]]:
    """Return id, SMILES and whether it could be read, for each row of a library."""
    library = Library.find([str(path)], wanted or Wanted(), path.parent, options)
    return [
        (*row, not problem)
        for chunk in library.chunks()
        for *row, problem in zip(chunk.ids, chunk.smiles, chunk.problems, strict=True)
    ]


def read_cells(
    path: Path, wanted: Wanted | None = None, options: ReadOptions = DEFAULT_OPTIONS
) -> list[list[object] | str]:
    """Return all cells of each row of a file, or the reason why a row cannot be read."""
    with open_table(path, wanted or Wanted(), options) as table:
        return [list(row[3]) or row[2] for row in table.rows]
