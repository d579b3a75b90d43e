"""Explain potentials by what the core and each group of a molecule add, as a table."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from organode.chem import MoleculeError
from organode.compare.explanation import explain
from organode.electrochemistry.scale.potential import POTENTIALS
from organode.models.model import Model

CORE = "core"


def explained(model: Model, smiles: Sequence[str], reference: str, solvent: str) -> pd.DataFrame:
    """Return what the core and each group of n molecules add to their potentials, as a table.

    For each molecule and each of its potentials (``E_ox``, ``E_red``), the table has a row for the
    core and a row for each group. A molecule that cannot be read has a single row, with the
    reason in `status`. All columns and parameters are described at `organode.explain`, which calls
    this function.
    """
    rows = []
    for number, text in enumerate(smiles):
        try:
            (explanation,) = explain(model.energies, [text])
        except MoleculeError as reason:
            rows.append((number, text, str(reason), "", "", "", float("nan"), ""))
            continue
        for place, energy in enumerate(model.energies):
            zero, _ = energy.zero(reference, solvent)
            of_wave = (number, text, "ok", POTENTIALS[energy.target])
            volts = float(explanation.volts[place]) + zero
            rows.append((*of_wave, CORE, explanation.core, volts, explanation.remark))
            for part in explanation.parts:
                rows.append((*of_wave, "group", part.fragment, float(part.volts[place]), ""))
    columns = ["row", "smiles", "status", "potential", "part", "fragment", "volts", "remark"]
    return pd.DataFrame(rows, columns=columns)
