"""Draw predicted against measured potentials of molecules, with intervals."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib import style
from matplotlib.figure import Figure

from organode.chem import structure
from organode.chem.molecule import flat_smiles
from organode.electrochemistry.scale.potential import POTENTIALS
from organode.errors import UsageError
from organode.models.metrics import is_covered
from organode.models.model import Model
from organode.plot.potentials import STYLE, ShownFigure, unit_of
from organode.settings import Screen
from organode.utils.report.figures import BLUE, GREY, ORANGE

SIZE = (4.6, 4.9)  # inches
BESIDE = 0.15  # V that are shown beyond the lowest and the highest value


def draw_parity(
    model: Model, table: pd.DataFrame, potential: str, cell: Screen, *, level: float
) -> Figure:
    """Draw what `organode.plot.parity` describes.

    Parameters
    ----------
    model : Model
        The model that predicted.
    table : pandas.DataFrame
        n rows with the columns of `Model.predict`, and `label`, the measured potential in V.
    potential : str
        ``E_ox`` or ``E_red``.
    cell : Screen
        Settings with the reference electrode and the solvent.
    level : float
        Level of the intervals in the table, 0 to 1.

    Raises
    ------
    UsageError
        If the model does not predict this potential, or no row has both potentials.
    """
    energies = [each for each in model.energies if POTENTIALS[each.target] == potential]
    if not energies:
        raise UsageError(f"the model does not predict {potential}: load one that does")
    table = table.assign(label=pd.to_numeric(table["label"]))
    table = table.rename(columns={f"{potential}_lower": "lower", f"{potential}_upper": "upper"})
    good = table[table[potential].notna() & np.isfinite(table["label"])]
    if good.empty:
        raise UsageError("no row has a readable structure and a measured potential")
    fitted = set(energies[0].scale.rows["smiles"])
    is_fitted = good["smiles"].map(lambda text: flat_smiles(structure(text)[0]) in fitted)
    with style.context(STYLE):
        figure = ShownFigure(figsize=SIZE, layout="constrained")
        drawing = figure.subplots()
        values = good[["label", potential]].to_numpy(float)
        ends = [values.min() - BESIDE, values.max() + BESIDE]
        drawing.plot(ends, ends, color=GREY, lw=1, zorder=0)
        _draw(drawing, good[~is_fitted], potential, "new to the model")
        _draw(drawing, good[is_fitted], potential, "the model was fitted to it", open_marks=True)
        new = good if is_fitted.all() else good[~is_fitted]
        drawing.text(
            0.04, 0.96, _summary(new, potential, level, fitted=bool(is_fitted.all())),
            transform=drawing.transAxes, va="top", fontsize=9,
        )  # fmt: skip
        drawing.set(xlim=ends, ylim=ends, aspect="equal")
        drawing.locator_params(nbins=6)
        unit = unit_of(cell)
        drawing.set_xlabel(f"measured {potential}  /  {unit}", parse_math=False)
        drawing.set_ylabel(f"predicted {potential}  /  {unit}", parse_math=False)
        drawing.spines[["top", "right"]].set_visible(False)
        figure.legend(loc="outside lower center", ncols=2, frameon=False, fontsize=9)
        return figure


def _draw(
    drawing: Any, rows: pd.DataFrame, potential: str, label: str, *, open_marks: bool = False
) -> None:
    """Draw points with error bars; those whose interval misses the measured value in orange."""
    for covered, colour in ((True, BLUE), (False, ORANGE)):
        chosen = rows[is_covered(rows) == covered]
        # Not offsets from the prediction: an interval of a low level may lie beside it.
        drawing.vlines(
            chosen["label"], chosen["lower"], chosen["upper"], color=colour, alpha=0.4, lw=1
        )
        drawing.plot(
            chosen["label"], chosen[potential], "o", ms=5, color=colour,
            mfc="white" if open_marks else colour,
            label=f"{label} ({len(rows):,})" if covered and len(rows) else None,
        )  # fmt: skip


def _summary(rows: pd.DataFrame, potential: str, level: float, *, fitted: bool) -> str:
    """Return the errors of some rows as text; `fitted` if the model was fitted to all of them."""
    error = (rows[potential] - rows["label"]).abs().mean()
    whose = "fitted to, so no test" if fitted else "new to the model"
    return (
        f"n = {len(rows):,}, {whose}\nMAE {error:.2f} V\n"
        f"{is_covered(rows).mean():.0%} inside the {level:.0%} intervals"
    )
