"""Draw the ladder: redox potentials of molecules between the limits of an electrolyte."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from matplotlib import style
from matplotlib.axes import Axes
from matplotlib.figure import Figure  # no pyplot: nothing global, no display
from matplotlib.lines import Line2D

from organode.chem import structure
from organode.chem.features import Molecules
from organode.chem.similarity import tanimoto
from organode.electrochemistry import Window, against_fc, axis, window
from organode.electrochemistry.scale.potential import POTENTIALS
from organode.electrochemistry.stability.chance import SIDES
from organode.errors import UsageError
from organode.models.model import Model
from organode.models.predictor import FORM
from organode.screening.criteria.measured import MeasuredMolecules
from organode.settings import Screen
from organode.utils.report.figures import BLUE, GREY, ORANGE

STYLE = ["default", {"svg.hashsalt": "organode", "svg.fonttype": "none", "font.size": 10}]
COLOUR = {"EA": BLUE, "IE": ORANGE}
WORD = {"EA": "reduction", "IE": "oxidation"}
ROW = 0.42  # inches
LONGEST_NAME = 34  # characters; longer ones are cut
BEYOND = 0.35  # V that are shown outside the window


@dataclass(frozen=True)
class Measured:
    """A molecule whose redox potential was measured.

    Attributes
    ----------
    name : str
        Name of the molecule.
    volts : dict of float
        Measured first potentials, V vs a reference electrode: under ``EA`` that of the reduction,
        under ``IE`` that of the oxidation; a potential that was not measured is left out.
    """

    name: str
    volts: dict[str, float]


def draw_ladder(
    model: Model, table: pd.DataFrame, cell: Screen, *, level: float, known: int
) -> Figure:
    """Draw the figure that `organode.plot.ladder` describes, from a table of predictions.

    Parameters
    ----------
    model : Model
        The model that made the predictions.
    table : pandas.DataFrame
        n rows with `name` and the columns that `Model.predict` returns.
    cell : Screen
        Settings with the reference electrode, the solvent and the current collector.
    level : float
        Level of the prediction intervals in `table`, 0 to 1.
    known : int
        Number of measured molecules to show.

    Raises
    ------
    UsageError
        If no row has a prediction.
    """
    good = table[table["status"] == "ok"].reset_index(drop=True)
    if good.empty:
        raise UsageError(f"no structure can be read: {table['status'].iloc[0]}")
    beside = nearest_measured(model, good["smiles"][0], cell, known) if known else []
    limits = window(cell)
    with style.context(STYLE):
        height = ROW * (len(good) + len(beside)) + 1.5
        figure = ShownFigure(figsize=(6.4, height), layout="constrained")
        drawing = figure.subplots()
        _draw_window(drawing, limits)
        for row, molecule in enumerate(good.to_dict("records")):
            for energy in model.energies:
                _draw_predicted(drawing, row, energy.target, molecule)
        for row, each in enumerate(beside, len(good)):
            for target, volts in each.volts.items():
                drawing.plot(volts, row, "D", ms=5, color=COLOUR[target], mfc="white", mew=1.2)
        labels = [_cut(text) for text in good["name"].astype(str)]
        labels += [f"{_cut(each.name)}, measured" for each in beside]
        drawing.set_yticks(range(len(labels)), labels, parse_math=False)
        drawing.set_ylim(len(labels) - 0.4, -0.6)
        drawing.set_xlim(_range(limits, good, beside, model))
        drawing.set_xlabel(f"E  /  {unit_of(cell)}", parse_math=False)
        drawing.spines[["top", "right", "left"]].set_visible(False)
        drawing.tick_params(axis="y", length=0)
        figure.legend(
            handles=_legend(model, level, bool(beside)),
            loc="outside lower center", ncols=3, frameon=False, fontsize=9,
        )  # fmt: skip
        return figure


def unit_of(cell: Screen) -> str:
    """Return unit, electrode and solvent of potentials, such as ``V vs SCE in acetonitrile``.

    The potential of the electrode itself is left out, so that the text fits an axis.
    """
    return axis(cell).partition(" (")[0]


class ShownFigure(Figure):
    """A figure that a notebook shows without pyplot, as the picture that `as_svg` gives."""

    def _repr_svg_(self) -> str:
        return as_svg(self)


def as_svg(figure: Figure) -> str:
    """Return a figure as an ``<svg>`` element; equal figures give equal texts.

    Texts in the figure stay texts, rather than outlines of letters.
    """
    content = io.StringIO()
    with style.context(STYLE):
        figure.savefig(content, format="svg", metadata={"Date": None})
    text = content.getvalue()
    return text[text.index("<svg") :]


def nearest_measured(model: Model, smiles: str, cell: Screen, n: int) -> list[Measured]:
    """Return the n measured molecules that are most similar to a structure, the most similar first.

    Measured means that a first reduction or oxidation potential of the molecule was measured. The
    molecule of the structure itself may be among the results.

    Parameters
    ----------
    model : Model
        The model whose laboratory scale was fitted to the measured molecules.
    smiles : str
        The structure, which has to be a valid molecule.
    cell : Screen
        Settings with the reference electrode and the solvent. Potentials in the result are in V vs
        this electrode, but as measured, each in its own solvent: the potential of Fc/Fc⁺ is taken
        to be the same in all solvents.
    n : int
        Number of molecules.
    """
    bits = Molecules([structure(smiles)[0]]).bits
    zero = against_fc(cell.reference, cell.solvent).volts
    rows = []
    for energy in model.energies:
        measured = MeasuredMolecules.from_scale(energy.scale, zero)
        columns = {"smiles": measured.smiles, "name": measured.names, "volts": measured.volts}
        similarity = tanimoto(bits, measured.bits)[0]
        rows.append(pd.DataFrame(columns | {"target": energy.target, "similarity": similarity}))
    table = pd.concat(rows).sort_values("similarity", ascending=False, kind="stable")
    found = []
    for _, of_molecule in table.groupby("smiles", sort=False):
        means = of_molecule.groupby("target")["volts"].mean()
        volts = {str(target): float(value) for target, value in means.items()}
        found.append(Measured(str(of_molecule["name"].iloc[0]), volts))
        if len(found) == n:
            break
    return found


def _draw_window(drawing: Axes, limits: Window) -> None:
    low, high = limits.low, limits.high
    drawing.axvspan(low.volts, high.volts, color="#eef3f7", lw=0, zorder=0)
    for limit, side, above in ((low, "left", 15), (high, "right", 3)):
        drawing.axvline(limit.volts, color=GREY, lw=1.0, zorder=1)
        drawing.annotate(
            limit.what, (limit.volts, 1.0), (0, above), xycoords=("data", "axes fraction"),
            textcoords="offset points", ha=side, va="bottom", fontsize=8, color=GREY,
            parse_math=False,
        )  # fmt: skip


def _draw_predicted(drawing: Axes, row: int, target: str, molecule: Mapping[Any, Any]) -> None:
    name, colour = POTENTIALS[target], COLOUR[target]
    low, high = molecule[f"{name}_lower"], molecule[f"{name}_upper"]
    drawing.plot([low, high], [row, row], color=colour, lw=3.5, alpha=0.35, solid_capstyle="butt")
    stable = molecule.get(SIDES[FORM[target]][0], np.nan)
    face = "white" if stable < 0.5 else colour
    drawing.plot(molecule[name], row, "o", ms=7, color=colour, mfc=face, mew=1.5)


def _range(
    limits: Window, good: pd.DataFrame, beside: Sequence[Measured], model: Model
) -> tuple[float, float]:
    shown = [volts for each in beside for volts in each.volts.values()]
    for energy in model.energies:
        name = POTENTIALS[energy.target]
        shown += [*good[f"{name}_lower"], *good[f"{name}_upper"]]
    values = np.array([*shown, limits.low.volts, limits.high.volts], float)
    values = values[np.isfinite(values)]
    return float(values.min() - BEYOND), float(values.max() + BEYOND)


def _legend(model: Model, level: float, has_measured: bool) -> list[Line2D]:
    handles = [
        Line2D([], [], color=COLOUR[energy.target], marker="o", lw=3.5, alpha=0.7,
               label=f"{WORD[energy.target]}, {100 * level:g} % interval")
        for energy in reversed(model.energies)
    ]  # fmt: skip
    if model.stability is not None:
        handles.append(
            Line2D([], [], color=GREY, marker="o", mfc="white", lw=0, label="ion likely unstable")
        )
    if has_measured:
        handles.append(Line2D([], [], color=GREY, marker="D", mfc="white", lw=0, label="measured"))
    return handles


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST_NAME else f"{text[: LONGEST_NAME - 1]}…"
