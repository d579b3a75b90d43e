"""A source's table and its provenance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import pandas as pd

AffinitySign = Literal["neutral-minus-anion", "anion-minus-neutral"]
Reference = Literal["absolute", "li", "unknown"]


@dataclass(frozen=True)
class Provenance:
    """Provenance of a table: source, meaning of its numbers, licence.

    Attributes
    ----------
    source : str
        `fetch.source`.
    query : dict
        Path and columns of a file; address, parameters and database version of an API. Never a
        key.
    time : str
        Time of reading, ISO 8601 in UTC.
    rows : int
        Number of rows of the source, readable or not.
    sha256 : str
        Of the bytes of a local file, or of the records that an API sent.
    affinity_sign : str
        Sign convention of the source's EA; the table's is always E(neutral) − E(anion).
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
    """A source's table with all of its rows.

    Attributes
    ----------
    table : pandas.DataFrame
        Columns `RAW_COLUMNS`: `row` (0-based row of the source), `smiles` (text, null where the
        source has none), `IE` and `EA` (eV, NaN where the source has no number), `problem` (why
        the row cannot be read; null where it can), `unread` (label cells that are not numbers;
        null where there are none); also `reference` (text) where `curate.reference` names a
        column of the file.
    provenance : Provenance
        Its provenance.
    """

    table: pd.DataFrame
    provenance: Provenance
