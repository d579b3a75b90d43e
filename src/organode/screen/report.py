"""The report: one HTML file that opens offline, made to be read by a chemist."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
from markupsafe import Markup

from organode import html
from organode.electrochemistry import SOLVENTS
from organode.register import Loaded
from organode.screen.decide import Rule
from organode.screen.maps import draw_map

ELECTRODES = ("positive", "negative")


def render(
    table: pd.DataFrame,
    rule: Rule,
    models: Sequence[Loaded],
    summary: dict[str, Any],
    top: int,
) -> str:
    """Return the report's HTML; every text from the input is escaped.

    Parameters
    ----------
    table : pandas.DataFrame
        What `decide` returned, with `id` and `smiles` as given.
    rule : Rule
        How it was decided.
    models : sequence of Loaded
        The models that predicted.
    summary : dict
        What `summary.json` holds.
    top : int
        How many candidates of each electrode are drawn.
    """
    sections = []
    for electrode in ELECTRODES:
        chosen = table[table[electrode]].sort_values(f"rank_{electrode}")
        cards = [_card(row, rule, electrode) for row in chosen.head(top).to_dict("records")]
        map_ = Markup(draw_map(table, rule, electrode))  # our own drawing, numbers only
        sections.append({"electrode": electrode, "map": map_, "cards": cards, "n": len(chosen)})
    return html.render(
        "organode.screen",
        sections=sections,
        rule=rule,
        models=models,
        summary=summary,
        solvent=SOLVENTS[summary["solvent"]],
    )


def _card(row: Mapping[Any, Any], rule: Rule, electrode: str) -> dict[str, Any]:
    positive = electrode == "positive"
    margin = rule.margin_ox if positive else rule.margin_red
    return {
        "rank": row[f"rank_{electrode}"],
        "row": row["row"],
        "id": row["id"],
        "smiles": row["smiles"],
        "picture": html.draw(row["smiles"]),
        "volts": row["E_ox" if positive else "E_red"],
        "margin": margin,
        "IE": row["IE"],
        "EA": row["EA"],
    }
