"""Which molecules are candidates, and why the others are not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from organode.electrochemistry import Window

ELECTRODES = ("positive", "negative")
Margin = Literal["interval", "thesis"]
# Why a molecule is no candidate; also the order in which it is said.
NOT_WANTED = "of no interest: potential too {}"
BEYOND = "outside the window"
UNSURE = "error bar reaches out of the window"
OUT_OF_DOMAIN = "outside the model's domain"


@dataclass(frozen=True)
class Rule:
    """What a candidate has to satisfy; potentials in V vs Li/Li+.

    Attributes
    ----------
    window : Window
        Of solvent and collectors.
    absolute_li : float
        Absolute potential of Li/Li+ in V.
    positive_above, negative_below : float
        From where a positive, up to where a negative electrode is of interest.
    margin : {'interval', 'thesis'}
        Which error bar has to be inside the window: each molecule's own interval, or one width for
        all, MAE + `evaluate.margin_sd` SD of the out-of-fold errors.
    level : float
        Of the intervals.
    thesis_ox, thesis_red : float
        That one width of each potential, in V.
    in_domain : bool
        Only molecules inside the models' domain.
    """

    window: Window
    absolute_li: float
    positive_above: float
    negative_below: float
    margin: Margin
    level: float
    thesis_ox: float
    thesis_red: float
    in_domain: bool

    def energies(self) -> tuple[float, float]:
        """Return the window as energies."""
        return (
            self.window.low.volts + self.absolute_li,
            self.window.high.volts + self.absolute_li,
        )


def potentials(table: pd.DataFrame, rule: Rule) -> pd.DataFrame:
    """Turn energies into potentials vs Li/Li+.

    One electron each: ``E_ox = IE − E_abs(Li/Li+)`` and ``E_red = EA − E_abs(Li/Li+)``.

    Parameters
    ----------
    table : pandas.DataFrame
        `IE`, `EA` and their `_lower` and `_upper`, in eV.
    rule : Rule
        Holds the absolute potential.

    Returns
    -------
    pandas.DataFrame
        `E_ox`, `E_red` and their `_lower` and `_upper`, in V, rows as in `table`.
    """
    return pd.DataFrame({
        f"{potential}{end}": table[f"{energy}{end}"] - rule.absolute_li
        for energy, potential in (("IE", "E_ox"), ("EA", "E_red"))
        for end in ("", "_lower", "_upper")
    })  # fmt: skip


def decide(table: pd.DataFrame, rule: Rule) -> pd.DataFrame:
    """Say of each molecule and electrode whether it is a candidate, and if not, why.

    Parameters
    ----------
    table : pandas.DataFrame
        What `potentials` returns, and `IE_in_domain` and `EA_in_domain` if they are known; n rows
        that were predicted.
    rule : Rule
        Margins and limits.

    Returns
    -------
    pandas.DataFrame
        n rows: `positive_remark` and `negative_remark`, empty for a candidate; `by_interval_…` and
        `by_thesis_…`, what either margin selects where nothing else is asked for.
    """
    found = _distances(table, rule)
    decided: dict[str, np.ndarray] = {}
    for electrode, way, target in zip(ELECTRODES, ("low", "high"), ("IE", "EA"), strict=True):
        within = {name: volts >= 0 for name, volts in found[electrode].items()}
        reasons = [
            (~within["wanted"], NOT_WANTED.format(way)),
            (~within["inside"], BEYOND),
            (~within[rule.margin], UNSURE),
        ]
        if rule.in_domain and f"{target}_in_domain" in table:
            reasons.append((~table[f"{target}_in_domain"].to_numpy(bool), OUT_OF_DOMAIN))
        decided[f"{electrode}_remark"] = np.select(
            [mask for mask, _ in reasons], [reason for _, reason in reasons], ""
        )
        for margin in ("interval", "thesis"):
            selected = within[margin] & within["wanted"] & within["inside"]
            decided[f"by_{margin}_{electrode}"] = selected
    return pd.DataFrame(decided, index=table.index)


def slack(table: pd.DataFrame, rule: Rule) -> dict[str, np.ndarray]:
    """Return how far inside all limits each molecule is for each electrode, V, shape (n,).

    A negative one says by how much the limit that is missed most is missed. The domain is no limit
    of this kind. `table` is what `potentials` returns.
    """
    return {
        electrode: np.minimum.reduce([found["wanted"], found["inside"], found[rule.margin]])
        for electrode, found in _distances(table, rule).items()
    }


def _distances(table: pd.DataFrame, rule: Rule) -> dict[str, dict[str, np.ndarray]]:
    """Return, for each electrode and limit, how far on the right side of it molecules are, in V."""
    low, high = rule.window.low.volts, rule.window.high.volts
    ox, red = table["E_ox"].to_numpy(), table["E_red"].to_numpy()
    return {
        "positive": {
            "wanted": ox - rule.positive_above,
            "inside": np.minimum(ox - low, high - ox),
            "interval": high - table["E_ox_upper"].to_numpy(),
            "thesis": high - rule.thesis_ox - ox,
        },
        "negative": {
            "wanted": rule.negative_below - red,
            "inside": np.minimum(red - low, high - red),
            "interval": table["E_red_lower"].to_numpy() - low,
            "thesis": red - rule.thesis_red - low,
        },
    }
