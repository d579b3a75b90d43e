"""SMILES lists: one molecule a line, its name behind it."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from organode.errors import UsageError
from organode.tablefile.columns import Wanted


def read_smiles_list(path: Path, content: bytes, wanted: Wanted) -> pd.DataFrame:
    """Read a list without a header: a SMILES, white space, and optionally a name.

    Parameters
    ----------
    path, content
        As in `organode.tablefile.delimited.read_delimited`.
    wanted : Wanted
        Only `smiles` and `id` can be in such a list.

    Returns
    -------
    pandas.DataFrame
        One row a line: `smiles`, and `id` where it is wanted (a line's name, else empty).

    Raises
    ------
    UsageError
        If it is no text, or another column is wanted.
    """
    if b"\0" in content:
        raise UsageError(f"{path} is not a text file: save it as a SMILES list in UTF-8")
    missing = set(wanted.names) - {"smiles", "id"} - wanted.optional
    if missing:
        raise UsageError(
            f"{path} is a SMILES list and has no column {', '.join(sorted(missing))}: "
            "bring a CSV that has"
        )
    lines = content.decode("utf-8-sig", errors="replace").splitlines()
    parts = [line.split(None, 1) for line in lines]
    columns = {"smiles": [part[0] if part else "" for part in parts]}
    if "id" in wanted.names:
        columns["id"] = [part[1].strip() if len(part) > 1 else "" for part in parts]
    return pd.DataFrame(columns)
