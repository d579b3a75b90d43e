"""Which molecules are candidates, and why the others are not.

Candidates are chosen on the laboratory scale: potentials as a voltammogram shows them, against
limits as they were measured. The thesis's rule, on the computed scale, stands beside it and can be
asked for.
"""

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
class ThesisRule:
    """The thesis's rule: one error bar for all molecules, on the computed scale, V vs Li/Li+.

    Attributes
    ----------
    absolute_li : float
        Absolute potential of Li/Li+ in V, which is taken off IE and EA.
    low, high : float
        Ends of the window.
    positive_above, negative_below : float
        From where a positive, up to where a negative electrode is of interest.
    margin_ox, margin_red : float
        The error bar of each potential in V: MAE + `evaluate.margin_sd` SD of the out-of-fold
        errors.
    """

    absolute_li: float
    low: float
    high: float
    positive_above: float
    negative_below: float
    margin_ox: float
    margin_red: float


@dataclass(frozen=True)
class Rule:
    """What a candidate has to satisfy, on the laboratory scale.

    Attributes
    ----------
    window : Window
        Of solvent and collectors; its reference electrode and solvent are those of all potentials.
    positive_above, negative_below : float
        From where a positive, up to where a negative electrode is of interest, V vs that
        reference.
    margin : {'interval', 'thesis'}
        Which rule decides: this one, whose error bar is each molecule's own interval, or `thesis`.
    level : float
        Of the intervals.
    in_domain : bool
        Only molecules inside the models' domain.
    thesis : ThesisRule
        What the report compares with.
    """

    window: Window
    positive_above: float
    negative_below: float
    margin: Margin
    level: float
    in_domain: bool
    thesis: ThesisRule


def computed(table: pd.DataFrame, rule: ThesisRule) -> pd.DataFrame:
    """Return potentials on the computed scale, V vs Li/Li+, one electron each.

    Parameters
    ----------
    table : pandas.DataFrame
        `IE` and `EA`, in eV.
    rule : ThesisRule
        Holds the absolute potential.

    Returns
    -------
    pandas.DataFrame
        `E_ox_computed` and `E_red_computed`, rows as in `table`.
    """
    return pd.DataFrame({
        "E_ox_computed": table["IE"] - rule.absolute_li,
        "E_red_computed": table["EA"] - rule.absolute_li,
    })  # fmt: skip


def decide(table: pd.DataFrame, rule: Rule) -> pd.DataFrame:
    """Say of each molecule and electrode whether it is a candidate, and if not, why.

    Parameters
    ----------
    table : pandas.DataFrame
        `E_ox` and `E_red` with `_lower` and `_upper`, V vs the rule's reference; `IE` and `EA`, eV;
        `IE_in_domain` and `EA_in_domain` if they are known; n rows that were predicted.
    rule : Rule
        Margins and limits.

    Returns
    -------
    pandas.DataFrame
        n rows: `positive_remark` and `negative_remark`, empty for a candidate; `by_interval_…` and
        `by_thesis_…`, what either rule selects where nothing else is asked for.
    """
    room = _room(table, rule)
    decided: dict[str, np.ndarray] = {}
    for electrode, way, target in zip(ELECTRODES, ("low", "high"), ("IE", "EA"), strict=True):
        within = {
            margin: {limit: volts >= 0 for limit, volts in limits.items()}
            for margin, limits in room[electrode].items()
        }
        mine = within[rule.margin]
        reasons = [
            (~mine["wanted"], NOT_WANTED.format(way)),
            (~mine["inside"], BEYOND),
            (~mine["error bar"], UNSURE),
        ]
        if rule.in_domain and f"{target}_in_domain" in table:
            reasons.append((~table[f"{target}_in_domain"].to_numpy(bool), OUT_OF_DOMAIN))
        decided[f"{electrode}_remark"] = np.select(
            [mask for mask, _ in reasons], [reason for _, reason in reasons], ""
        )
        for margin, limits in within.items():
            decided[f"by_{margin}_{electrode}"] = np.logical_and.reduce([*limits.values()])
    return pd.DataFrame(decided, index=table.index)


def slack(table: pd.DataFrame, rule: Rule) -> dict[str, np.ndarray]:
    """Return how far inside all limits each molecule is for each electrode, V, shape (n,).

    A negative one says by how much the limit that is missed most is missed. The domain is no limit
    of this kind. `table` is what `decide` takes.
    """
    return {
        electrode: np.minimum.reduce([*found[rule.margin].values()])
        for electrode, found in _room(table, rule).items()
    }


def _room(table: pd.DataFrame, rule: Rule) -> dict[str, dict[str, dict[str, np.ndarray]]]:
    """Return, by electrode, margin and limit, how far on the right side of it molecules are, V."""
    thesis = rule.thesis
    low, high = rule.window.low.volts, rule.window.high.volts
    ox, red = table["E_ox"].to_numpy(), table["E_red"].to_numpy()
    of_thesis = computed(table, thesis)
    old_ox, old_red = (of_thesis[name].to_numpy() for name in of_thesis)
    return {
        "positive": {
            "interval": {
                "wanted": ox - rule.positive_above,
                "inside": np.minimum(ox - low, high - ox),
                "error bar": high - table["E_ox_upper"].to_numpy(),
            },
            "thesis": {
                "wanted": old_ox - thesis.positive_above,
                "inside": np.minimum(old_ox - thesis.low, thesis.high - old_ox),
                "error bar": thesis.high - thesis.margin_ox - old_ox,
            },
        },
        "negative": {
            "interval": {
                "wanted": rule.negative_below - red,
                "inside": np.minimum(red - low, high - red),
                "error bar": table["E_red_lower"].to_numpy() - low,
            },
            "thesis": {
                "wanted": thesis.negative_below - old_red,
                "inside": np.minimum(old_red - thesis.low, thesis.high - old_red),
                "error bar": old_red - thesis.margin_red - thesis.low,
            },
        },
    }
