"""Read a column of structures as standardised molecules."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import zip_longest

from rdkit import Chem

from organode.chem import MoleculeError, structure


def read_molecules(
    smiles: Iterable[object], problems: Iterable[str] = (), cap: str = ""
) -> tuple[list[Chem.Mol | None], list[str], list[str]]:
    """Read cells as standardised molecules: return lists of molecules, statuses and notes.

    An unreadable cell gives None, the reason and ``""``; any other cell gives its molecule, ``ok``
    and a note on how the structure was changed, mostly ``""``. Parameters are those of
    `each_molecule`.
    """
    rows = [*each_molecule(smiles, problems, cap)]
    return [row[0] for row in rows], [row[1] for row in rows], [row[2] for row in rows]


def each_molecule(
    smiles: Iterable[object], problems: Iterable[str] = (), cap: str = ""
) -> Iterator[tuple[Chem.Mol | None, str, str]]:
    """Read each cell as a standardised molecule.

    Parameters
    ----------
    smiles : iterable of object
        n cells with SMILES, InChI, names or CAS numbers, read by `organode.chem.structure`.
    problems : iterable of str
        n texts, one for each cell: why the table's row with this cell cannot be read, or ``""``. A
        cell with such a reason is not parsed; the reason becomes the status of the cell. If
        `problems` is empty, all cells are parsed.
    cap : str
        What replaces each ``*`` (open end) of a polymer's repeat unit: ``H`` or ``methyl``. If
        empty, cells with ``*`` cannot be read.

    Yields
    ------
    molecule : Chem.Mol or None
        None if the cell cannot be read.
    status : str
        ``ok``, or why the cell cannot be read.
    note : str
        How the structure was changed, such as which counter-ions were removed; mostly empty.
    """
    for cell, problem in zip_longest(smiles, problems, fillvalue=""):
        if problem:
            yield None, str(problem), ""
            continue
        try:
            molecule, note = structure(cell, cap=cap)
        except MoleculeError as reason:
            yield None, str(reason), ""
        else:
            yield molecule, "ok", note
