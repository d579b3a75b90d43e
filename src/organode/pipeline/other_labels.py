"""Read labels by several protocols from a table, such as energies by cheaper methods.

A protocol is how an energy was obtained: level of theory, medium, vertical or adiabatic.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from pathlib import Path

import numpy as np

from organode.chem import flat_smiles
from organode.chem.reading.column import read_molecules
from organode.errors import UsageError
from organode.fetch.numbers import read_numbers
from organode.library.columns import Wanted
from organode.library.formats import ReadOptions
from organode.library.stream import open_table
from organode.utils.progress import say


def read_other_labels(
    path: Path,
    protocols: Sequence[str],
    setting: str,
    standard: Collection[str] = (),
    among: Callable[[list[str]], np.ndarray] | None = None,
) -> tuple[list[str], np.ndarray]:
    """Read the molecules of a table, and their labels by each protocol.

    Rows whose structure cannot be read are left out, and so are labels that are not numbers; how
    many there are is printed, with an example.

    Parameters
    ----------
    path : Path
        CSV, XLSX, Parquet, SDF or SMILES list, gzipped or not.
    protocols : sequence of str
        Names of the t columns with labels, eV; each stands for a protocol.
    setting : str
        Name of the setting that names the table, for messages.
    standard : collection of str
        Canonical SMILES of standardised structures without stereo, such as those of the curated
        table. A cell with the same text is not standardised again, which takes half a millisecond.
    among : callable, optional
        Returns from the texts of m cells which of them are wanted, shape (m,), bool. The rows of
        all others are left out without being read.

    Returns
    -------
    smiles : list of str
        n canonical SMILES without stereo.
    labels : numpy.ndarray
        Shape (n, t), eV; NaN where a molecule has no label by a protocol.

    Raises
    ------
    UsageError
        If the file cannot be read as a table with these columns, or no wanted row has a molecule.
    """
    where = f"{setting} in params.yaml"
    wanted = Wanted(
        None, None, {name: name for name in protocols}, lambda _key: where, others=False
    )
    structures, problems, cells = [], [], []
    with open_table(path, wanted, ReadOptions()) as table:
        for _, structure, problem, row in table.rows:
            structures.append(structure)
            problems.append(problem)
            values = row or [""] * len(table.layout.header)
            cells.append([values[place] for place in table.layout.values.values()])
    if among is not None:
        chosen = np.flatnonzero(among(structures)).tolist()
        if not chosen:
            return [], np.empty((0, len(protocols)))
        structures, problems = ([texts[row] for row in chosen] for texts in (structures, problems))
        cells = [cells[row] for row in chosen]
    rows = [row for row, cell in enumerate(structures) if problems[row] or cell not in standard]
    molecules, status, _ = read_molecules(
        [structures[row] for row in rows], [problems[row] for row in rows]
    )
    smiles: list[str | None] = [*structures]
    for place, molecule in zip(rows, molecules, strict=True):
        smiles[place] = None if molecule is None else flat_smiles(molecule)
    columns = [read_numbers(column) for column in zip(*cells, strict=True)]
    unread = {row: f"'{text}'" for column in columns for row, text in column.unread.items()}
    failed = {row: why for row, why in zip(rows, status, strict=True) if why != "ok"}
    _report(path, "cannot be read", failed)
    _report(path, "have a label that is not a number", unread)
    good = [row for row, text in enumerate(smiles) if text is not None]
    if not good:
        raise UsageError(f"{path} has no molecule that can be read: name another in {where}")
    return (
        [text for text in smiles if text is not None],
        np.column_stack([column.values for column in columns])[good],
    )


def _report(path: Path, fault: str, rows: dict[int, str]) -> None:
    for row, why in [*rows.items()][:1]:
        say(f"{path}: {len(rows):,} rows {fault}, such as row {row}: {why}")
