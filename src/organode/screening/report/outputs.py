"""Tables of a screening's candidates: CSV, Parquet and SDF."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import pandas as pd
from rdkit import Chem
from rdkit.Chem import rdDepictor

from organode.library.chunk import own_names
from organode.screening.columns import CANDIDATES, GIVEN
from organode.screening.result import ScreenResult
from organode.utils.growing import DECIMALS
from organode.utils.tables import write_csv, write_table


def write_tables(result: ScreenResult, folder: Path) -> None:
    """Write candidates as CSV, Parquet and SDF; pairs and verified candidates if there are any."""
    place = CANDIDATES.index(GIVEN[-1]) + 1
    order = [*CANDIDATES[:place], *result.own_columns, *CANDIDATES[place:]]
    table = pd.concat(result.candidates.values(), ignore_index=True)[order]
    write_table(table, folder / "candidates.parquet")
    write_csv(table, folder / "candidates.csv", decimals=DECIMALS)
    for name, rows in (("pairs", result.pairs), ("verified", result.verified)):
        if rows is not None:
            write_csv(rows, folder / f"{name}.csv", decimals=DECIMALS)
    write_sdf(table, set(result.own_columns), folder / "candidates.sdf")


def write_sdf(table: pd.DataFrame, own: set[str], path: Path) -> None:
    """Write molecules with all columns of a table as data items.

    Parameters
    ----------
    table : pandas.DataFrame
        With `structure` (SMILES) and `id`, the title.
    own : set of str
        Columns that come from the library: values as they are, names that SDF cannot hold changed.
    path : Path
        The SDF.
    """
    names = _item_names(list(table.columns), own)
    writer = Chem.SDWriter(str(path))
    for record in table.to_dict("records"):
        molecule = Chem.MolFromSmiles(record["structure"])
        rdDepictor.Compute2DCoords(molecule)
        molecule.SetProp("_Name", _single_line(record["id"]))
        for key, value in record.items():
            if pd.isna(value):
                continue
            is_rounded = isinstance(value, float) and key not in own
            text = f"{value:.{DECIMALS}f}" if is_rounded else _single_line(value)
            molecule.SetProp(names[str(key)], text)
        writer.write(molecule)
    writer.close()


def _item_names(columns: Sequence[str], own: set[str]) -> dict[str, str]:
    """Return the name of each column's data item.

    Own columns' names lose angle brackets, line ends and leading underscores (RDKit reserves those,
    `_Name` for the title). Names that become equal get `_given` appended.
    """
    from_library = [name for name in columns if name in own]
    plain = [
        re.sub(r"[<>\s]+", " ", name).strip().lstrip("_ ") or "column" for name in from_library
    ]
    others = [name for name in columns if name not in own]
    names = [*others, *own_names(plain, others)]
    return dict(zip([*others, *from_library], names, strict=True))


def _single_line(value: object) -> str:
    """Return a text as a single line that neither ends its record nor begins another item."""
    text = " ".join(str(value).split())
    return f"'{text}" if re.match(r"\$\$\$\$|>.*<.+>", text) else text
