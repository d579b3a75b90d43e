"""Define what a source of labelled molecules yields: a table of IE and EA, and its provenance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import pandas as pd

AffinitySign = Literal["neutral-minus-anion", "anion-minus-neutral"]
Reference = Literal["absolute", "li", "unknown"]


@dataclass(frozen=True)
class Provenance:
    """Provenance of a table of IE and EA: its source, the meaning of its numbers, its licence.

    Attributes
    ----------
    source : str
        Name of the source in the setting `fetch.source`: ``embedded``, ``file``,
        ``materials-project`` or ``mpcules``.
    query : dict
        For a file, `path` and `columns`. For an API, among others the address, the query parameters
        and the version of the database; the user's API key is not included.
    time : str
        Time when the source was read, ISO 8601 in UTC.
    rows : int
        Number of rows of the source, including rows that cannot be read.
    sha256 : str
        SHA-256, in hexadecimal, of the bytes of a local file, or of the records that an API sent.
    affinity_sign : str
        Sign of EA in the source: ``neutral-minus-anion`` or ``anion-minus-neutral``. In the table,
        EA is always E(neutral) − E(anion).
    reference : str
        The zero of the source's energies: ``absolute`` (vacuum), ``li`` (Li/Li+ electrode) or
        ``unknown``. The table's energies have the same zero as the source's.
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
    """Table of IE and EA with all rows of a source of labelled molecules, before curation.

    Attributes
    ----------
    table : pandas.DataFrame
        The columns are: `row` (number of the row in the source, from 0), `smiles` (text, null where
        the source has none), `IE` and `EA` (eV, NaN where the source has no number), `problem` (why
        the row cannot be read; null if the row can be read), and `unread` (a text that quotes the
        row's cells of IE or EA that are not numbers; null if there are no such cells). If the
        setting `curate.reference` names a column of the file, there is also the column `reference`
        (text: the zero of the row's energies, vacuum or Li/Li+).
    provenance : Provenance
        Where the table comes from, and what its numbers mean.
    """

    table: pd.DataFrame
    provenance: Provenance
