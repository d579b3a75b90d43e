"""Draw a map of the candidates of a screening: theoretical capacity against potential."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd
from matplotlib import style
from matplotlib.figure import Figure

from organode.errors import UsageError
from organode.plot.potentials import STYLE, ShownFigure, unit_of
from organode.screening.columns import FIRST_WAVE
from organode.settings import Screen
from organode.utils.report.figures import BLUE, GREY, ORANGE

SIZE = (6.4, 4.6)  # inches
COLOUR = {"p": ORANGE, "n": BLUE}
BOTH = "np"
NEEDED = (
    "id", "role", "rank", "capacity_mAh_g",
    *(f"{wave}{end}" for wave in FIRST_WAVE.values() for end in ("", "_lower", "_upper")),
)  # fmt: skip
TABLE, SUMMARY = "candidates.csv", "summary.json"


def draw_map(folder: Path, *, top: int, names: Sequence[str]) -> Figure:
    """Draw what `organode.plot.map` describes.

    Parameters
    ----------
    folder : Path
        Folder that `organode screen` wrote.
    top : int
        Number of candidates in each role, the best first, that are drawn in full colour and
        numbered by rank.
    names : sequence of str
        Identifiers (column `id`) of candidates that are labelled by them.

    Raises
    ------
    UsageError
        If the folder does not hold the result of a screening, there is no candidate, or a name is
        no candidate's.
    """
    table, cell = _read(folder)
    unknown = sorted(set(names) - set(table["id"]))
    if unknown:
        raise UsageError(f"no candidate in {folder} has the id '{unknown[0]}'")
    if table.empty:
        raise UsageError(f"the screening in {folder} has no candidates to draw")
    with style.context(STYLE):
        figure = ShownFigure(figsize=SIZE, layout="constrained")
        drawing = figure.subplots()
        for role, of_role in table.groupby("role", sort=False):
            _draw_role(drawing, str(role), of_role, top)
        for each in table[table["id"].isin([*names])].to_dict("records"):
            point = each[FIRST_WAVE[each["role"]]], each["capacity_mAh_g"]
            _label(drawing, str(each["id"]), point)
        drawing.set_xlabel(f"E  /  {unit_of(cell)}", parse_math=False)
        drawing.set_ylabel("theoretical capacity  /  mAh g⁻¹")
        drawing.spines[["top", "right"]].set_visible(False)
        figure.legend(loc="outside lower center", ncols=2, frameon=False, fontsize=9)
        return figure


def _read(folder: Path) -> tuple[pd.DataFrame, Screen]:
    """Return the candidates of a screening, and the settings of its potentials."""
    try:
        summary = json.loads((folder / SUMMARY).read_text(encoding="utf-8"))
        table = pd.read_csv(
            folder / TABLE, dtype={"id": str}, keep_default_na=False, na_values=[""]
        )
        cell = Screen.model_validate(summary["settings"])
        # In a symmetric cell each molecule fills both roles.
        both = [
            table.assign(role=table["role"].where(table["role"] != BOTH, role)) for role in COLOUR
        ]
        table = pd.concat(both).drop_duplicates(["role", "rank"])[[*NEEDED]]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UsageError(
            f"{folder} does not hold the result of a screening, as `organode screen` writes it: "
            f"{error}"
        ) from None
    return table, cell


def _draw_role(drawing: Any, role: str, rows: pd.DataFrame, top: int) -> None:
    """Draw the candidates in one role: the best with intervals and ranks, the others pale."""
    wave, colour = FIRST_WAVE[role], COLOUR[role]
    best = rows["rank"] <= top
    others, chosen = rows[~best], rows[best]
    label = f"{role}-type, {wave} ({len(rows):,})"
    drawing.plot(
        others[wave], others["capacity_mAh_g"], "o", ms=3, color=colour, alpha=0.25, mew=0,
        label=label if chosen.empty else None,
    )  # fmt: skip
    ends = chosen[f"{wave}_lower"], chosen[f"{wave}_upper"]
    drawing.hlines(chosen["capacity_mAh_g"], *ends, color=colour, lw=1)
    drawing.plot(
        chosen[wave], chosen["capacity_mAh_g"], "o", ms=5, color=colour,
        label=None if chosen.empty else label,
    )  # fmt: skip
    for each in chosen.to_dict("records"):
        _label(drawing, str(each["rank"]), (each[wave], each["capacity_mAh_g"]))


def _label(drawing: Any, text: str, point: tuple[float, float]) -> None:
    drawing.annotate(
        text, point, (4, 4), textcoords="offset points", fontsize=8, color=GREY, parse_math=False
    )
