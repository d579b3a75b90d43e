"""Versions of the data: a table as a git revision knows it, and what changed between two."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd


@dataclass(frozen=True)
class Version:
    """One version of one table.

    Attributes
    ----------
    name : str
        The git revision, or ``workspace``.
    md5 : str
        Of the file's bytes: the hash by which DVC and the runs in MLflow know it.
    table : pandas.DataFrame
        Columns `row`, `smiles`, `IE`, `EA` and whatever else that version has.
    """

    name: str
    md5: str
    table: pd.DataFrame
