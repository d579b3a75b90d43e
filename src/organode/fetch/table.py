"""Build the table of IE and EA, with typed columns, from a source's untyped cells."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pandas as pd

from organode.artifacts import RAW_COLUMNS
from organode.fetch.numbers import read_numbers
from organode.fetch.source import AffinitySign


def make_table(
    smiles: Iterable[Any],
    IE: Iterable[Any],
    EA: Iterable[Any],
    sign: AffinitySign,
    problems: Iterable[str] | None = None,
) -> pd.DataFrame:
    """Build the table of IE and EA from the columns of a source, with all rows of the source.

    Parameters
    ----------
    smiles, IE, EA : iterable
        Three columns of the source, all of the same length; energies in eV. A cell may have any
        type. SMILES that are not text, and energies that are not numbers, become missing values.
    sign : {'neutral-minus-anion', 'anion-minus-neutral'}
        Sign convention of EA in the source.
    problems : iterable of str, optional
        For each row, the reason why the row cannot be read; an empty text if the row can be read.

    Returns
    -------
    pandas.DataFrame
        The columns are: row number from 0, SMILES, IE and EA (eV, EA as E(neutral) − E(anion)), the
        reason why a row cannot be read, and a text that quotes energies that are not numbers.
        `organode.fetch.source.Raw` describes each column.
    """
    texts = [(cell.strip() or None) if isinstance(cell, str) else None for cell in smiles]
    labels = {"IE": read_numbers(IE), "EA": read_numbers(EA)}
    affinity = labels["EA"].values
    if sign == "anion-minus-neutral":
        affinity = 0.0 - affinity  # not -affinity, which makes 0 a -0
    unread = [
        "; ".join(
            f"{name} '{column.unread[row]}' is not a number"
            for name, column in labels.items()
            if row in column.unread
        )
        for row in range(len(texts))
    ]
    columns = [
        np.arange(len(texts), dtype=np.int64),
        pd.array(texts, dtype="string"),
        labels["IE"].values,
        affinity,
        pd.array([text or None for text in problems or [""] * len(texts)], dtype="string"),
        pd.array([text or None for text in unread], dtype="string"),
    ]
    return pd.DataFrame(dict(zip(RAW_COLUMNS, columns, strict=True)))


def now() -> str:
    """Return the current time in UTC as text in ISO 8601 format, to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")
