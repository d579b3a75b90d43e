"""The tables of a screening's candidates: CSV, Parquet and SDF."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pandas as pd
from rdkit import Chem
from rdkit.Chem import rdDepictor

from organode.screen.properties import COLUMNS
from organode.tables import write_csv, write_table

ORDER = (
    "electrode", "rank", "pick", "front", "score", "row", "id", "smiles",
    "E_ox", "E_ox_lower", "E_ox_upper", "E_red", "E_red_lower", "E_red_upper",
    "P_positive", "P_negative", *COLUMNS, "IE_in_domain", "IE_remark", "EA_in_domain", "EA_remark",
    "IE", "IE_lower", "IE_upper", "EA", "EA_lower", "EA_upper",
)  # fmt: skip


def write(
    chosen: Mapping[str, pd.DataFrame],
    pairs: pd.DataFrame,
    verified: pd.DataFrame | None,
    folder: Path,
) -> None:
    """Write `candidates.csv`, `.parquet`, `.sdf`, `pairs.csv`, and `verified.csv` if there is any.

    In CSV, a text that a spreadsheet would run as a formula gets an apostrophe in front.
    """
    table = pd.concat(chosen.values(), ignore_index=True)[list(ORDER)]
    if verified is not None:
        write_csv(verified, folder / "verified.csv", decimals=4)
    write_table(table, folder / "candidates.parquet")
    write_csv(table, folder / "candidates.csv", decimals=4)
    write_csv(pairs, folder / "pairs.csv", decimals=4)
    _sdf(table, folder / "candidates.sdf")


def _sdf(table: pd.DataFrame, path: Path) -> None:
    writer = Chem.SDWriter(str(path))
    for record in table.to_dict("records"):
        molecule = Chem.MolFromSmiles(record["smiles"])
        rdDepictor.Compute2DCoords(molecule)
        molecule.SetProp("_Name", _one_line(record["id"]))
        for key, value in record.items():
            if pd.isna(value):
                continue
            shown = f"{value:.4f}" if isinstance(value, float) else _one_line(value)
            molecule.SetProp(str(key), shown)
        writer.write(molecule)
    writer.close()


def _one_line(value: object) -> str:
    """Return a text that is one line and does not end its record."""
    text = " ".join(str(value).split())
    return f"'{text}" if text.startswith("$$$$") else text
