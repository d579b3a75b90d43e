"""The report: one HTML file that opens offline, made to be read by a chemist."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from rdkit import Chem
from rdkit.Chem import rdDepictor
from rdkit.Chem.Draw import rdMolDraw2D

from organode import __version__
from organode.register import Loaded
from organode.screen.cell import SOLVENTS
from organode.screen.decide import Rule
from organode.screen.maps import draw_map

PICTURE = (220, 150)  # pixels
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
    environment = Environment(
        loader=PackageLoader("organode.screen", "."), autoescape=True, undefined=StrictUndefined
    )
    sections = []
    for electrode in ELECTRODES:
        chosen = table[table[electrode]].sort_values(f"rank_{electrode}")
        cards = [_card(row, rule, electrode) for row in chosen.head(top).to_dict("records")]
        map_ = Markup(draw_map(table, rule, electrode))  # our own drawing, numbers only
        sections.append({"electrode": electrode, "map": map_, "cards": cards, "n": len(chosen)})
    return environment.get_template("report.html.j2").render(
        version=__version__,
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
        "picture": Markup(draw(row["smiles"])),
        "volts": row["E_ox" if positive else "E_red"],
        "margin": margin,
        "IE": row["IE"],
        "EA": row["EA"],
    }


def draw(smiles: str) -> str:
    """Return a molecule's structure as an ``<svg>`` element; holds no text from the input."""
    molecule = Chem.MolFromSmiles(smiles)
    rdDepictor.Compute2DCoords(molecule)
    drawer = rdMolDraw2D.MolDraw2DSVG(*PICTURE)
    options: Any = drawer.drawOptions()  # RDKit's type hints lack its settable fields
    options.clearBackground = False
    options.padding = 0.06
    rdMolDraw2D.PrepareAndDrawMolecule(drawer, molecule)
    drawer.FinishDrawing()
    text = drawer.GetDrawingText()
    return str(text[text.index("<svg") :])
