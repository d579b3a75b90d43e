"""Build, write and read the table of relaxed ions that accompanies a table of labels."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

import pandas as pd

from organode.label.record import Ion
from organode.utils.tables import read_table, write_table

KINDS = ("oxidised", "reduced")  # in the order of `Label.ions`
COLUMNS = ["row", "smiles", "ion", *(field.name for field in fields(Ion))]
ENERGIES = [
    "adiabatic", "adiabatic_ipea1", "adiabatic_gfn2", "settled", "energy", "energy_own",
    "reorganisation", "fragmentation", "deprotonation", "further",
]  # fmt: skip
ROUNDED = {**dict.fromkeys(ENERGIES, 4), "rmsd": 3}
ATOM_INDEX = "deprotonated"  # stored as Int64: NaN would turn the column into floats


def ions_path(labels: Path) -> Path:
    """Return the path of the table of ions that accompanies the table of labels at `labels`.

    For ``labels.csv``, the table of ions is ``labels.ions.parquet`` in the same folder.
    """
    return labels.with_name(f"{labels.stem}.ions.parquet")


def ion_table(records: Iterable[Mapping[str, Any]]) -> pd.DataFrame:
    """Return the table of relaxed ions of labelled molecules.

    Parameters
    ----------
    records : iterable of mapping
        For each row of the table of labels, a mapping with the keys `row`, `smiles` and, if the
        ions of the row's species were relaxed, `ions`. The value of `ions` is two mappings, for the
        oxidised and for the reduced ion, with the attributes of `organode.label.record.Ion`.

    Returns
    -------
    pandas.DataFrame
        Two rows for each species whose ions were relaxed. Columns: `row` and `smiles` of the
        species, `ion` (``oxidised`` or ``reduced``), and the attributes of
        `organode.label.record.Ion`, with energies in eV and `rmsd` in ångström.
    """
    rows = [
        {"row": record["row"], "smiles": record["smiles"], "ion": kind} | dict(ion)
        for record in records
        for kind, ion in zip(KINDS, record.get("ions", ()), strict=False)
    ]
    table = pd.DataFrame(rows, columns=COLUMNS)
    table[list(ROUNDED)] = table[list(ROUNDED)].astype(float)
    table[ATOM_INDEX] = table[ATOM_INDEX].astype("Int64")
    return table.round(ROUNDED)


def write_ions(table: pd.DataFrame, path: Path) -> None:
    """Write a table returned by `ion_table` to a Parquet file."""
    write_table(table, path)


def read_ions(path: Path) -> pd.DataFrame:
    """Read a table of relaxed ions written by `write_ions`.

    Raises
    ------
    OrganodeError
        If the file is missing, damaged, or holds another kind of table.
    """
    return read_table(path, COLUMNS, "label --adiabatic")
