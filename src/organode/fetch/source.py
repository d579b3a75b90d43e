"""The table of IE and EA that a source yields, and its provenance."""

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
        The source in the setting `fetch.source`: ``embedded``, ``file``, ``materials-project`` or
        ``mpcules``.
    query : dict
        For a file, `path` and `columns`; for an API, among others its address, the query parameters
        and the version of the database. Never the user's key.
    time : str
        Time when the source was read, ISO 8601 in UTC.
    rows : int
        Number of rows of the source, readable or not.
    sha256 : str
        SHA-256 of the bytes of a local file, or of the records that an API sent.
    affinity_sign : str
        Sign of EA in the source: ``neutral-minus-anion`` or ``anion-minus-neutral``. In the table
        it is always E(neutral) − E(anion).
    reference : str
        What the source's energies are relative to: ``absolute`` (vacuum), ``li`` (Li/Li+) or
        ``unknown``. The table's energies have the same reference: nothing is shifted here.
    level_of_theory, licence, citation : str
        How the energies were computed, and the licence and the citation of the source: free text.
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
        The columns `organode.artifacts.RAW_COLUMNS`: `row` (0-based row of the source), `smiles`
        (text, null where the source has none), `IE` and `EA` (eV, NaN where the source has no
        number), `problem` (why the row cannot be read; null where it can), `unread` (a text that
        quotes cells of IE or EA that are not numbers; null where there are none). There is also
        `reference` (text: what the row's energies are relative to) if the setting
        `curate.reference` names a column of the file.
    provenance : Provenance
        Where the table comes from, and what its numbers mean.
    """

    table: pd.DataFrame
    provenance: Provenance
