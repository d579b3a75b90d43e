"""Show each predicted molecule as an HTML card: structure, potentials and stability."""

from __future__ import annotations

import json
from base64 import b64encode
from typing import Any

import pandas as pd
from jinja2 import Environment, PackageLoader

from organode.api.predict import EXPLANATION, explanations
from organode.chem.drawing import draw
from organode.compare.drawing import coloured
from organode.electrochemistry.scale.potential import POTENTIALS
from organode.electrochemistry.stability.chance import SIDES
from organode.models.model import Model
from organode.models.predictor import FORM
from organode.plot.potentials import WORD, nearest_measured
from organode.settings import Screen

NEAREST = 2  # measured molecules on a card


def cards(
    model: Model, table: pd.DataFrame, cell: Screen, level: float, colour_by: str = ""
) -> str:
    """Return HTML with a card for each of n predicted molecules.

    A card shows the structure, the potentials, the stability of the ions, and the most similar
    molecules whose potentials were measured. All texts are escaped.

    Parameters
    ----------
    model : Model
        The model that made the predictions.
    table : pandas.DataFrame
        n rows with `name` and the columns of `Model.predict`.
    cell : Screen
        Settings with the reference electrode and the solvent of the potentials.
    level : float
        Share of values that are to lie inside the prediction intervals, 0 to 1.
    colour_by : str
        Each group of a molecule is coloured by its share in the first reduction potential
        (``EA``) or in the first oxidation potential (``IE``). If empty, the structures are drawn
        without colours and with stereo.
    """
    added = explanations(model, table, cell)
    rows = [
        _card(model, row, why, cell, colour_by)
        for row, why in zip(table.to_dict("records"), added.to_dict("records"), strict=True)
    ]
    environment = Environment(
        loader=PackageLoader("organode.app"), autoescape=True, trim_blocks=True, lstrip_blocks=True
    )
    template = environment.get_template("cards.html.j2")
    return template.render(cards=rows, level=100 * level, reference=cell.reference)


def _card(
    model: Model, row: dict[Any, Any], why_of: dict[Any, Any], cell: Screen, colour_by: str
) -> dict[str, Any]:
    card = {"name": row["name"], "smiles": row["smiles"], "note": row["note"], "problem": ""}
    if row["status"] != "ok":
        return card | {"problem": row["status"]}
    waves = []
    for energy in reversed(model.energies):  # reductions first
        name = POTENTIALS[energy.target]
        stable = SIDES[FORM[energy.target]]
        wave = {
            "word": WORD[energy.target],
            "form": FORM[energy.target],
            "volts": row[name],
            "low": row[f"{name}_lower"],
            "high": row[f"{name}_upper"],
            "remark": row[f"{name}_remark"] or row[f"{energy.target}_remark"],
            "stable": None,
        }
        if model.stability is not None:
            wave |= {"stable": 100 * row[stable[0]], "reason": row[stable[1]]}
        why = json.loads(why_of[f"{name}{EXPLANATION}"])
        groups = [f"{each['volts']:+.2f} {each['fragment']}" for each in why["groups"]]
        if groups:
            wave["why"] = " ".join([f"{why['volts']:.2f} {why['core']}", *groups])
        waves.append(wave)
    relatives = nearest_measured(model, row["smiles"], cell, NEAREST)
    measured = [
        {
            "name": each.name,
            "waves": [
                f"{WORD[target]} {volts:.2f} V" for target, volts in sorted(each.volts.items())
            ],
        }
        for each in relatives
    ]
    # As a picture: Streamlit removes drawings from HTML.
    why = why_of.get(f"{POTENTIALS[colour_by]}{EXPLANATION}") if colour_by else None
    svg = coloured(json.loads(why)) if why else str(draw(row["smiles"]))
    drawing = b64encode(svg.encode()).decode()
    return card | {"drawing": drawing, "waves": waves, "measured": measured}
