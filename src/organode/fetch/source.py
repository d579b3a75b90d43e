"""A source's table, with what is known of where it comes from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import pandas as pd

AffinitySign = Literal["neutral-minus-anion", "anion-minus-neutral"]
Reference = Literal["absolute", "li", "unknown"]


@dataclass(frozen=True)
class Provenance:
    """Where a table comes from.

    Attributes
    ----------
    source : str
        `fetch.source`.
    query : dict
        What was asked for: path and columns of a file; address, parameters and database version
        of an interface. Never a key.
    time : str
        When, ISO 8601 in UTC.
    rows : int
        Rows of the source, readable or not.
    sha256 : str
        Of the bytes of a local file, as it lies there; of the records that an interface sent.
    affinity_sign : str
        What the source's EA meant; the table's is always E(neutral) − E(anion).
    reference : str
        Zero of the source's energies: ``absolute`` (vacuum), ``li`` (Li/Li+) or ``unknown``.
        The table's energies have the same zero: nothing is shifted here.
    level_of_theory, licence, citation : str
        Free text.
    """

    source: str
    query: dict[str, Any]
    time: str
    rows: int
    sha256: str
    affinity_sign: AffinitySign
    reference: Reference
    level_of_theory: str
    licence: str
    citation: str


@dataclass(frozen=True)
class Raw:
    """A source's table, every row of it.

    Attributes
    ----------
    table : pandas.DataFrame
        Columns `RAW_COLUMNS`: `row` (0-based row of the source), `smiles` (text, null where the
        source has none), `IE` and `EA` (eV, NaN where the source has no number), `problem` (why
        the row cannot be read; null where it can), `unread` (label cells that hold something else
        than a number; null where there are none); also `reference` (text) where
        `curate.reference` names a column of the file.
    provenance : Provenance
        Where it comes from.
    """

    table: pd.DataFrame
    provenance: Provenance
