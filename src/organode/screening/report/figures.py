"""Figures of a screening's report: histograms of redox potentials, capacity of candidates."""

from __future__ import annotations

import io
from collections.abc import Sequence

import numpy as np
from matplotlib import style
from matplotlib.figure import Figure  # no pyplot: nothing global, no display
from matplotlib.text import Text
from matplotlib.transforms import Bbox
from rdkit import Chem
from rdkit.Chem import rdMolDescriptors

from organode.chem.features import Molecules
from organode.electrochemistry import Limit
from organode.electrochemistry.cells import ROLES, N, P
from organode.electrochemistry.stability import CAUTION, FATAL, FINE
from organode.electrochemistry.stability.inputs import ComputedInputs
from organode.screening.columns import FIRST_WAVE
from organode.screening.criteria.criteria import Criteria
from organode.screening.criteria.properties import FARADAY_MAH
from organode.screening.criteria.stability import FORM
from organode.screening.result import ScreenResult
from organode.screening.shortlist.counts import COARSE_EDGES, EDGES

BLUE, GREEN, RED, GREY = "#8fb3cf", "#2f855a", "#c05621", "#6b7280"
INK = "#1c2530"
TIERS = {FINE: GREEN, CAUTION: "#d69e2e", FATAL: RED}
SIZE = (6.0, 3.9)  # inches; the text can be read on a phone's screen
MOST_NAMES, LONGEST_NAME = 9, 28  # names of measured molecules in a figure; letters of a name
# Matplotlib's default, whatever another library has set. A fixed salt, since SVG identifiers are
# random otherwise.
STYLE = ["default", {"svg.hashsalt": "organode", "svg.fonttype": "none", "font.size": 10}]


def draw_histogram(result: ScreenResult, role: str, unit: str) -> str:
    """Draw the distribution of potentials in the library and among the candidates, as SVG.

    Parameters
    ----------
    result : ScreenResult
        Result of a screening: histograms of the library and of its candidates, and the limits of
        the potential, which the figure marks.
    role : str
        ``p`` for oxidation potentials, ``n`` for reduction potentials.
    unit : str
        Unit of the potentials, such as ``V vs Li/Li⁺ in acetonitrile``.

    Returns
    -------
    str
        An ``<svg>`` element; the same data give the same text.
    """
    criteria = result.criteria
    library = result.counts.library_histogram[role]
    candidates = result.counts.candidate_histogram[role]
    limit = {P: criteria.window.high, N: criteria.window.low}[role]
    task_limits = _task_limits(criteria, role)
    low, high = _axis_range(library, EDGES, (limit.volts, *task_limits))

    with style.context(STYLE):
        figure = Figure(figsize=SIZE, layout="constrained")
        axis = figure.subplots()
        for counts, color, name in (
            (library, BLUE, "library"),
            (candidates, GREEN, "candidates"),
        ):
            label = f"{name} ({counts.sum():,})"
            axis.stairs(counts, EDGES, fill=True, color=color, label=label)
        axis.axvline(limit.volts, color=RED, lw=1.6, label=f"window: {_limit_text(limit)}")
        if limit.uncertainty:
            ends = limit.volts - limit.uncertainty, limit.volts + limit.uncertainty
            axis.axvspan(*ends, color=RED, alpha=0.12, lw=0)
        for volts in task_limits:
            axis.axvline(volts, color=GREY, lw=1.2, ls=":", label=f"of interest: {volts:.2f} V")
        axis.set_xlabel(f"{FIRST_WAVE[role]}  /  {unit}", parse_math=False)
        axis.set_ylabel("molecules")
        axis.set_xlim(low, high)
        axis.spines[["top", "right"]].set_visible(False)
        figure.legend(loc="outside lower center", ncols=2, frameon=False, fontsize=9)
        return _svg(figure)


def draw_candidates(result: ScreenResult, role: str, unit: str) -> str:
    """Draw capacity against potential, for candidates in a role and measured molecules, as SVG.

    A measured molecule is shown if its potential is inside the cell's stability window, and its ion
    was observed to be stable (the wave was reversible) or is stable by the rules.

    Parameters
    ----------
    result : ScreenResult
        Result of a screening: candidates, measured molecules and the window.
    role : str
        ``p`` for oxidation potentials, ``n`` for reduction potentials.
    unit : str
        Unit of the potentials, such as ``V vs Li/Li⁺ in acetonitrile``.

    Returns
    -------
    str
        An ``<svg>`` element; the same data give the same text.
    """
    candidates, measured = result.candidates[role], result.measured[role]
    with style.context(STYLE):
        figure = Figure(figsize=SIZE, layout="constrained")
        axis = figure.subplots()
        for tier, color in TIERS.items():
            of_tier = candidates[candidates["tier"] == tier]
            if of_tier.empty:
                continue
            points = of_tier[FIRST_WAVE[role]], of_tier["capacity_mAh_g"]
            label = f"{tier} ({len(of_tier):,})"
            axis.scatter(*points, s=14, color=color, alpha=0.6, lw=0, label=label)
        molecules = [Chem.MolFromSmiles(smiles) for smiles in measured.smiles]
        mass = np.array([rdMolDescriptors._CalcMolWt(molecule) for molecule in molecules])
        electrons = measured.electrons(result.criteria.window)
        volts, capacity = measured.volts, FARADAY_MAH * electrons / mass
        low, high = result.criteria.window_ends
        verdicts = ComputedInputs(Molecules(molecules)).verdicts(FORM[role])
        stable = measured.reversible | [verdict.tier == FINE for verdict in verdicts]
        shown = np.flatnonzero(stable & (volts >= low) & (volts <= high))
        axis.scatter(
            volts[shown],
            capacity[shown],
            s=26,
            facecolors="none",
            edgecolors=GREY,
            lw=0.9,
            label=f"measured ({len(shown):,})",
        )
        axis.set_xlabel(f"{FIRST_WAVE[role]}  /  {unit}", parse_math=False)
        axis.set_ylabel("capacity  /  mAh g⁻¹")
        axis.spines[["top", "right"]].set_visible(False)
        figure.legend(loc="outside lower center", ncols=3, frameon=False, fontsize=9)
        relative_volts, log_capacity = volts[shown] / (high - low), np.log(capacity[shown])
        names, middle = [], sum(axis.get_xlim()) / 2
        for place in shown[_far_apart(relative_volts, log_capacity, MOST_NAMES)]:
            is_left = volts[place] < middle  # the name goes towards the middle
            text = axis.annotate(
                _shortened(measured.names[place]),
                (volts[place], capacity[place]),
                fontsize=7.5,
                color=INK,
                xytext=(4 if is_left else -4, 3),
                ha="left" if is_left else "right",
                textcoords="offset points",
                parse_math=False,
            )
            names.append(text)
        _remove_overlapping(figure, names)
        return _svg(figure)


def _far_apart(x: np.ndarray, y: np.ndarray, n: int) -> list[int]:
    """Return the positions of up to n points that are far from each other.

    The first position is that of the point with the largest y. Each later one is that of the point
    farthest from all points chosen before.
    """
    if not len(x):
        return []
    points = np.column_stack([x, y])
    chosen = [int(y.argmax())]
    distance = np.linalg.norm(points - points[chosen[0]], axis=1)
    while len(chosen) < min(n, len(x)) and distance.max() > 0:
        chosen.append(int(distance.argmax()))
        distance = np.minimum(distance, np.linalg.norm(points - points[chosen[-1]], axis=1))
    return chosen


def _remove_overlapping(figure: Figure, texts: Sequence[Text]) -> None:
    """Remove from a figure each text that overlaps an earlier text in `texts` that was kept."""
    figure.draw_without_rendering()  # their extent is known only in the final layout
    kept: list[Bbox] = []
    for text in texts:
        extent = text.get_window_extent()
        if any(extent.overlaps(other) for other in kept):
            text.remove()
        else:
            kept.append(extent)


def _shortened(name: str) -> str:
    """Return a name of at most `LONGEST_NAME` letters, cut with an ellipsis if it is longer."""
    return name if len(name) <= LONGEST_NAME else name[: LONGEST_NAME - 1] + "…"


def draw_plane(result: ScreenResult, unit: str) -> str:
    """Draw the number of molecules of a library by E_ox and E_red, as a heat map in SVG.

    Parameters
    ----------
    result : ScreenResult
        Result of a screening: counts of molecules, and the limits, which the figure marks.
    unit : str
        Unit of the potentials, such as ``V vs Li/Li⁺ in acetonitrile``.

    Returns
    -------
    str
        An ``<svg>`` element.
    """
    criteria, plane = result.criteria, result.counts.plane
    low, high = criteria.window_ends
    limits = {role: _task_limits(criteria, role) for role in ROLES}
    with style.context(STYLE):
        figure = Figure(figsize=SIZE, layout="constrained")
        axis = figure.subplots()
        counts = np.ma.masked_equal(plane.T, 0)
        edges = COARSE_EDGES
        left, right = _axis_range(plane.sum(axis=1), edges, (high, *limits[P]))
        bottom, top = _axis_range(plane.sum(axis=0), edges, (low, *limits[N]))
        x, y = (slice(*np.searchsorted(edges, ends)) for ends in ((left, right), (bottom, top)))
        if counts.count():
            image = axis.pcolormesh(
                edges[x.start : x.stop + 1],
                edges[y.start : y.stop + 1],
                counts[y, x],
                norm="log",
                cmap="viridis",
                rasterized=True,
            )
            figure.colorbar(image, ax=axis, label="molecules")
        axis.axvline(high, color=RED, lw=1.6)
        axis.axhline(low, color=RED, lw=1.6, label="window")
        for volts in limits[P]:
            axis.axvline(volts, color=GREY, lw=1.2, ls=":", label="of interest")
        for volts in limits[N]:
            axis.axhline(volts, color=GREY, lw=1.2, ls=":", label="of interest")
        axis.set_xlim(left, right)
        axis.set_ylim(bottom, top)
        axis.set_xlabel(f"E_ox  /  {unit}", parse_math=False)
        axis.set_ylabel(f"E_red  /  {unit}", parse_math=False)
        handles, labels = axis.get_legend_handles_labels()
        by_label = dict(zip(labels, handles, strict=True))
        figure.legend(
            by_label.values(),
            by_label.keys(),
            loc="outside lower center",
            ncols=2,
            frameon=False,
            fontsize=9,
        )
        return _svg(figure)


def _task_limits(criteria: Criteria, role: str) -> list[float]:
    """Return the lower and upper end of the range of potentials that suits a role, V.

    `role` is ``p`` (molecules that give off electrons) or ``n`` (molecules that take up electrons).
    An end without a limit is left out. The list is empty if the cell does not use the role.
    """
    if role not in criteria.tasks:
        return []
    task = criteria.tasks[role]
    return [volts for volts in (task.low, task.high) if np.isfinite(volts)]


def _limit_text(limit: Limit) -> str:
    """Return a limit of the window and its uncertainty as text, such as ``4.70 ± 0.10 V``."""
    uncertain = f" ± {limit.uncertainty:.2f}" if limit.uncertainty else ""
    return f"{limit.volts:.2f}{uncertain} V"


def _axis_range(
    counts: np.ndarray, edges: np.ndarray, marks: tuple[float, ...]
) -> tuple[float, float]:
    """Return the lower and upper end of an axis that shows nearly all molecules and all marks, V.

    Parameters
    ----------
    counts : numpy.ndarray
        Number of molecules in each bin of a histogram.
    edges : numpy.ndarray
        Edges of these bins, V.
    marks : tuple of float
        Potentials that have to be on the axis, such as limits, V.
    """
    ends = list(marks)
    total = counts.sum()
    if total:
        share = np.cumsum(counts) / total
        inside = np.flatnonzero((share > 0.002) & (share - counts / total < 0.998))
        ends += [float(edges[inside[0]]), float(edges[inside[-1] + 1])]
    return min(ends) - 0.2, max(ends) + 0.2


def _svg(figure: Figure) -> str:
    """Return a figure as an ``<svg>`` element, without XML declaration, date or creator."""
    stream = io.StringIO()
    figure.savefig(stream, format="svg", metadata={"Date": None, "Creator": None}, dpi=110)
    text = stream.getvalue()
    return text[text.index("<svg") :]
