"""SDF: structures with data items."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pandas as pd
from rdkit import Chem, rdBase

from organode.errors import UsageError
from organode.tablefile.columns import Wanted

_ITEM = re.compile(r"^>[^<\n]*<([^>\n]+)>.*\n(.*)", re.MULTILINE)


def read_sdf(path: Path, content: bytes, wanted: Wanted) -> pd.DataFrame:
    """Read an SDF: SMILES from the mol blocks, the rest from the data items.

    Records are cut at ``$$$$`` here rather than by RDKit, which drops the data of a record whose
    structure it cannot read, and may lose the start of the next.

    Parameters
    ----------
    path, content
        As in `organode.tablefile.delimited.read_delimited`.
    wanted : Wanted
        Its `smiles` is not looked at: the structure is in the mol block.

    Returns
    -------
    pandas.DataFrame
        One row a record, columns as in `wanted.names`; a structure that RDKit cannot read is
        null.

    Raises
    ------
    UsageError
        If it is no SDF, or a wanted data item is in none of its records.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("latin-1")
    text = text.replace("\r\n", "\n")
    if not re.search(r"^M  END", text, re.MULTILINE):
        raise UsageError(f"{path} is not an SDF (it has no line 'M  END'): write it again")
    records = re.split(r"^\$\$\$\$.*\n?", text, flags=re.MULTILINE)
    if not records[-1].strip():
        records.pop()
    read = [read_record(record) for record in records]
    items = [item for _, item in read]
    labels = {key: name for key, name in wanted.names.items() if key != "smiles"}
    present = list(dict.fromkeys(name for item in items for name in item))
    found = replace(wanted, names=labels).found(path, present)
    cells = {key: [item.get(name) for item in items] for key, name in found.items()}
    return pd.DataFrame({"smiles": [smiles for smiles, _ in read]} | cells)


def read_record(record: str) -> tuple[str | None, dict[str, str]]:
    """Return one record's SMILES, or None if its structure cannot be read, and its data items."""
    with rdBase.BlockLogs():  # a bad structure is the row's matter, not the terminal's
        molecule = Chem.MolFromMolBlock(record)
    smiles = None if molecule is None else Chem.MolToSmiles(molecule)
    return smiles, {name.strip(): value.strip() for name, value in _ITEM.findall(record)}
