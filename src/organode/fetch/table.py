"""Build the table of IE and EA, with typed columns, from the cells of a source."""

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
    """Build the table of IE and EA from the columns of a source, with all of the source's rows.

    Parameters
    ----------
    smiles, IE, EA : iterable
        The source's cells, column by column, all of the same length; energies in eV. A cell may be
        of any type. SMILES that are not text, and energies that are not numbers, become missing
        values.
    sign : {'neutral-minus-anion', 'anion-minus-neutral'}
        Sign convention of the source's EA.
    problems : iterable of str, optional
        For each row, why it cannot be read; empty if it can.

    Returns
    -------
    pandas.DataFrame
        The columns `organode.artifacts.RAW_COLUMNS`, which `organode.fetch.source.Raw` explains: a
        row number from 0, SMILES, IE and EA (eV, EA as E(neutral) − E(anion)), and two texts on
        what cannot be read.
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
    """Return the current time, ISO 8601 in UTC."""
    return datetime.now(UTC).isoformat(timespec="seconds")
