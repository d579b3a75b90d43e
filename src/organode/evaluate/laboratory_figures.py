"""Figures of potentials predicted by the laboratory scale against measured potentials.

The laboratory scale is the model that turns predicted energies into potentials.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from organode.electrochemistry.references import FC
from organode.electrochemistry.scale.potential import POTENTIALS
from organode.utils.report.figures import BLUE, GREY, ORANGE, save, subplots

ALONE = 5  # rows that a family needs for its own panel
PANELS = 15  # of single families, at most; all other families share one more
COLUMNS = 4  # of panels
FEWEST = 3  # rows of a family whose bias is shown
REST = "all other families"
LEFT_OUT = "each family predicted without it"


def parity(target: str, table: pd.DataFrame, level: float, path: Path) -> None:
    """Draw predicted against measured potentials with their intervals, a panel for each family.

    Parameters
    ----------
    target : str
        ``IE`` or ``EA``.
    table : pandas.DataFrame
        Columns `family`; `reversible` (``no`` for an irreversible wave); `measured` (potential);
        `left_out` (prediction by a fit without the family); `lower` and `upper` (ends of the
        interval of the prediction). Potentials are in V vs Fc/Fc⁺.
    level : float
        Nominal coverage of the intervals, such as 0.95.
    path : Path
        PNG to write.
    """
    sizes = table["family"].value_counts()
    large = sizes[sizes >= ALONE].index[:PANELS].tolist()
    names = table["family"].where(table["family"].isin(large), REST)
    panels = [name for name in (*large, REST) if (names == name).any()]
    lines = -(-len(panels) // COLUMNS)
    figure, axes = subplots(
        lines, COLUMNS, (3.4 * COLUMNS, 3.1 * lines + 0.6), sharex=True, sharey=True
    )
    ends = [table["measured"].min() - 0.2, table["measured"].max() + 0.2]
    for axis, name in zip(axes, panels, strict=False):
        part = table[names == name]
        axis.plot(ends, ends, color=GREY, lw=1)
        for rows, colour in (
            (part[part["reversible"] != "no"], BLUE),
            (part[part["reversible"] == "no"], ORANGE),
        ):
            reach = np.abs(rows[["lower", "upper"]].to_numpy().T - rows["left_out"].to_numpy())
            reach = np.where(np.isfinite(reach), reach, np.nan)
            axis.errorbar(
                rows["measured"], rows["left_out"], yerr=reach, fmt="o", ms=3, lw=0.6, color=colour
            )
        inside = part["measured"].between(part["lower"], part["upper"]).sum()
        axis.set_title(f"{name}: {inside} of {len(part)} inside", fontsize=9)
    for axis in axes[len(panels) :]:
        axis.set_visible(False)
    for axis in axes[max(len(panels) - COLUMNS, 0) :]:  # the lowest panels
        axis.tick_params(labelbottom=True)
    axes[0].set_xlim(ends)
    figure.supxlabel(f"measured {POTENTIALS[target]} / V vs {FC} (orange: irreversible wave)")
    figure.supylabel(f"predicted, with its {level:.0%} interval / V vs {FC}")
    figure.suptitle(f"{POTENTIALS[target]}, n = {len(table)}: {LEFT_OUT}")
    save(figure, path)


def families(target: str, groups: pd.DataFrame, level: float, path: Path) -> None:
    """Draw error, bias and coverage of each family of molecules, predicted by a fit without it.

    Parameters
    ----------
    target : str
        ``IE`` or ``EA``.
    groups : pandas.DataFrame
        Columns `family`, `n` (number of rows), `mae`, `bias` (median of predicted − measured) and
        `half_width` (median half-width of the interval), in V, and `covered` (share of measured
        potentials inside their interval).
    level : float
        Nominal coverage of the intervals, such as 0.95.
    path : Path
        PNG to write.
    """
    shown = groups[groups["n"] >= FEWEST]
    figure, (widths, bias, covered) = subplots(
        1, 3, (13, 0.3 * len(shown) + 2.2), sharey=True, width_ratios=[1.4, 1, 1]
    )
    place = np.arange(len(shown))
    names = [f"{name}  (n = {n})" for name, n in zip(shown["family"], shown["n"], strict=True)]
    widths.barh(
        place, shown["half_width"], color=GREY, label=f"half-width of the {level:.0%} interval"
    )
    widths.barh(place, shown["mae"], color=BLUE, height=0.5, label="MAE")
    widths.set_yticks(place, names)
    widths.invert_yaxis()
    widths.set_xlabel("V")
    widths.legend(frameon=False, fontsize=8, loc="lower left", bbox_to_anchor=(0, 1), ncols=2)
    bias.axvline(0, color=GREY, lw=1)
    bias.plot(shown["bias"], place, "o", color=BLUE)
    bias.set_xlabel("median of predicted − measured / V")
    covered.axvline(level, color=ORANGE, lw=1.2)
    # Two standard deviations of the share among n rows if the true coverage is `level`.
    sampling = 2 * np.sqrt(level * (1 - level) / shown["n"])
    covered.errorbar(shown["covered"], place, xerr=sampling, fmt="o", color=BLUE, capsize=2)
    covered.set_xlim(right=1.02)
    covered.set_xlabel(f"measured inside their {level:.0%} interval")
    figure.suptitle(f"{POTENTIALS[target]} by family of {FEWEST} rows or more: {LEFT_OUT}")
    save(figure, path)
