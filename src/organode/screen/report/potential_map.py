"""The screening's maps: how many molecules at which potential, and what the window leaves."""

from __future__ import annotations

import io

import numpy as np
import pandas as pd
from matplotlib import style
from matplotlib.figure import Figure  # no pyplot: nothing global, no display
from rdkit import Chem
from rdkit.Chem import rdMolDescriptors

from organode.electrochemistry import Limit
from organode.electrochemistry.cells import N, P
from organode.electrochemistry.stability import CAUTION, FATAL, FINE, verdict
from organode.screen.criteria.decide import POTENTIALS, Rule
from organode.screen.criteria.lasting import SIDES
from organode.screen.criteria.measured import Known
from organode.screen.criteria.properties import FARADAY_MAH
from organode.screen.engine.chunk import Aim
from organode.screen.shortlist.merge import COARSE, EDGES, Merged

BLUE, GREEN, RED, GREY = "#8fb3cf", "#2f855a", "#c05621", "#6b7280"
# The default, whatever another library has set; a fixed salt and no date, as SVG identifiers are
# random otherwise.
INK = "#1c2530"
TIERS = {FINE: GREEN, CAUTION: "#d69e2e", FATAL: RED}
SIZE = (6.0, 3.9)  # inches; on a phone's screen its letters are still read
NAMED, LONGEST = 9, 28  # measured molecules with their names, of so many letters
STYLE = ["default", {"svg.hashsalt": "organode", "svg.fonttype": "none", "font.size": 10}]


def draw_map(merged: Merged, rule: Rule, role: str, unit: str) -> str:
    """Draw how many molecules have which potential, as SVG.

    Parameters
    ----------
    merged : Merged
        Counts of the whole library.
    rule : Rule
        Whose limits are marked.
    role : str
        One that the cell has a use for.
    unit : str
        Of its potentials, with reference and solvent.

    Returns
    -------
    str
        An ``<svg>`` element; the same data give the same text.
    """
    known, chosen = merged.histogram[role], merged.chosen[role]
    limit = {P: rule.window.high, N: rule.window.low}[role]
    wanted = _wanted(rule, role)
    low, high = _reach(known, EDGES, (limit.volts, *wanted))

    with style.context(STYLE):
        figure = Figure(figsize=SIZE, layout="constrained")
        axis = figure.subplots()
        axis.stairs(known, EDGES, fill=True, color=BLUE, label=f"library ({known.sum():,})")
        axis.stairs(chosen, EDGES, fill=True, color=GREEN, label=f"candidates ({chosen.sum():,})")
        axis.axvline(limit.volts, color=RED, lw=1.6, label=f"window: {_stated(limit)}")
        if limit.uncertainty:
            ends = limit.volts - limit.uncertainty, limit.volts + limit.uncertainty
            axis.axvspan(*ends, color=RED, alpha=0.12, lw=0)
        for volts in wanted:
            axis.axvline(volts, color=GREY, lw=1.2, ls=":", label=f"of interest: {volts:.2f} V")
        axis.set_xlabel(f"{POTENTIALS[role]}  /  {unit}", parse_math=False)
        axis.set_ylabel("molecules")
        axis.set_xlim(low, high)
        axis.spines[["top", "right"]].set_visible(False)
        figure.legend(loc="outside lower center", ncols=2, frameon=False, fontsize=9)
        return _svg(figure)


def draw_list(table: pd.DataFrame, measured: Known, aim: Aim, role: str, unit: str) -> str:
    """Draw potential against capacity of what is listed, beside materials that were measured.

    Parameters
    ----------
    table : pandas.DataFrame
        Candidates in one role, as `ranked` returns them.
    measured : Known
        Molecules whose potential in that role was measured; shown are those whose ion was seen to
        last, or by the rules does.
    aim : Aim
        What is looked for.
    role, unit : str
        As in `draw_map`.

    Returns
    -------
    str
        An ``<svg>`` element; the same data give the same text.
    """
    rule = aim.rule
    with style.context(STYLE):
        figure = Figure(figsize=SIZE, layout="constrained")
        axis = figure.subplots()
        for tier, color in TIERS.items():
            some = table[table["tier"] == tier]
            if some.empty:
                continue
            axis.scatter(
                some[POTENTIALS[role]], some["capacity_mAh_g"], s=14, color=color, alpha=0.6, lw=0,
                label=f"{tier} ({len(some):,})",
            )  # fmt: skip
        mass = np.array(
            [rdMolDescriptors._CalcMolWt(Chem.MolFromSmiles(one)) for one in measured.smiles]
        )
        volts, capacity = measured.volts, FARADAY_MAH * measured.electrons(aim.rule.window) / mass
        low, high = rule.window.low.volts, rule.window.high.volts
        lasting = measured.returned | [
            verdict(Chem.MolFromSmiles(one), SIDES[role]).tier == FINE for one in measured.smiles
        ]
        there = np.flatnonzero(lasting & (volts >= low) & (volts <= high))
        axis.scatter(
            volts[there], capacity[there], s=26, facecolors="none", edgecolors=GREY, lw=0.9,
            label=f"measured ({len(there):,})",
        )  # fmt: skip
        axis.set_xlabel(f"{POTENTIALS[role]}  /  {unit}", parse_math=False)
        axis.set_ylabel("capacity  /  mAh g⁻¹")
        axis.spines[["top", "right"]].set_visible(False)
        figure.legend(loc="outside lower center", ncols=3, frameon=False, fontsize=9)
        named = _apart(volts[there] / (high - low), np.log(capacity[there]), NAMED)
        for place in there[named]:
            axis.annotate(
                _short(measured.names[place]), (volts[place], capacity[place]), fontsize=7.5,
                color=INK, xytext=(4, 3), textcoords="offset points", parse_math=False,
            )  # fmt: skip
        return _svg(figure)


def _apart(x: np.ndarray, y: np.ndarray, n: int) -> list[int]:
    """Return the places of up to n points, the highest first, each as far from them as can be."""
    if not len(x):
        return []
    points = np.column_stack([x, y])
    chosen = [int(y.argmax())]
    distance = np.linalg.norm(points - points[chosen[0]], axis=1)
    while len(chosen) < min(n, len(x)) and distance.max() > 0:
        chosen.append(int(distance.argmax()))
        distance = np.minimum(distance, np.linalg.norm(points - points[chosen[-1]], axis=1))
    return chosen


def _short(name: str) -> str:
    return name if len(name) <= LONGEST else name[: LONGEST - 1] + "…"


def draw_plane(merged: Merged, rule: Rule, unit: str) -> str:
    """Draw how many molecules lie where in the plane of both potentials, as SVG; see `draw_map`."""
    low, high = rule.window.low.volts, rule.window.high.volts
    with style.context(STYLE):
        figure = Figure(figsize=SIZE, layout="constrained")
        axis = figure.subplots()
        counts = np.ma.masked_equal(merged.plane.T, 0)
        left, right = _reach(merged.plane.sum(axis=1), COARSE, (high, *_wanted(rule, P)))
        bottom, top = _reach(merged.plane.sum(axis=0), COARSE, (low, *_wanted(rule, N)))
        x, y = (slice(*np.searchsorted(COARSE, ends)) for ends in ((left, right), (bottom, top)))
        if counts.count():
            image = axis.pcolormesh(
                COARSE[x.start : x.stop + 1], COARSE[y.start : y.stop + 1], counts[y, x],
                norm="log", cmap="viridis", rasterized=True,
            )  # fmt: skip
            figure.colorbar(image, ax=axis, label="molecules")
        axis.axvline(high, color=RED, lw=1.6)
        axis.axhline(low, color=RED, lw=1.6, label="window")
        for volts in _wanted(rule, P):
            axis.axvline(volts, color=GREY, lw=1.2, ls=":", label="of interest")
        for volts in _wanted(rule, N):
            axis.axhline(volts, color=GREY, lw=1.2, ls=":", label="of interest")
        axis.set_xlim(left, right)
        axis.set_ylim(bottom, top)
        axis.set_xlabel(f"E_ox  /  {unit}", parse_math=False)
        axis.set_ylabel(f"E_red  /  {unit}", parse_math=False)
        handles, labels = axis.get_legend_handles_labels()
        named = dict(zip(labels, handles, strict=True))
        figure.legend(
            named.values(), named.keys(), loc="outside lower center", ncols=2, frameon=False,
            fontsize=9,
        )  # fmt: skip
        return _svg(figure)


def _wanted(rule: Rule, role: str) -> list[float]:
    """Return the finite ends of what is of interest in a role, V."""
    if role not in rule.tasks:
        return []
    task = rule.tasks[role]
    return [volts for volts in (task.low, task.high) if np.isfinite(volts)]


def _stated(limit: Limit) -> str:
    uncertain = f" ± {limit.uncertainty:.2f}" if limit.uncertainty else ""
    return f"{limit.volts:.2f}{uncertain} V"


def _reach(counts: np.ndarray, edges: np.ndarray, marks: tuple[float, ...]) -> tuple[float, float]:
    """Return what an axis has to show: nearly all molecules, and every mark."""
    ends = list(marks)
    total = counts.sum()
    if total:
        share = np.cumsum(counts) / total
        inside = np.flatnonzero((share > 0.002) & (share - counts / total < 0.998))
        ends += [float(edges[inside[0]]), float(edges[inside[-1] + 1])]
    return min(ends) - 0.2, max(ends) + 0.2


def _svg(figure: Figure) -> str:
    stream = io.StringIO()
    figure.savefig(stream, format="svg", metadata={"Date": None, "Creator": None}, dpi=110)
    text = stream.getvalue()
    return text[text.index("<svg") :]
