"""A comparison with a measured molecule as a short table for the page."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from organode.compare import compare
from organode.electrochemistry.scale.potential import POTENTIALS
from organode.models.model import Model
from organode.plot.potentials import WORD
from organode.settings import Screen


def compared(
    model: Model,
    names: Sequence[str],
    smiles: Sequence[str],
    reference: str,
    cell: Screen,
    level: float,
) -> pd.DataFrame:
    """Compare n molecules with a reference, and return a row for each of their waves.

    Parameters
    ----------
    model : Model
        The model that answers.
    names, smiles : sequence of str
        n names and n structures, all readable.
    reference : str
        The molecule to compare with: a name or an abbreviation in the table of measured potentials,
        or a structure.
    cell : Screen
        Settings with the reference electrode and the solvent.
    level : float
        Level of the intervals, 0 to 1.

    Returns
    -------
    pandas.DataFrame
        `molecule`, `wave`, `reference`, `difference / V` with its `interval`, `measured +
        difference / V` (missing where the reference was not measured), and `fragments`: the share
        of each in the difference, V.

    Raises
    ------
    UsageError
        If the reference cannot be read.
    """
    table = compare(
        model.energies, smiles, reference,
        level=level, electrode=cell.reference, solvent=cell.solvent,
    )  # fmt: skip
    rows = []
    for name, row in zip(names, table.to_dict("records"), strict=True):
        for energy in reversed(model.energies):
            wave = POTENTIALS[energy.target]
            low, high = row[f"{wave}_difference_lower"], row[f"{wave}_difference_upper"]
            fragments = [
                f"{each['fragment']} {each['volts']:+.2f}"
                for each in row[f"{wave}_contributions"]
                if abs(each["volts"]) >= 0.005
            ]
            rows.append({
                "molecule": name,
                "wave": WORD[energy.target],
                "reference": row["reference"],
                "difference / V": round(row[f"{wave}_difference"], 2),
                "interval": f"{low:+.2f} to {high:+.2f}",
                "measured + difference / V": round(row[f"{wave}_anchored"], 2),
                "fragments": ", ".join(fragments),
            })  # fmt: skip
    return pd.DataFrame(rows)
