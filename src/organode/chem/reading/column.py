"""Cells of a table as the molecules that models know."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import zip_longest

from rdkit import Chem

from organode.chem import MoleculeError, structure


def read_molecules(
    smiles: Iterable[object], problems: Iterable[str] = (), cap: str = ""
) -> tuple[list[Chem.Mol | None], list[str], list[str]]:
    """Return what `each_molecule` yields as three lists."""
    read = [*each_molecule(smiles, problems, cap)]
    return [row[0] for row in read], [row[1] for row in read], [row[2] for row in read]


def each_molecule(
    smiles: Iterable[object], problems: Iterable[str] = (), cap: str = ""
) -> Iterator[tuple[Chem.Mol | None, str, str]]:
    """Read each cell as the molecule that models know.

    Parameters
    ----------
    smiles : iterable of object
        n cells, each as `organode.chem.structure` reads it.
    problems : iterable of str
        Why a row cannot be read at all, empty where it can; n of them, or none.
    cap : str
        What ends repeat units, likewise.

    Yields
    ------
    molecule : Chem.Mol or None
        None where there is none.
    status : str
        ``ok``, or why there is none.
    note : str
        What was done to the structure; mostly empty.
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
