"""Predictions as a text table for a terminal, and as JSON."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from organode.api.predict import EXPLANATION
from organode.electrochemistry import axis
from organode.electrochemistry.scale.potential import POTENTIALS
from organode.electrochemistry.stability.chance import SIDES
from organode.models.predictor import FORM, columns_of, potential_columns
from organode.settings import Screen
from organode.utils.growing import DECIMALS

WIDEST = 60  # characters of a structure or a name in a terminal


def as_json(table: pd.DataFrame) -> str:
    """Return a table of predictions as a JSON list of its rows; missing values are null."""
    rounded = table.copy(deep=False)
    for name, kind in table.dtypes.items():
        if kind == np.float64 and not isinstance(kind, pd.ArrowDtype):
            rounded[name] = table[name].round(DECIMALS)  # the user's own numbers keep their digits
    rows = rounded.astype(object).to_dict("records")
    shown = [{name: _plain(cell) for name, cell in row.items()} for row in rows]
    for name in (name for name in table.columns if name.endswith(EXPLANATION)):
        for row in shown:
            row[name] = json.loads(row[name]) if row[name] else None
    return json.dumps(shown, indent=2, allow_nan=False)


def _plain(cell: Any) -> Any:
    """Return a cell as a JSON value; None (null in JSON) if the cell is missing or infinite."""
    if pd.isna(cell) or (isinstance(cell, float) and not math.isfinite(cell)):
        return None
    return cell.item() if isinstance(cell, np.generic) else cell


def as_text(table: pd.DataFrame, targets: Sequence[str], level: float, cell: Screen) -> str:
    """Return predictions as a text table, followed by notes on its columns.

    If the table has explanations of the potentials, they follow too.

    Parameters
    ----------
    table : pandas.DataFrame
        One row for each molecule, as `organode.api.predict.predict_molecules` returns it.
    targets : sequence of str
        Targets in the table: ``IE``, ``EA`` or both.
    level : float
        Level of the error bars, such as 0.95.
    cell : Screen
        Settings with the reference electrode and the solvent of the potentials.
    """
    lines = pd.DataFrame({"SMILES": table["smiles"].map(clipped)})
    if (table["id"] != table["row"].astype(str)).any():
        lines.insert(0, "name", table["id"].map(clipped))
    for target in targets:
        volts, lower, upper, _ = potential_columns(POTENTIALS[target])
        lines[f"{volts} / V"] = table[volts].map("{:.2f}".format, na_action="ignore")
        lines[f"{level:.0%} of {volts}"] = ranges(table[lower], table[upper])
    notes = [f"E, predicted for a voltammogram: {axis(cell)}"]
    stable = [SIDES[FORM[target]][0] for target in targets]
    if table[stable].notna().any(axis=None):
        lines["stable"] = _side_by_side(table[stable])
        forms = " / ".join(FORM[target] for target in targets)
        notes.append(f"stable, the probability that the ion is: {forms}; reasons: --json or --out")
    for target in targets:
        value, lower, upper, inside, _ = columns_of(target)
        lines[f"{target} / eV"] = table[value].map("{:.2f}".format, na_action="ignore")
        lines[f"{level:.0%} of {target}"] = ranges(table[lower], table[upper])
        lines[f"{target} domain"] = table[inside].map({True: "in", False: "OUT"})
    lines["remark"] = [_remark(row, targets) for row in table.to_dict("records")]
    return "\n".join([*aligned(lines), *notes, *_explained(table, targets)])


def _explained(table: pd.DataFrame, targets: Sequence[str]) -> list[str]:
    """Return a line for each explained potential: that of the core, and what each group adds.

    The core is the molecule with H in place of every group. Potentials without an explanation in
    `table` get no line.
    """
    lines = []
    for row in table.to_dict("records"):
        for target in targets:
            name = POTENTIALS[target]
            if not (text := row.get(f"{name}{EXPLANATION}")):
                continue
            why = json.loads(text)
            sums = [f"{each['volts']:+.2f} {each['fragment']}" for each in why["groups"]]
            total = f"{clipped(row['smiles'])}: {name} {row[name]:.2f} V"
            remark = f" ({why['remark']})" if why["remark"] else ""
            lines.append(
                f"{total} = {' '.join([format(why['volts'], '.2f'), why['core'], *sums])}{remark}"
            )
    return lines


def aligned(table: pd.DataFrame) -> list[str]:
    """Return a table of texts as lines with aligned columns; the first line names the columns."""
    cells = [list(table.columns), *table.fillna("").to_numpy().tolist()]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    return [
        "  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip()
        for row in cells
    ]


def _side_by_side(probabilities: pd.DataFrame) -> list[str]:
    """Return for each row the known probabilities as a text, such as ``0.93 / 0.12``."""
    return [
        " / ".join(f"{probability:.2f}" for probability in row if pd.notna(probability))
        for row in probabilities.to_numpy().tolist()
    ]


def ranges(lower: pd.Series, upper: pd.Series) -> list[str]:
    """Return intervals as texts, such as ``3.10 to 3.52``; an empty text if a bound is missing."""
    return [
        f"{low:.2f} to {high:.2f}" if pd.notna(low) else ""
        for low, high in zip(lower, upper, strict=True)
    ]


def clipped(text: str) -> str:
    """Return a text as one line of at most `WIDEST` characters, cut with an ellipsis if longer."""
    line = " ".join(text.split())
    return line if len(line) <= WIDEST else line[: WIDEST - 1] + "…"


def _remark(row: Mapping[Any, Any], targets: Sequence[str]) -> str:
    """Return why a row has no prediction, or else how it was read and remarks on predictions."""
    if row["status"] != "ok":
        return str(row["status"])
    names = [columns_of(target) for target in targets]
    names += [potential_columns(POTENTIALS[target]) for target in targets]
    remarks = [(name, row[remark]) for name, *_, remark in names]
    of_predictions = [f"{name}: {remark}" for name, remark in remarks if remark]
    return "; ".join([row["note"], *of_predictions] if row["note"] else of_predictions)
