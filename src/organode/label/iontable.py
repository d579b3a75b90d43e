"""The record of relaxed ions that stands beside a table of labels."""

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
PLACES = "deprotonated"  # an atom, which NaN would make a float


def beside(labels: Path) -> Path:
    """Return where the ions of a table of labels are recorded: ``labels.ions.parquet``."""
    return labels.with_name(f"{labels.stem}.ions.parquet")


def ion_table(records: Iterable[Mapping[str, Any]]) -> pd.DataFrame:
    """Return the ions of labelled rows.

    Parameters
    ----------
    records : iterable of mapping
        `row`, `smiles` and, of a species whose ions were relaxed, `ions`: two mappings with the
        attributes of `organode.label.record.Ion`, oxidised and reduced.

    Returns
    -------
    pandas.DataFrame
        Columns `COLUMNS`: two rows a species, `ion` one of `KINDS`; eV and ångström.
    """
    rows = [
        {"row": record["row"], "smiles": record["smiles"], "ion": kind} | dict(ion)
        for record in records
        for kind, ion in zip(KINDS, record.get("ions", ()), strict=False)
    ]
    table = pd.DataFrame(rows, columns=COLUMNS)
    table[list(ROUNDED)] = table[list(ROUNDED)].astype(float)
    table[PLACES] = table[PLACES].astype("Int64")
    return table.round(ROUNDED)


def write_ions(table: pd.DataFrame, path: Path) -> None:
    """Write what `ion_table` returned."""
    write_table(table, path)


def read_ions(path: Path) -> pd.DataFrame:
    """Read what `write_ions` wrote.

    Raises
    ------
    OrganodeError
        If it is missing, damaged, or no such table.
    """
    return read_table(path, COLUMNS, "label --adiabatic")
