"""The tables of a screening's candidates: CSV, Parquet and SDF."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pandas as pd
from rdkit import Chem
from rdkit.Chem import rdDepictor

from organode.chem import structure
from organode.screen.properties import COLUMNS
from organode.tables import write_table

FORMULA = ("=", "+", "-", "@", "\t", "\r")  # what a spreadsheet takes for the start of a formula
ORDER = (
    "electrode", "rank", "pick", "front", "score", "row", "id", "smiles", "note",
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

    In CSV, an id that a spreadsheet would run as a formula gets an apostrophe in front.
    """
    table = pd.concat(chosen.values(), ignore_index=True)[list(ORDER)]
    if verified is not None:
        _csv(verified, ["id"], folder / "verified.csv")
    write_table(table, folder / "candidates.parquet")
    _csv(table, ["id"], folder / "candidates.csv")
    _csv(pairs, ["positive", "negative"], folder / "pairs.csv")
    _sdf(table, folder / "candidates.sdf")


def _csv(table: pd.DataFrame, texts: list[str], path: Path) -> None:
    safe = table.assign(**{
        name: [f"'{text}" if str(text).startswith(FORMULA) else text for text in table[name]]
        for name in texts
    })  # fmt: skip
    safe.to_csv(path, index=False, float_format="%.4f")


def _sdf(table: pd.DataFrame, path: Path) -> None:
    writer = Chem.SDWriter(str(path))
    for record in table.to_dict("records"):
        molecule = Chem.Mol(structure(record["smiles"], flat=False)[0])
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
