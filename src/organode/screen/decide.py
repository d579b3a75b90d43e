"""Which molecules are candidates: the thesis's rule."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from organode.electrochemistry import Window


@dataclass(frozen=True)
class Rule:
    """What a candidate has to satisfy; potentials in V vs Li/Li+.

    Attributes
    ----------
    window : Window
        Of solvent and collector.
    absolute_li : float
        Absolute potential of Li/Li+ in V.
    margin_ox, margin_red : float
        Error bar of each potential in V: MAE + 2 SD of the out-of-fold errors.
    positive_above, negative_below : float
        From where a positive, up to where a negative electrode is of interest.
    """

    window: Window
    absolute_li: float
    margin_ox: float
    margin_red: float
    positive_above: float
    negative_below: float

    @property
    def highest(self) -> float:
        """Highest E_ox whose error bar still lies inside the window."""
        return self.window.high.volts - self.margin_ox

    @property
    def lowest(self) -> float:
        """Lowest E_red whose error bar still lies inside the window."""
        return self.window.low.volts + self.margin_red


def decide(table: pd.DataFrame, rule: Rule) -> pd.DataFrame:
    """Add potentials and the two decisions to predicted rows.

    One electron each: ``E_ox = IE − E_abs(Li/Li+)`` and ``E_red = EA − E_abs(Li/Li+)``.

    Parameters
    ----------
    table : pandas.DataFrame
        Columns `status`, `IE`, `EA` (eV).
    rule : Rule
        Margins and limits.

    Returns
    -------
    pandas.DataFrame
        The same rows with `E_ox`, `E_red` (V vs Li/Li+), `positive`, `negative` (bool) and
        `rank_positive`, `rank_negative` (from 1; highest E_ox first, lowest E_red first).
    """
    table = table.copy()
    ok = table["status"] == "ok"
    table["E_ox"] = table["IE"] - rule.absolute_li
    table["E_red"] = table["EA"] - rule.absolute_li
    table["positive"] = ok & table["E_ox"].between(rule.positive_above, rule.highest)
    table["negative"] = ok & table["E_red"].between(rule.lowest, rule.negative_below)
    for name, column, ascending in (("positive", "E_ox", False), ("negative", "E_red", True)):
        rank = table.loc[table[name], column].rank(method="first", ascending=ascending)
        table[f"rank_{name}"] = rank.reindex(table.index).astype("Int64")
    return table
