"""The two screening maps: how many molecules at which potential, and what the window leaves."""

from __future__ import annotations

import io

import matplotlib as mpl
import numpy as np
import pandas as pd

from organode.screen.decide import Rule

BLUE, GREEN, RED, GREY = "#8fb3cf", "#2f855a", "#c05621", "#6b7280"


def draw_map(table: pd.DataFrame, rule: Rule, electrode: str) -> str:
    """Draw one map as SVG.

    Parameters
    ----------
    table : pandas.DataFrame
        What `decide` returned.
    rule : Rule
        Whose limits are marked.
    electrode : str
        ``positive`` or ``negative``.

    Returns
    -------
    str
        An ``<svg>`` element; the same data give the same text.
    """
    from matplotlib.figure import Figure  # no pyplot: nothing global, no display

    positive = electrode == "positive"
    column = "E_ox" if positive else "E_red"
    known = table.loc[table["status"] == "ok", column].to_list()
    chosen = table.loc[table[electrode], column].to_list()
    limit = rule.window.high.volts if positive else rule.window.low.volts
    usable = rule.highest if positive else rule.lowest
    wanted = rule.positive_above if positive else rule.negative_below
    # Of a library without one usable row only the limits are drawn.
    span = np.quantile(known, [0.002, 0.998]) if known else ()
    reach = np.array([*span, limit, usable, wanted])
    edges = np.linspace(reach.min() - 0.2, reach.max() + 0.2, 90).tolist()

    # A fixed salt and no date: SVG identifiers are random otherwise.
    with mpl.rc_context({"svg.hashsalt": "organode", "svg.fonttype": "none", "font.size": 10}):
        figure = Figure(figsize=(8.2, 3.8), layout="constrained")
        axis = figure.subplots()
        axis.hist(known, edges, color=BLUE, label=f"library ({len(known):,})")
        axis.hist(chosen, edges, color=GREEN, label=f"candidates ({len(chosen):,})")
        axis.axvline(limit, color=RED, lw=1.6, label=f"window: {limit:.2f} V")
        axis.axvline(
            usable, color=RED, lw=1.6, ls="--", label=f"window less error bar: {usable:.2f} V"
        )
        axis.axvline(wanted, color=GREY, lw=1.2, ls=":", label=f"of interest: {wanted:.2f} V")
        axis.axvspan(*sorted((limit, usable)), color=RED, alpha=0.10, lw=0)
        name = "E_ox = IE − E_abs(Li/Li⁺)" if positive else "E_red = EA − E_abs(Li/Li⁺)"
        axis.set_xlabel(f"{name}  /  V vs Li/Li⁺")
        axis.set_ylabel("molecules")
        axis.set_xlim(edges[0], edges[-1])
        axis.spines[["top", "right"]].set_visible(False)
        figure.legend(loc="outside lower center", ncols=3, frameon=False, fontsize=9)
        stream = io.StringIO()
        figure.savefig(stream, format="svg", metadata={"Date": None, "Creator": None})
    text = stream.getvalue()
    return text[text.index("<svg") :]
