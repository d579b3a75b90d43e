"""Define a version of a table of labelled molecules, with its name and checksum."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd


@dataclass(frozen=True)
class Version:
    """One version of a table of labelled molecules.

    Attributes
    ----------
    name : str
        The git revision, or ``workspace`` for the present file.
    md5 : str
        MD5 of the file's bytes, by which DVC and the runs in MLflow identify this version.
    table : pandas.DataFrame
        Columns `row`, `smiles`, `IE`, `EA` and any others that this version has.
    """

    name: str
    md5: str
    table: pd.DataFrame
