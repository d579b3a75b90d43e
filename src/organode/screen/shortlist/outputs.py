"""The tables of a screening's candidates: CSV, Parquet and SDF."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd
from rdkit import Chem
from rdkit.Chem import rdDepictor

from organode.library.chunk import own_names
from organode.screen.criteria.lasting import COLUMNS as LASTING
from organode.screen.criteria.properties import COLUMNS
from organode.utils.growing import DECIMALS
from organode.utils.tables import write_csv, write_table

GIVEN = ("row", "id", "smiles")
ORDER = (
    "electrode", "role", "rank", "pick", "front", "score", *GIVEN, "structure", "note",
    "E_ox", "E_ox_lower", "E_ox_upper", "E_ox_remark",
    "E_red", "E_red_lower", "E_red_upper", "E_red_remark",
    "E_ox2", "E_ox2_lower", "E_ox2_upper", "E_ox2_remark",
    "E_red2", "E_red2_lower", "E_red2_upper", "E_red2_remark",
    "P_ox", "P_red", "P_ox2", "P_red2", "P_inside", *LASTING, *COLUMNS,
    "IE_in_domain", "IE_remark", "EA_in_domain", "EA_remark",
    "IE", "IE_lower", "IE_upper", "EA", "EA_lower", "EA_upper", "E_ox_computed", "E_red_computed",
)  # fmt: skip


def write(
    chosen: Mapping[str, pd.DataFrame],
    own: Sequence[str],
    pairs: pd.DataFrame | None,
    verified: pd.DataFrame | None,
    folder: Path,
) -> None:
    """Write `candidates.csv`, `.parquet`, `.sdf`; `pairs.csv` and `verified.csv` if there are any.

    Parameters
    ----------
    chosen : mapping of str to pandas.DataFrame
        Of each listed role, as `ranked` returns them.
    own : sequence of str
        Those of their columns that are the library's own.
    pairs, verified : pandas.DataFrame or None
        As `best_pairs` and `verify` return them.
    folder : Path
        Where the files go.
    """
    place = ORDER.index(GIVEN[-1]) + 1
    order = [*ORDER[:place], *own, *ORDER[place:]]
    table = pd.concat(chosen.values(), ignore_index=True)[order]
    write_table(table, folder / "candidates.parquet")
    write_csv(table, folder / "candidates.csv", decimals=DECIMALS)
    if pairs is not None:
        write_csv(pairs, folder / "pairs.csv", decimals=DECIMALS)
    if verified is not None:
        write_csv(verified, folder / "verified.csv", decimals=DECIMALS)
    _sdf(table, set(own), folder / "candidates.sdf")


def _sdf(table: pd.DataFrame, own: set[str], path: Path) -> None:
    items = _items(list(table.columns), own)
    writer = Chem.SDWriter(str(path))
    for record in table.to_dict("records"):
        molecule = Chem.MolFromSmiles(record["structure"])
        rdDepictor.Compute2DCoords(molecule)
        molecule.SetProp("_Name", _one_line(record["id"]))
        for key, value in record.items():
            if pd.isna(value):
                continue
            is_ours = isinstance(value, float) and key not in own
            shown = f"{value:.{DECIMALS}f}" if is_ours else _one_line(value)
            molecule.SetProp(items[str(key)], shown)
        writer.write(molecule)
    writer.close()


def _items(columns: Sequence[str], own: set[str]) -> dict[str, str]:
    """Return the name of each column's data item.

    It holds no angle bracket or line end, and begins with no underscore: RDKit keeps such names to
    itself, `_Name` for the title. Names that become the same get `_given` behind them.
    """
    theirs = [name for name in columns if name in own]
    plain = [re.sub(r"[<>\s]+", " ", name).strip().lstrip("_ ") or "column" for name in theirs]
    ours = [name for name in columns if name not in own]
    return dict(zip([*ours, *theirs], [*ours, *own_names(plain, ours)], strict=True))


def _one_line(value: object) -> str:
    """Return a text that is one line and neither ends its record nor begins another item."""
    text = " ".join(str(value).split())
    return f"'{text}" if re.match(r"\$\$\$\$|>.*<.+>", text) else text
