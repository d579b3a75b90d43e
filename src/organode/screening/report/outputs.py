"""Write the tables of a screening's candidates as CSV, Parquet and SDF."""

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
    """Write the files of candidates, of pairs and of verified candidates into a folder.

    The candidates are written to candidates.csv, candidates.parquet and candidates.sdf. Pairs,
    which are cells of two candidates, are written to pairs.csv, and candidates that were computed
    by quantum chemistry to verified.csv, if the result has such tables.
    """
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
    """Write the molecules of a table to an SDF file, with all columns of the table as data items.

    Parameters
    ----------
    table : pandas.DataFrame
        A row for each molecule, with the columns `structure` (SMILES) and `id`, which becomes the
        title of the molecule.
    own : set of str
        Names of the columns that come from the library's files. Numbers in these columns are not
        rounded. A column name that SDF cannot hold is changed.
    path : Path
        The SDF file to write.
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
    """Return, for each column of a table, the name of its data item in an SDF file.

    Names of columns that come from the library's files lose angle brackets, line ends and leading
    underscores, which RDKit reserves (`_Name` is the title). If another column has the resulting
    name, ``_given`` is appended.

    Parameters
    ----------
    columns : sequence of str
        Names of all columns.
    own : set of str
        Names of the columns that come from the library's files.
    """
    from_library = [name for name in columns if name in own]
    plain = [
        re.sub(r"[<>\s]+", " ", name).strip().lstrip("_ ") or "column" for name in from_library
    ]
    others = [name for name in columns if name not in own]
    names = [*others, *own_names(plain, others)]
    return dict(zip([*others, *from_library], names, strict=True))


def _single_line(value: object) -> str:
    """Return a value as a single line of text that is safe in an SDF file.

    A text that would end the record or begin another data item gets an apostrophe in front.
    """
    text = " ".join(str(value).split())
    return f"'{text}" if re.match(r"\$\$\$\$|>.*<.+>", text) else text
