"""From a source's cells, whatever they hold, to the typed table of the stage."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd

from organode.fetch import COLUMNS, AffinitySign


def make_table(
    smiles: Iterable[Any], IE: Iterable[Any], EA: Iterable[Any], sign: AffinitySign
) -> pd.DataFrame:
    """Build the table of one source, one row for each of its rows.

    Parameters
    ----------
    smiles, IE, EA : iterable
        The source's cells, equally many; energies in eV.
    sign : {'neutral-minus-anion', 'anion-minus-neutral'}
        What the source's EA means.

    Returns
    -------
    pandas.DataFrame
        Columns `organode.fetch.COLUMNS`; EA is E(neutral) − E(anion).
    """
    texts = [(cell.strip() or None) if isinstance(cell, str) else None for cell in smiles]
    affinity = _numbers(EA)
    if sign == "anion-minus-neutral":
        affinity = 0.0 - affinity  # not -affinity, which makes 0 a -0
    columns = [
        np.arange(len(texts), dtype=np.int64),
        pd.array(texts, dtype="string"),
        _numbers(IE),
        affinity,
    ]
    return pd.DataFrame(dict(zip(COLUMNS, columns, strict=True)))


def now() -> str:
    """Return the time, ISO 8601 in UTC."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def _numbers(cells: Iterable[Any]) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Return finite numbers, NaN for every other cell."""
    column = cells if isinstance(cells, pd.Series) else pd.Series(list(cells), dtype=object)
    if column.dtype == bool or not pd.api.types.is_numeric_dtype(column):
        column = pd.Series([_plain(cell) for cell in column], dtype=object)
    values = pd.to_numeric(column, errors="coerce").to_numpy(np.float64, na_value=np.nan)
    return np.where(np.isfinite(values), values, np.nan)


def _plain(cell: Any) -> Any:
    # to_numeric would take True for 1 and stumble over a list.
    if isinstance(cell, Decimal):
        return float(cell)
    return None if isinstance(cell, bool) or not isinstance(cell, str | int | float) else cell
