"""A column of structures, read as standardised molecules."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import zip_longest

from rdkit import Chem

from organode.chem import MoleculeError, structure


def read_molecules(
    smiles: Iterable[object], problems: Iterable[str] = (), cap: str = ""
) -> tuple[list[Chem.Mol | None], list[str], list[str]]:
    """Return molecules, statuses and notes, as from `each_molecule`, as three lists."""
    rows = [*each_molecule(smiles, problems, cap)]
    return [row[0] for row in rows], [row[1] for row in rows], [row[2] for row in rows]


def each_molecule(
    smiles: Iterable[object], problems: Iterable[str] = (), cap: str = ""
) -> Iterator[tuple[Chem.Mol | None, str, str]]:
    """Read each cell as a standardised molecule.

    Parameters
    ----------
    smiles : iterable of object
        n cells, as `organode.chem.structure` reads them.
    problems : iterable of str
        Why a row of the table cannot be read, empty where it can; n texts, or none.
    cap : str
        What caps repeat units, as in `organode.chem.structure`.

    Yields
    ------
    molecule : Chem.Mol or None
        None if the cell cannot be read.
    status : str
        ``ok``, or why it cannot be read.
    note : str
        How the structure was changed; mostly empty.
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
